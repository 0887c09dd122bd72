/** Real databases for tests of the rewind: a live one, and images of it taken at any moment as copies, in which every row keeps its writer. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { startPostgres } from "../../scripts/sandbox/postgres/postgres.ts";
import type { DatabaseAccess } from "../src/database/connect.ts";
import { openImage, type RewindImage, type RewindImages } from "../src/database/rewind/open-image.ts";

const master = { user: "holdfast_admin", password: "for one test run" };

export interface RewindDatabases {
  /** A new live database with these tables. */
  create(schema: string): Promise<RewindWorld>;
  close(): Promise<void>;
}

export interface RewindWorld {
  readonly access: DatabaseAccess;
  /** Runs SQL in the live database, each call in a transaction of its own. */
  run<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** Keeps the live database as it is now. */
  takeImage(image: "before" | "after"): Promise<void>;
  /** The three sessions; closed before the next live database is made, or with all of them. */
  open(): Promise<RewindImages>;
  /** A moment that lies after everything that was committed, and before whatever will be: a date holds no more than milliseconds. */
  now(): Promise<Date>;
}

export async function openRewindDatabases(): Promise<RewindDatabases> {
  const folder = await mkdtemp(path.join(tmpdir(), "holdfast-rewind-"));
  await chmod(folder, 0o755);
  const postgres = await startPostgres({ state: path.join(folder, "state") });
  await postgres.create("live", "app", master);
  await postgres.open("live", "live");
  const port = await postgres.portOf("live");
  const opened: RewindImage[] = [];
  const accessTo = (database: string): DatabaseAccess => ({ host: "127.0.0.1", port, database, ...master, tls: { mode: "disable" } });
  const withClient = async <T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ host: "127.0.0.1", port, database, ...master });
    client.on("error", () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  let count = 0;
  return {
    async create(schema) {
      for (const image of opened.splice(0)) await image.close().catch(() => {});
      count += 1;
      const database = `rewind_${count}`;
      await withClient("app", (client) => client.query(`create database ${database}`));
      let session: pg.Client | null = null;
      const client = async () => {
        if (session === null) {
          session = new pg.Client({ host: "127.0.0.1", port, database, ...master });
          session.on("error", () => {});
          await session.connect();
        }
        return session;
      };
      const letGo = async () => {
        await session?.end();
        session = null;
      };
      const open = async (name: string) => {
        const image = await openImage(accessTo(name));
        opened.push(image);
        return image;
      };
      await (await client()).query(schema);
      return {
        access: accessTo(database),
        run: async <Row extends pg.QueryResultRow>(sql: string, parameters: readonly unknown[] = []) =>
          (await (await client()).query<Row>(sql, [...parameters])).rows,
        async takeImage(image) {
          // A database is copied only while nobody is connected to it.
          await letGo();
          await withClient("app", (admin) => admin.query(`create database ${database}_${image} template ${database}`));
        },
        async open() {
          const [before, after, live] = await Promise.all([open(`${database}_before`), open(`${database}_after`), open(database)]);
          return { before, after, live };
        },
        now: async () => {
          const sql = "select date_trunc('milliseconds', clock_timestamp()) + interval '1 ms' as now, pg_sleep(0.001)";
          const { rows } = await (await client()).query<{ now: Date }>(sql);
          return rows[0]?.now ?? new Date(Number.NaN);
        },
      };
    },
    async close() {
      for (const image of opened) await image.close().catch(() => {});
      await postgres.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
