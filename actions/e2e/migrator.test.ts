import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../../scripts/sandbox/postgres/postgres.ts";
import type { DatabaseAccess } from "../src/database/connect.ts";
import { openMigrator, type ReadyMigration } from "../src/database/migrations/migrator.ts";
import type { Allowed } from "../src/database/migrations/run-migration.ts";
import { schemaLines } from "../src/database/migrations/schema-lines.ts";
import { digestOf, type Ran } from "../src/domain/index.ts";
import { judgeMigration } from "../src/migrations/judge-migration.ts";
import { loadParser } from "../src/migrations/parser.ts";
import { readSqlDirectory } from "../src/migrations/sql-directory.ts";
import { runRandomMigrations } from "./random-migrations.ts";

const password = "for one test run";
let folder: string;
let postgres: Postgres;
let access: DatabaseAccess;
let client: pg.Client;

beforeAll(async () => {
  await loadParser();
  folder = await mkdtemp(join(tmpdir(), "holdfast-migrator-"));
  postgres = await startPostgres({ state: folder });
  await postgres.create("one", "app", { user: "admin", password });
  await postgres.open("one", "one");
  const port = await postgres.portOf("one");
  access = { host: "127.0.0.1", port, database: "app", user: "admin", password, tls: { mode: "disable" } };
  client = new pg.Client({ host: access.host, port, database: "app", user: "admin", password });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await postgres?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await client.query("drop schema if exists holdfast cascade; drop schema public cascade; create schema public");
  await client.query("create table users (id int primary key, email text not null, note text); create table logs (id int)");
  await client.query(
    "insert into users select n, 'u' || n, null from generate_series(1, 100) n; insert into logs select generate_series(1, 10)",
  );
});

