import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../../scripts/sandbox/postgres/postgres.ts";
import type { DatabaseAccess } from "../src/database/connect.ts";
import { openMigrator, type ReadyMigration } from "../src/database/migrations/migrator.ts";
import { schemaLines } from "../src/database/migrations/schema-lines.ts";
import { createDetector } from "../src/detection/detector.ts";
import { rulesInForce } from "../src/detection/rules-in-force.ts";
import { tellLines } from "../src/detection/tell-lines.ts";
import { digestOf } from "../src/domain/index.ts";
import { installSql, overrideSql, REMOVE_EVERYTHING, removeSql } from "../src/guard/guard-sql.ts";
import type { MassChangeLimits } from "../src/guard/mass-changes.ts";
import { judgeMigration } from "../src/migrations/judge-migration.ts";
import { loadParser } from "../src/migrations/parser.ts";
import { readSqlDirectory } from "../src/migrations/sql-directory.ts";

const password = "for one test run";
let folder: string;
let postgres: Postgres;
let access: DatabaseAccess;
let owner: pg.Client;
/** May read and write, and owns nothing. */
let app: pg.Client;
const others: pg.Client[] = [];

const connectAs = async (user: string) => {
  const client = new pg.Client({ host: access.host, port: access.port, database: "app", user, password });
  await client.connect();
  return client;
};
const another = async () => {
  const client = await connectAs("shop");
  others.push(client);
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

let version: number;
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

const USERS = { schema: "public", name: "users" };
const LIMITS: MassChangeLimits = { rows: 20, windowRows: 20, windowSeconds: 3_600, percent: null, leastRows: 10, observe: false };

/** The way that every migration goes: judged, under the lock, in one transaction, compared with what was planned. */
async function migrate(sql: string): Promise<void> {
  version += 1;
  const [read] = readSqlDirectory([{ name: `${version}_guard.sql`, text: sql }]);
  if (read === undefined) throw new Error("no migration");
  const ready: ReadyMigration = { ...judgeMigration(read), requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871" };
  const invariants = { protect: ["users"], checks: [] };
  const migrator = openMigrator(access, { locksMs: 5_000, statementsMs: 60_000, invariants, wait: async () => {} });
  await migrator.run(ready, digestOf(await schemaLines(owner)), null);
}

const guardUsers = (limits: Partial<MassChangeLimits> = {}, tables = [USERS]) =>
  migrate(installSql({ tables, limits: { ...LIMITS, ...limits }, versionColumn: null }));
const changed = async () => Number((await owner.query("select count(*) from users where email like 'x%'")).rows[0]?.count);
const counted = async () => Number((await owner.query("select count(*) from users")).rows[0]?.count);
const refused = (message: RegExp) => expect.objectContaining({ code: "ZHF01", message: expect.stringMatching(message) });

describe("a mass change", () => {
  test.each([
    [
      "update users set email = 'x'",
      /^holdfast guard: UPDATE on public\.users refused: 1000 rows \(1000 in one transaction, at most 20\)$/,
    ],
    ["delete from users where id > 900", /DELETE on public\.users refused: 100 rows/],
    ["truncate users", /TRUNCATE on public\.users refused: 21 rows/],
    ["insert into users select n, 'x' from generate_series(1, 30) n on conflict (id) do update set email = 'x'", /UPDATE .* 30 rows/],
    ["with gone as (delete from users where id < 50 returning 1) select count(*) from gone", /DELETE .* 49 rows/],
    ["merge into users u using generate_series(1, 40) n on u.id = n when matched then delete", /DELETE .* 40 rows/],
  ])("is refused, and nothing of it was done: %s", async (sql, message) => {
    await guardUsers();
    await expect(app.query(sql)).rejects.toEqual(refused(message));
    expect([await changed(), await counted()]).toEqual([0, 1_000]);
  });

  test("is refused to the owner too, and a migration that makes one is taken back", async () => {
    await guardUsers();
    await expect(owner.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
    await expect(migrate("update users set email = 'x'")).rejects.toThrow(/holdfast guard: UPDATE on public.users refused.*ZHF01/);
    expect(await changed()).toBe(0);
  });

  test("that a foreign key makes out of one deletion is refused", async () => {
    await owner.query("create table orders (id int primary key, user_id int references users on delete cascade)");
    await owner.query("insert into orders select n, 1 from generate_series(1, 50) n");
    await guardUsers({}, [{ schema: "public", name: "orders" }]);
    await expect(app.query("delete from users where id = 1")).rejects.toEqual(refused(/DELETE on public\.orders refused: 50 rows/));
    expect(await counted()).toBe(1_000);
  });

  test("of a table with a name that needs quotes, or of partitions through their parent, is refused", async () => {
    await owner.query(
      `create schema "My Shop"; create table "My Shop"."a.b""c" (id int); insert into "My Shop"."a.b""c" select generate_series(1, 50)`,
    );
    await owner.query("create table log (id int, day int) partition by list (day); create table log_1 partition of log for values in (1)");
    await owner.query(
      "create table log_2 partition of log for values in (2); insert into log select n, 1 + n % 2 from generate_series(1, 50) n",
    );
    await guardUsers({}, [
      { schema: "My Shop", name: 'a.b"c' },
      { schema: "public", name: "log" },
      { schema: "public", name: "log_1" },
    ]);
    await expect(app.query(`delete from "My Shop"."a.b""c"`)).rejects.toEqual(refused(/DELETE on "My Shop"\."a\.b""c" refused: 50 rows/));
    await expect(app.query("update log set day = 2")).rejects.toEqual(refused(/UPDATE on public\.log refused: 50 rows/));
    await expect(app.query("delete from log_1")).rejects.toEqual(refused(/DELETE on public\.log_1 refused: 25 rows/));
    // Written to directly, a partition knows only its own guards.
    expect((await app.query("delete from log_2")).rowCount).toBe(25);
  });
});

describe("one by one", () => {
  const loop = async (client: pg.Client, from: number, to: number) => {
    for (let id = from; id <= to; id++) await client.query("update users set email = 'x' where id = $1", [id]);
  };

  test("in one transaction, a loop is refused at the limit", async () => {
    await guardUsers({ windowRows: 1_000 });
    await app.query("begin");
    await loop(app, 1, 20);
    await expect(loop(app, 21, 21)).rejects.toEqual(
      refused(/UPDATE on public\.users refused: 1 row \(21 in one transaction, at most 20\)/),
    );
    await app.query("rollback");
    expect(await changed()).toBe(0);
    // What was rolled back is not held against anybody.
    await loop(app, 1, 30);
  });

  test("in many transactions of one role, over all its connections, a loop is refused at the limit of the window", async () => {
    await guardUsers({ rows: 5 });
    await loop(app, 1, 10);
    await loop(await another(), 11, 20);
    await expect(loop(await another(), 21, 21)).rejects.toEqual(refused(/1 row \(21 by role shop within 3600 s, at most 20\)/));
    expect(await changed()).toBe(20);
    // Another role has a window of its own.
    await owner.query("update users set email = 'x' where id = 100");
  });

  test("what is older than the window does not count, and is forgotten", async () => {
    await guardUsers();
    await loop(app, 1, 20);
    await owner.query("update holdfast_guard.changes set at = at - interval '3600 s'");
    await loop(app, 21, 40);
    await owner.query("update holdfast_guard.changes set at = at - interval '3600 s'");
    await guardUsers({ rows: 5_000, windowRows: 5_000 });
    const old = async () => (await owner.query("select from holdfast_guard.changes where at < now() - interval '1 hour'")).rowCount;
    await expect
      .poll(async () => {
        await loop(app, 1, 50);
        return old();
      })
      .toBe(0);
  });

  test("what was counted is added up from time to time, and still counted", async () => {
    await guardUsers({ windowRows: 1_000 });
    await loop(app, 1, 1_000);
    const { rows } = await owner.query("select count(*)::int as kept, sum(changed)::int as counted from holdfast_guard.changes");
    expect(rows[0]?.counted).toBe(1_000);
    expect(rows[0]?.kept).toBeLessThan(1_000);
    await expect(loop(app, 1, 1)).rejects.toEqual(refused(/1001 by role shop/));
  });

  test("writers do not wait for one another", async () => {
    await guardUsers();
    const second = await another();
    await app.query("begin; update users set email = 'x' where id = 1");
    await second.query("update users set email = 'x' where id = 2");
    expect(await changed()).toBe(1);
    await app.query("commit; begin isolation level repeatable read; update users set email = 'x' where id = 3");
    await second.query("begin isolation level repeatable read; update users set email = 'x' where id = 4");
    await app.query("commit");
    await second.query("update users set email = 'x' where id = 5; commit");
    expect(await changed()).toBe(5);
  });
});

test("a guard that only observes says what it would refuse, where a log keeps it, and refuses nothing", async () => {
  await guardUsers({ observe: true });
  const heard: string[] = [];
  const client = await another();
  client.on("notice", ({ severity, message }) => heard.push(`${severity}: ${message}`));
  await client.query("update users set email = 'x' where id <= 30");
  await client.query("truncate users");
  expect(heard).toEqual([
    "WARNING: holdfast guard: UPDATE on public.users would be refused: 30 rows (30 in one transaction, at most 20)",
    "WARNING: holdfast guard: TRUNCATE on public.users would be refused: 21 rows (21 in one transaction, at most 20)",
  ]);
  expect(await counted()).toBe(0);
});

describe("by percent", () => {
  test("a small table is guarded below the limit of rows", async () => {
    await guardUsers({ rows: 500, windowRows: 500, percent: "10" });
    await owner.query("delete from users where id > 900 and id <= 950");
    await owner.query("truncate holdfast_guard.changes");
    await expect(app.query("delete from users where id <= 96")).rejects.toEqual(refused(/96 rows \(96 of 950, at most 10 percent\)/));
    await app.query("delete from users where id <= 50");
    // What was deleted in the window belongs to what it is a part of.
    await app.query("delete from users where id <= 95");
    await expect(app.query("delete from users where id = 96")).rejects.toEqual(refused(/1 row \(96 of 950, at most 10 percent\)/));
  });

  test("a few rows are never too many", async () => {
    await owner.query("delete from users where id > 12; analyze users");
    await guardUsers({ rows: 500, windowRows: 500, percent: "10" });
    await app.query("update users set email = 'x' where id <= 10");
    await expect(app.query("update users set email = 'x' where id = 11")).rejects.toEqual(
      refused(/1 row \(11 of 12, at most 10 percent\)/),
    );
  });
});

describe("an override", () => {
  const allow = (rows: number, seconds = 900, table = USERS) =>
    migrate(overrideSql({ table, rows, seconds, reason: "CHG-1042: new hashes" }));

  test("in force lets so many rows pass and no more, and ordinary work goes on after it", async () => {
    await guardUsers({ percent: "10" });
    await allow(150);
    await app.query("update users set email = 'x' where id <= 100");
    await expect(app.query("update users set email = 'x' where id > 900")).rejects.toEqual(refused(/100 rows/));
    await app.query("update users set email = 'x' where id > 950");
    await expect(app.query("update users set email = 'x' where id <= 21")).rejects.toEqual(refused(/21 rows/));
    await app.query("update users set email = 'x' where id <= 20");
    expect((await owner.query("select rows::int, used::int, reason, made_by from holdfast_guard.overrides")).rows).toEqual([
      { rows: 150, used: 150, reason: "CHG-1042: new hashes", made_by: "admin" },
    ]);
  });

  test("at the head of a migration lets that very migration pass", async () => {
    await guardUsers();
    const override = overrideSql({ table: USERS, rows: 1_000, seconds: 60, reason: "CHG-1042: new hashes" });
    await migrate(`${override}update users set email = 'x'`);
    expect(await changed()).toBe(1_000);
  });

  test("lets TRUNCATE pass where it covers every row", async () => {
    await guardUsers();
    await allow(999);
    await expect(app.query("truncate users")).rejects.toEqual(refused(/TRUNCATE .* 1000 rows/));
    await allow(1_000);
    await app.query("truncate users");
    expect(await counted()).toBe(0);
  });

  test("that is over, not begun, or of another table lets nothing pass", async () => {
    await guardUsers();
    await allow(5_000, 900, { schema: "public", name: "orders" });
    await allow(5_000);
    await owner.query("update holdfast_guard.overrides set valid_until = clock_timestamp() where table_name = 'users'");
    await expect(app.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
    await owner.query("update holdfast_guard.overrides set valid_from = now() + interval '1 h', valid_until = now() + interval '2 h'");
    await expect(app.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
  });

  test("is not spent twice by two who are at it at once", async () => {
    await guardUsers();
    await allow(100);
    const second = await another();
    await app.query("begin; update users set email = 'x' where id <= 60");
    const waiting = expect(second.query("update users set email = 'x' where id > 940")).rejects.toEqual(refused(/60 rows/));
    await expect.poll(async () => (await owner.query("select from pg_stat_activity where wait_event_type = 'Lock'")).rowCount).toBe(1);
    await app.query("commit");
    await waiting;
  });
});

test("the application's role can neither write overrides nor get rid of the guard", async () => {
  await guardUsers();
  const insert =
    "insert into holdfast_guard.overrides (schema_name, table_name, rows, valid_until, reason) values ('public', 'users', 5000, 'infinity', 'me')";
  for (const sql of [
    insert,
    "update holdfast_guard.overrides set rows = 5000",
    "delete from holdfast_guard.changes",
    "truncate holdfast_guard.changes",
    "alter table users disable trigger holdfast_guard_update",
    "alter table users disable trigger all",
    "drop trigger holdfast_guard_update on users",
    "drop function holdfast_guard.refuse_mass_change cascade",
    "create or replace function holdfast_guard.refuse_mass_change() returns trigger language plpgsql as $$ begin return null; end $$",
    "drop schema holdfast_guard cascade",
    "set session_replication_role = replica",
  ])
    await expect(app.query(sql), sql).rejects.toMatchObject({ code: "42501" });
  await app.query("create temp table changes (at timestamptz)");
  await app.query("create temp table old_rows (id int)");
  await app.query("set search_path = pg_temp, public");
  await expect(app.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
  await app.query("reset search_path; drop table pg_temp.changes; drop table pg_temp.old_rows");
});

test("what PostgreSQL logs of a refusal is one event, with table and rows, and one alert; of the statement nothing counts", async () => {
  await guardUsers();
  const log = postgres.logOf("one");
  if (log === undefined) throw new Error("the server has no log");
  const read = async () => {
    const files = (await readdir(log.folder)).toSorted();
    return (await Promise.all(files.map((file) => readFile(join(log.folder, file), "utf8")))).join("");
  };
  // The server's log comes late: what lies between two lines that the log has is complete.
  const mark = async (name: string) => {
    await expect(app.query(`select ${name}`)).rejects.toThrow(name);
    await expect.poll(read).toContain(`STATEMENT:  select ${name}\n`);
  };
  await mark("before");
  await expect(app.query("delete from users")).rejects.toEqual(refused(/1000 rows/));
  await mark("afterwards");
  const [, between = ""] = (await read()).split("select before\n");
  const events = tellLines(between);
  expect(events).toMatchObject([{ kind: "statement-refused", actor: "shop", table: "users", rows: 1_000 }]);
  const place = { app: "web", cluster: null, show: (text: string) => text };
  const detector = createDetector(rulesInForce(), { ...place, lateness: 5_000, longestOverride: 3_600_000, maxKeys: 1_000 });
  const alerts = [...detector.push(events), ...detector.advance(Date.now() + 3_600_000)];
  expect(alerts.filter(({ transition }) => transition === "opened")).toMatchObject([{ rule: "statement-refused", severity: "MEDIUM" }]);
});

describe("a lost update", () => {
  const guardVersions = () => migrate(installSql({ tables: [USERS], limits: null, versionColumn: "version" }));
  const row = async () => (await owner.query("select email, version from users where id = 1")).rows[0];

  test("is refused when the write carries a stale version, which frameworks try again", async () => {
    await guardVersions();
    await app.query("update users set email = 'first', version = 0 where id = 1");
    expect(await row()).toEqual({ email: "first", version: 1 });
    const lost = app.query("update users set email = 'second', version = 0 where id = 1");
    await expect(lost).rejects.toMatchObject({
      code: "40001",
      message: "holdfast guard: a write to public.users carries a stale row version",
    });
    expect(await row()).toEqual({ email: "first", version: 1 });
  });

  test("is found by Hibernate and SQLAlchemy themselves, also after writers that know nothing of versions", async () => {
    await guardVersions();
    const asHibernate = (email: string, read: number) =>
      app.query("update users set email = $1, version = $2 where id = 1 and version = $3", [email, read + 1, read]);
    expect((await asHibernate("one", 0)).rowCount).toBe(1);
    await app.query("update users set email = 'by hand' where id = 1");
    expect(await row()).toEqual({ email: "by hand", version: 2 });
    expect((await asHibernate("two", 1)).rowCount).toBe(0);
    expect((await asHibernate("two", 2)).rowCount).toBe(1);
    expect(await row()).toEqual({ email: "two", version: 3 });
  });

  test("cannot be guarded by a column that is missing or no number: the migration fails, not the writes", async () => {
    for (const versionColumn of ["nothing", "email"])
      await expect(migrate(installSql({ tables: [USERS], limits: null, versionColumn }))).rejects.toMatchObject({ name: "RolledBack" });
    await app.query("update users set email = 'x' where id = 1");
  });
});

test("installed twice it is the same, and removed it leaves nothing behind", async () => {
  const before = await schemaLines(owner);
  const both = installSql({ tables: [USERS], limits: { ...LIMITS, percent: "12.5" }, versionColumn: "version" });
  await migrate(both);
  const once = await schemaLines(owner);
  await migrate(both);
  expect(await schemaLines(owner)).toEqual(once);

  await migrate(removeSql([USERS], "lost-updates"));
  await expect(app.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
  await migrate(removeSql([USERS], "all"));
  await migrate(removeSql([USERS], "all"));
  await app.query("update users set email = 'x'");
  expect((await schemaLines(owner)).filter((line) => line.startsWith("trigger on public."))).toEqual([]);

  await migrate(both);
  await migrate(REMOVE_EVERYTHING);
  expect(await schemaLines(owner)).toEqual(before);
});
