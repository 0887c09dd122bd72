import { createServer, type ServerResponse } from "node:http";
import { connect } from "./database.ts";
import { type DemoApp, resetAllPasswords } from "./demo-app.ts";
import { type Going, isMisbehaviour, listMisbehaviours, type MisbehaviourName, misbehaviours, usualWait } from "./misbehaviours.ts";

export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The demo application's own back office: `GET /` says how its data is, `POST /reset-all-passwords` is the mistake that somebody will make,
 * `POST /misbehave/NAME` is any of them.
 */
export async function serveControl(app: DemoApp, port: number, wait: Going["wait"] = usualWait): Promise<Control> {
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    try {
      if (request.method === "GET" && request.url === "/") return answer(200, await countPasswords(app));
      // A browser page of another origin could send this too, so a header that needs a preflight is asked for.
      if (request.method === "POST" && request.headers["x-demo-app"] === "yes") {
        if (request.url === "/reset-all-passwords") return answer(200, await disaster(app));
        const [, name] = /^\/misbehave\/([\w-]+)$/.exec(request.url ?? "") ?? [];
        if (name !== undefined && isMisbehaviour(name)) return await misbehave(app, name, wait, response);
        if (name !== undefined)
          return answer(404, { error: `The demo app has no misbehaviour ${name}. There are:\n${listMisbehaviours()}` });
      }
      return answer(404, { error: `The demo app has no ${request.method} ${request.url}` });
    } catch (error) {
      return answer(503, { error: error instanceof Error ? error.message : String(error) });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new Error(`Port ${port} for the demo app cannot be opened: choose another, or 0 for any`, { cause })),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the demo app's server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What everyone's password became. */
const LEAKED = "changeme";

async function countPasswords(app: DemoApp): Promise<{ users: number; usersWithTheSamePassword: number }> {
  const client = await connect(app.database);
  try {
    const { rows } = await client.query<{ users: number; reset: number }>(
      `select count(*)::int as users, count(*) filter (
         where password_hash = 'sha256$' || split_part(password_hash, '$', 2) || '$' || encode(sha256(convert_to(split_part(password_hash, '$', 2) || $1, 'UTF8')), 'hex')
       )::int as reset from users`,
      [LEAKED],
    );
    return { users: rows[0]?.users ?? 0, usersWithTheSamePassword: rows[0]?.reset ?? 0 };
  } finally {
    await client.end();
  }
}

async function disaster(app: DemoApp): Promise<{ committedAt: string; users: number }> {
  const client = await connect(app.database);
  try {
    const entry = await resetAllPasswords(client, app.journal, app.log);
    return { committedAt: entry.at, users: entry.rows.length };
  } finally {
    await client.end();
  }
}

/** Answers line by line, because some take longer than a client waits for a silent server. */
async function misbehave(app: DemoApp, name: MisbehaviourName, wait: Going["wait"], response: ServerResponse): Promise<void> {
  const tell = (line: unknown) => response.write(`${JSON.stringify(line)}\n`);
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  try {
    const done = await misbehaviours[name].act(app, { wait, signal: untilGone(response), say: (progress) => tell({ progress }) });
    tell({ done, see: misbehaviours[name].see });
  } catch (error) {
    tell({ error: error instanceof Error ? error.message : String(error) });
  }
  response.end();
}

/** Whoever asked for something that takes minutes may leave before it is over. */
function untilGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return gone.signal;
}