const ready = (sql: string, version = 1): ReadyMigration => {
  const [read] = readSqlDirectory([{ name: `${version}_test.sql`, text: sql }]);
  if (read === undefined) throw new Error("no migration");
  return { ...judgeMigration(read), requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871" };
};
const invariants = { protect: ["users"], checks: [{ name: "users not empty", sql: "select count(*) > 0 from users" }] };
const settings = { locksMs: 1_000, statementsMs: 20_000, invariants, wait: (ms: number) => pause(Math.min(ms, 50)) };
const migrator = (through: DatabaseAccess = access) => openMigrator(through, settings);
const everything = async () => ({
  schema: await schemaLines(client),
  users: (await client.query("select * from users order by id").catch(() => null))?.rows ?? null,
  logs: (await client.query("select * from logs order by id")).rows,
});
const allowing = (ran: Ran, moreRows = 0): Allowed => ({ ran, moreRows });
const rehearsed: Ran = {
  version: "1",
  rows: [],
  changes: [],
  locks: [],
  counts: { before: {}, after: {} },
  checks: [],
  schema: "",
  durationMs: 1,
};

async function run(sql: string, allowed: Allowed | null = null, through: DatabaseAccess = access): Promise<Ran> {
  return migrator(through).run(ready(sql), digestOf(await schemaLines(client)), allowed);
}

test("a migration is applied once, and what it did is told: rows by statement and table, locks, counts, checks", async () => {
  const ran = await run(
    "alter table users add column phone text; update users set note = 'x' where id <= 7; delete from logs where id > 8;",
  );
  expect(ran).toMatchObject({
    rows: [null, 7, 2],
    changes: [
      { table: "public.logs", inserted: 0, updated: 0, deleted: 2 },
      { table: "public.users", inserted: 0, updated: 7, deleted: 0 },
    ],
    locks: expect.arrayContaining([{ table: "public.users", mode: "AccessExclusiveLock" }]),
    counts: { before: { users: 100 }, after: { users: 100 } },
    checks: [{ name: "users not empty", before: true, after: true }],
  });
  expect(await migrator().history()).toMatchObject([{ version: "1", state: "applied" }]);
  const before = await everything();
  await expect(run("alter table users add column phone text")).rejects.toThrow(/is applied already/);
  expect(await everything()).toEqual(before);
});

test.each([
  [
    "a statement that fails",
    "update users set note = 'gone'; insert into users (id, email) values (1, 'secret@example.org')",
    /23505.*users_pkey/,
  ],
  ["a syntax that only execution finds", "delete from logs; select 1 / 0", /22012/],
  ["a check that no longer holds", "delete from users", /users not empty/],
  ["a check that cannot run any more", "alter table users rename to people", /users not empty/],
])("%s takes everything back", async (_what, sql, problem) => {
  const before = await everything();
  await expect(run(sql)).rejects.toMatchObject({ name: "RolledBack", message: expect.stringMatching(problem) });
  expect(await everything()).toEqual(before);
  expect(await migrator().history()).toEqual([]);
});

test("no value of a row stands in what is told of a failure", async () => {
  await expect(run("insert into users (id, email) values (1, 'secret@example.org')")).rejects.toThrow(/^(?!.*secret).*$/s);
  await expect(run("select 'secret'::int")).rejects.toThrow(/^(?!.*secret).*$/s);
});

test("a statement that touches more rows than rehearsed is taken back, also where a function or a cascade hides it", async () => {
  const once = await run("update users set note = 'x' where id <= 7");
  await client.query("drop schema holdfast cascade; update users set note = null");
  await client.query("update users set id = 0 where id = 100");
  const before = await everything();
  const sql = "update users set note = 'x' where id <= 7";
  await expect(run(sql, allowing(once))).rejects.toThrow(/1_test.sql:1 touched 8 rows; in the rehearsal it touched 7/);
  expect(await everything()).toEqual(before);
  await run(sql, allowing(once, 15));
  await client.query("drop schema holdfast cascade");
  const hidden = "do $$ begin delete from logs; end $$";
  await expect(run(hidden, allowing({ ...rehearsed, rows: [null], schema: once.schema }))).rejects.toThrow(
    /public.logs: 10 rows deleted; in the rehearsal 0/,
  );
});

test("TRUNCATE and DROP count the rows they take", async () => {
  const sql = "truncate logs";
  const ran = await run(sql);
  expect(ran.rows).toEqual([10]);
  await client.query("drop schema holdfast cascade; insert into logs select generate_series(1, 11)");
  await expect(run(sql, allowing(ran))).rejects.toThrow(/touched 11 rows; in the rehearsal it touched 10/);
  expect((await client.query("select from logs")).rowCount).toBe(11);
});

test("a schema that changed since the plan, or becomes another than rehearsed, ends it", async () => {
  const planned = digestOf(await schemaLines(client));
  await client.query("alter table logs add column at timestamptz");
  await expect(migrator().run(ready("update users set note = 'x'"), planned, null)).rejects.toThrow(/somebody changed it since/);
  const before = await everything();
  await expect(run("alter table users add column a int", allowing({ ...rehearsed, rows: [null] }))).rejects.toThrow(
    /not the one that the rehearsal showed/,
  );
  expect(await everything()).toEqual(before);
});

test("a lock that others hold ends it in time, and a second migration waits and says who is at work", async () => {
  const other = new pg.Client({ ...access, ssl: false });
  await other.connect();
  await other.query("begin; select from users for update");
  const before = await everything();
  await expect(run("alter table users add column a int")).rejects.toThrow(/lock timeout/);
  expect(await everything()).toEqual(before);
  await other.query("rollback");
  await other.query("select pg_advisory_lock(1752132708, 1)");
  await expect(run("alter table users add column a int")).rejects.toThrow(
    /Another migration holds the lock.*session \d+.*pg_terminate_backend/,
  );
  await other.end();
});

test("an index that is built beside the traffic stands alone, is checked, and leaves nothing when it fails", async () => {
  await run("create unique index concurrently users_email on users (email)");
  expect(await migrator().history()).toMatchObject([{ state: "applied" }]);
  await client.query("drop schema holdfast cascade; drop index users_email; update users set email = 'same'");
  const before = await everything();
  await expect(run("create unique index concurrently users_email on users (email)")).rejects.toMatchObject({ name: "RolledBack" });
  expect(await everything()).toEqual(before);
  expect(await migrator().history()).toEqual([]);
  expect(() => ready("create index concurrently a on users (email); select 1")).toThrow(/alone in a migration of its own/);
});

test("whoever comes after a crash finishes an index that was begun, and makes none twice", async () => {
  const sql = "create unique index concurrently users_email on users (email)";
  const { version, name, digest } = ready(sql);
  const begin = async () => {
    await migrator().run(ready("select 1", 2), digestOf(await schemaLines(client)), null);
    await client.query("insert into holdfast.migrations (version, name, digest, request_id, state) values ($1, $2, $3, 'r', 'running')", [
      version,
      name,
      digest,
    ]);
  };
  await begin();
  await client.query(sql);
  await run(sql);
  expect(await migrator().history()).toMatchObject([{ version: "1", state: "applied" }, { version: "2" }]);

  await client.query("drop schema holdfast cascade; drop index users_email");
  await begin();
  await client.query("update users set email = 'u1' where id = 2");
  await expect(client.query(sql)).rejects.toThrow(/could not create unique index/);
  await client.query("update users set email = 'u2' where id = 2");
  await run(sql);
  expect((await client.query("select indisvalid from pg_index where indexrelid = 'users_email'::regclass")).rows).toEqual([
    { indisvalid: true },
  ]);
});

/** The way back of what `ready(up, version)` applied. */
const back = (up: string, sql: string, version = 1): ReadyMigration => ({
  ...ready(sql, version),
  requestId: "9a1e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
  undoes: ready(up, version).digest,
});
const takeBack = async (migration: ReadyMigration) => migrator().run(migration, digestOf(await schemaLines(client)), null);

test("what was applied is taken back whole: the rows that go are counted, the history tells of it, and it may be applied anew", async () => {
  const before = await everything();
  const up = "alter table users add column phone text; update users set phone = '1' where id <= 7";
  await run(up);
  const ran = await takeBack(back(up, "alter table users drop column phone, drop column if exists never"));
  expect(ran).toMatchObject({ version: "1", rows: [7] });
  expect(await everything()).toEqual(before);
  expect([await migrator().history(), await migrator().undone()]).toMatchObject([
    [],
    [{ version: "1", state: "undone", digest: ready(up).digest, appliedBy: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871" }],
  ]);
  await expect(takeBack(back(up, "drop table logs"))).rejects.toThrow(/does not take back what was applied last: that is nothing by now/);
  await run(up);
  expect(await migrator().history()).toMatchObject([{ version: "1", state: "applied" }]);
});

test("a way back that fails leaves the migration applied; one for another text, or for what is not the newest, never begins", async () => {
  const up = "alter table users add column phone text";
  await run(up);
  const before = await everything();
  await expect(takeBack(back(up, "alter table users drop column phone; select 1 / 0"))).rejects.toMatchObject({ name: "RolledBack" });
  await expect(takeBack(back("select 1", "alter table users drop column phone"))).rejects.toThrow(/from another file/);
  await migrator().run(ready("select 2", 2), digestOf(await schemaLines(client)), null);
  await expect(takeBack(back(up, "alter table users drop column phone"))).rejects.toThrow(/what was applied last: that is 2/);
  expect(await everything()).toEqual(before);
  expect([await migrator().history(), await migrator().undone()]).toMatchObject([[{ version: "1" }, { version: "2" }], []]);
});

test("a way back outside of transactions is gone on with after a crash, and nothing else is applied meanwhile", async () => {
  const up = "create index concurrently users_email on users (email)";
  const migration = back(up, "drop index concurrently users_email");
  await run(up);
  const planned = digestOf(await schemaLines(client));
  await migrator().run(migration, planned, null);
  expect([await migrator().history(), await migrator().undone()]).toMatchObject([[], [{ state: "undone" }]]);
  // As a worker leaves it that was killed behind the statement, or before it.
  for (const left of [[], ["create index users_email on users (email)"]]) {
    await client.query("delete from holdfast.undone");
    await client.query(
      `insert into holdfast.migrations (version, name, digest, request_id, state) values ('1', 'test', '${ready(up).digest}', 'up', 'applied')`,
    );
    await client.query(
      `insert into holdfast.undone (version, name, digest, way_back, applied_by, request_id, state)
       values ('1', 'test', '${ready(up).digest}', '${migration.digest}', 'up', 'another request', 'running')`,
    );
    for (const sql of left) await client.query(sql);
    await expect(migrator().run(ready("select 2", 2), digestOf(await schemaLines(client)), null)).rejects.toThrow(/1 is being taken back/);
    await expect(takeBack(back(up, "drop index users_email"))).rejects.toThrow(/by another file/);
    await migrator().run(migration, planned, null);
    expect((await client.query("select to_regclass('users_email') as found")).rows).toEqual([{ found: null }]);
    expect([await migrator().history(), await migrator().undone()]).toMatchObject([
      [],
      [{ state: "undone", requestId: migration.requestId }],
    ]);
  }
});

/** A network that dies the moment a packet with `word` was passed on, or before it. */
async function cutAt(word: string, passOn: boolean): Promise<{ readonly server: Server; readonly through: DatabaseAccess }> {
  let cut = false;
  const server = createServer((socket: Socket) => {
    const upstream = connectTcp(access.port, access.host);
    for (const end of [socket, upstream]) end.on("error", () => {});
    upstream.on("data", (data) => {
      if (!socket.destroyed) socket.write(data);
    });
    upstream.on("close", () => socket.destroy());
    socket.on("close", () => upstream.end());
    socket.on("data", (data) => {
      if (!cut && data.includes(`${word}\0`)) {
        cut = true;
        if (passOn) upstream.write(data);
        socket.destroy();
      } else upstream.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { server, through: { ...access, port: typeof address === "object" && address !== null ? address.port : 0 } };
}

test.each([
  ["whose answer was lost", true],
  ["that never arrived", false],
])("a COMMIT %s is asked for, not guessed", async (_what, arrives) => {
  const before = await everything();
  const { server, through } = await cutAt("commit", arrives);
  const running = run("update users set note = 'x'", null, through);
  if (arrives) {
    expect((await running).rows).toEqual([100]);
    expect(await migrator().history()).toMatchObject([{ state: "applied" }]);
  } else {
    await expect(running).rejects.toMatchObject({ name: "RolledBack" });
    expect(await everything()).toEqual(before);
  }
  server.close();
});

test("25 random migrations leave the database as before or as after, and say which", async () => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const { applied, asBefore } = await runRandomMigrations(access, 25, seed);
  expect(applied + asBefore).toBe(25);
});
