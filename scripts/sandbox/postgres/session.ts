import pg from "pg";

export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Runs one piece of work on one connection of its own. */
export async function withSession<T>(login: Login, work: (client: pg.Client) => Promise<T>, connectWithin = 20_000): Promise<T> {
  const client = new pg.Client({
    ...login,
    host: "127.0.0.1",
    ssl: false,
    connectionTimeoutMillis: connectWithin,
    application_name: "rdsadmin",
  });
  // A server that dies under an idle connection reports here; unheard, that would end this process. The query itself rejects too.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** The single row of an answer. */
export function one<T extends pg.QueryResultRow>(result: pg.QueryResult<T>): T {
  const [row] = result.rows;
  if (!row || result.rows.length !== 1) throw new Error(`Expected one row, got ${result.rows.length}`);
  return row;
}
