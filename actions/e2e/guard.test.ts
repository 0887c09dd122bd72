/** What holds for every guard: nobody but its owner gets rid of it, a refusal is told, lost updates are found, and it leaves nothing behind. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readProtection } from "../src/database/migrations/read-protection.ts";
import { schemaLines } from "../src/database/migrations/schema-lines.ts";
import { createDetector } from "../src/detection/detector.ts";
import { rulesInForce } from "../src/detection/rules-in-force.ts";
import { tellLines } from "../src/detection/tell-lines.ts";
import { installSql, REMOVE_EVERYTHING, removeSql } from "../src/domain/index.ts";
import { LIMITS, refused, USERS, useGuardDatabase } from "./guard-database.ts";

const db = useGuardDatabase();

test("the application's role can neither write overrides nor get rid of the guard", async () => {
  await db.guardUsers();
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
    await expect(db.app.query(sql), sql).rejects.toMatchObject({ code: "42501" });
  await db.app.query("create temp table changes (at timestamptz)");
  await db.app.query("create temp table old_rows (id int)");
  await db.app.query("set search_path = pg_temp, public");
  await expect(db.app.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
  await db.app.query("reset search_path; drop table pg_temp.changes; drop table pg_temp.old_rows");
});

test("a database restored from its log is guarded as before, and ordinary work goes on in it", async () => {
  await db.guardUsers();
  await db.app.query("update users set email = 'x' where id = 1");
  const restored = await db.restored();
  await restored.query("update users set email = 'x' where id <= 10");
  await expect(restored.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
});

test("what PostgreSQL logs of a refusal is one event, with table and rows, and one alert; of the statement nothing counts", async () => {
  await db.guardUsers();
  const folder = db.logFolder();
  const read = async () => {
    const files = (await readdir(folder)).toSorted();
    return (await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")))).join("");
  };
  // The server's log comes late: what lies between two lines that the log has is complete.
  const mark = async (name: string) => {
    await expect(db.app.query(`select ${name}`)).rejects.toThrow(name);
    await expect.poll(read).toContain(`STATEMENT:  select ${name}\n`);
  };
  await mark("before");
  await expect(db.app.query("delete from users")).rejects.toEqual(refused(/1000 rows/));
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
  const guardVersions = () => db.migrate(installSql({ tables: [USERS], limits: null, versionColumn: "version" }));
  const row = async () => (await db.owner.query("select email, version from users where id = 1")).rows[0];

  test("is refused when the write carries a stale version, which frameworks try again", async () => {
    await guardVersions();
    await db.app.query("update users set email = 'first', version = 0 where id = 1");
    expect(await row()).toEqual({ email: "first", version: 1 });
    const lost = db.app.query("update users set email = 'second', version = 0 where id = 1");
    await expect(lost).rejects.toMatchObject({
      code: "40001",
      message: "holdfast guard: a write to public.users carries a stale row version",
    });
    expect(await row()).toEqual({ email: "first", version: 1 });
  });

  test("is found by Hibernate and SQLAlchemy themselves, also after writers that know nothing of versions", async () => {
    await guardVersions();
    const asHibernate = (email: string, read: number) =>
      db.app.query("update users set email = $1, version = $2 where id = 1 and version = $3", [email, read + 1, read]);
    expect((await asHibernate("one", 0)).rowCount).toBe(1);
    await db.app.query("update users set email = 'by hand' where id = 1");
    expect(await row()).toEqual({ email: "by hand", version: 2 });
    expect((await asHibernate("two", 1)).rowCount).toBe(0);
    expect((await asHibernate("two", 2)).rowCount).toBe(1);
    expect(await row()).toEqual({ email: "two", version: 3 });
  });

  test("cannot be guarded by a column that is missing or no number: the migration fails, not the writes", async () => {
    for (const versionColumn of ["nothing", "email"])
      await expect(db.migrate(installSql({ tables: [USERS], limits: null, versionColumn }))).rejects.toMatchObject({ name: "RolledBack" });
    await db.app.query("update users set email = 'x' where id = 1");
  });
});

describe("what a plan sees", () => {
  test("is every guarded table with its limits, and what of a guard is missing or switched off", async () => {
    expect((await readProtection(db.owner)).guards).toEqual([]);
    await db.migrate(installSql({ tables: [USERS], limits: { ...LIMITS, percent: "12.5", observe: true }, versionColumn: "version" }));
    await db.owner.query('create schema shop; create table shop."Or ders" (id int)');
    await db.guardUsers({ windowRows: 70 }, [{ schema: "shop", name: "Or ders" }]);
    const orders = { schema: "shop", table: "Or ders", limits: { ...LIMITS, windowRows: 70 }, versionColumn: null, broken: [] };
    const users = { schema: "public", table: "users", limits: { ...LIMITS, percent: "12.5", observe: true }, versionColumn: "version" };
    expect((await readProtection(db.app)).guards).toEqual([{ ...users, broken: [] }, orders]);

    await db.owner.query("alter table users disable trigger holdfast_guard_delete; drop trigger holdfast_guard_stale on users");
    expect((await readProtection(db.app)).guards).toEqual([
      { ...users, broken: ["holdfast_guard_delete", "holdfast_guard_stale"] },
      orders,
    ]);
    await db.owner.query("drop schema shop cascade");
  });

  test("is who can log in and change the schema: owners, their members, and whoever may create", async () => {
    const changers = async () => (await readProtection(db.app)).schemaChangers;
    // The suite's default privileges give it to the application.
    expect(await changers()).toEqual(["admin", "shop"]);
    await db.owner.query("revoke create on schema public from shop");
    expect(await changers()).toEqual(["admin"]);
    await db.owner.query("grant create on schema public to shop");
    expect(await changers()).toEqual(["admin", "shop"]);
    await db.owner.query("revoke create on schema public from shop; grant admin to shop");
    expect(await changers()).toEqual(["admin", "shop"]);
    await db.owner.query("revoke admin from shop; create role nightly nologin; grant create on schema public to nightly");
    expect(await changers()).toEqual(["admin"]);
    await db.owner.query("revoke create on schema public from nightly; drop role nightly");
  });
});

test("installed twice it is the same, and removed it leaves nothing behind", async () => {
  const before = await schemaLines(db.owner);
  const both = installSql({ tables: [USERS], limits: { ...LIMITS, percent: "12.5" }, versionColumn: "version" });
  await db.migrate(both);
  const once = await schemaLines(db.owner);
  await db.migrate(both);
  expect(await schemaLines(db.owner)).toEqual(once);

  await db.migrate(removeSql([USERS], "lost-updates"));
  await expect(db.app.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
  await db.migrate(removeSql([USERS], "all"));
  await db.migrate(removeSql([USERS], "all"));
  await db.app.query("update users set email = 'x'");
  expect((await schemaLines(db.owner)).filter((line) => line.startsWith("trigger on public."))).toEqual([]);

  await db.migrate(both);
  await db.migrate(REMOVE_EVERYTHING);
  expect(await schemaLines(db.owner)).toEqual(before);
});
