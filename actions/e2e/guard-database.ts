/** A PostgreSQL of its own for suites of guards: a table of a thousand rows, its owner, and an application that has more rights than anybody meant. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type Postgres, startPostgres } from "../../scripts/sandbox/postgres/postgres.ts";
import type { DatabaseAccess } from "../src/database/connect.ts";
import { openMigrator, type ReadyMigration } from "../src/database/migrations/migrator.ts";
import { schemaLines } from "../src/database/migrations/schema-lines.ts";
import { digestOf, installSql, type MassChangeLimits } from "../src/domain/index.ts";
import { judgeMigration } from "../src/migrations/judge-migration.ts";
import { loadParser } from "../src/migrations/parser.ts";
import { readSqlDirectory } from "../src/migrations/sql-directory.ts";

export const USERS = { schema: "public", name: "users" };
export const LIMITS: MassChangeLimits = { rows: 20, windowRows: 20, windowSeconds: 3_600, percent: null, leastRows: 10, observe: false };

export interface GuardDatabase {
  readonly owner: pg.Client;
  /** May read and write, and owns nothing. */
  readonly app: pg.Client;
  /** A further connection of the application's role, ended with the test. */
  another(): Promise<pg.Client>;
  /** The application's role in this database as it is now, restored elsewhere from its log; ended with the test. */
  restored(): Promise<pg.Client>;
  /** Where the server keeps its log. */
  logFolder(): string;
  /** The way that every migration goes: judged, under the lock, in one transaction, compared with what was planned. */
  migrate(sql: string): Promise<void>;
  guardUsers(limits?: Partial<MassChangeLimits>, tables?: readonly (typeof USERS)[]): Promise<void>;
  /** Users whose address a test changed. */
  changed(): Promise<number>;
  counted(): Promise<number>;
}

export const refused = (message: RegExp) => expect.objectContaining({ code: "ZHF01", message: expect.stringMatching(message) });

/** Starts it before the suite's tests, makes the tables anew before each, and ends it after them. */
export function useGuardDatabase(): GuardDatabase {
  const password = "for one test run";
  let folder: string;
  let postgres: Postgres;
  let access: DatabaseAccess;
  let owner: pg.Client;
  let app: pg.Client;
  let version: number;
  const others: pg.Client[] = [];
  const connectAs = async (user: string, port = access.port) => {
    const client = new pg.Client({ host: access.host, port, database: "app", user, password });
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    await loadParser();
    folder = await mkdtemp(join(tmpdir(), "holdfast-guard-"));
    postgres = await startPostgres({ state: folder });
    await postgres.create("one", "app", { user: "admin", password });
    await postgres.open("one", "one");
    access = { host: "127.0.0.1", port: await postgres.portOf("one"), database: "app", user: "admin", password, tls: { mode: "disable" } };
    owner = await connectAs("admin");
    // Rights that nobody meant to give: they must not be enough.
    await owner.query(`create role shop login password '${password}'; grant pg_read_all_data, pg_write_all_data to shop`);
    await owner.query("alter default privileges grant all on tables to shop; alter default privileges grant all on schemas to shop");
    await owner.query("alter default privileges grant execute on functions to shop");
    app = await connectAs("shop");
  });
  afterAll(async () => {
    await app?.end();
    await owner?.end();
    await postgres?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    version = 0;
    await owner.query("drop schema if exists holdfast, holdfast_guard cascade; drop schema public cascade; create schema public");
    await owner.query("create table users (id int primary key, email text not null, version int not null default 0)");
    await owner.query("insert into users select n, 'u' || n from generate_series(1, 1000) n; analyze users");
  });
  afterEach(async () => {
    await app.query("rollback");
    for (const client of others.splice(0)) await client.end();
  });

  const migrate = async (sql: string): Promise<void> => {
    version += 1;
    const [read] = readSqlDirectory([{ name: `${version}_guard.sql`, text: sql }]);
    if (read === undefined) throw new Error("no migration");
    const ready: ReadyMigration = { ...judgeMigration(read), requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871" };
    const invariants = { protect: ["users"], checks: [] };
    const migrator = openMigrator(access, { locksMs: 5_000, statementsMs: 60_000, invariants, wait: async () => {} });
    await migrator.run(ready, digestOf(await schemaLines(owner)), null);
  };

  return {
    get owner() {
      return owner;
    },
    get app() {
      return app;
    },
    another: async () => {
      const client = await connectAs("shop");
      others.push(client);
      return client;
    },
    restored: async () => {
      await postgres.restoreToTime("one", await postgres.resolveTime("one", "latest", 0), "restored");
      await postgres.open("restored", "restored");
      const client = await connectAs("shop", await postgres.portOf("restored"));
      others.push(client);
      return client;
    },
    logFolder: () => {
      const log = postgres.logOf("one");
      if (log === undefined) throw new Error("the server has no log");
      return log.folder;
    },
    migrate,
    guardUsers: (limits = {}, tables = [USERS]) => migrate(installSql({ tables, limits: { ...LIMITS, ...limits }, versionColumn: null })),
    changed: async () => Number((await owner.query("select count(*) from users where email like 'x%'")).rows[0]?.count),
    counted: async () => Number((await owner.query("select count(*) from users")).rows[0]?.count),
  };
}
