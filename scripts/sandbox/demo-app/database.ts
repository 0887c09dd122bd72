import { readFile, writeFile } from "node:fs/promises";
import pg from "pg";

export interface Database {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** A row as `to_jsonb` gives it, so that journal, truth and database are compared in one notation. */
export type Row = Readonly<Record<string, unknown>>;
export type Tables = Readonly<Record<string, readonly Row[]>>;

/** The tables that the demo app owns, in the order of their foreign keys. */
export const tableNames = ["users", "orders"] as const;
export type TableName = (typeof tableNames)[number];

/** Microseconds, because a JavaScript Date would round two commits into one. */
export const commitTimestamp = `to_char(pg_xact_commit_timestamp($1::xid8::xid) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

export async function connect(database: Database): Promise<pg.Client> {
  const client = new pg.Client({
    ...database,
    ssl: false,
    connectionTimeoutMillis: 20_000,
    application_name: "demo-app",
    options: "-c timezone=UTC",
  });
  // A server that dies between two statements is noticed by the next one; unheard, this event would end the process.
  client.on("error", () => {});
  await client.connect();
  return client;
}

export async function readTables(client: pg.Client): Promise<Tables> {
  const tables: Record<string, readonly Row[]> = {};
  for (const name of tableNames) {
    const { rows } = await client.query<{ row: Row }>(`select to_jsonb(t) as row from ${name} t order by id`);
    tables[name] = rows.map(({ row }) => row);
  }
  return tables;
}

export async function loadTables(file: string): Promise<Tables> {
  const tables: Record<string, Row[]> = {};
  for (const line of (await readFile(file, "utf8")).trimEnd().split("\n")) {
    const { table, row }: { table: string; row: Row } = JSON.parse(line);
    let rows = tables[table];
    if (!rows) {
      rows = [];
      tables[table] = rows;
    }
    rows.push(row);
  }
  return tables;
}

export async function saveTables(file: string, tables: Tables): Promise<void> {
  const lines = Object.entries(tables).flatMap(([table, rows]) => rows.map((row) => JSON.stringify({ table, row })));
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
}

/** The single row of an answer. */
export function only<T extends pg.QueryResultRow>(result: pg.QueryResult<T>): T {
  const [row] = result.rows;
  if (!row || result.rows.length !== 1) throw new Error(`Expected one row, got ${result.rows.length}`);
  return row;
}
