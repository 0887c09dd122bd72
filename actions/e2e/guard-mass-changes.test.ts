/** Guards against mass changes: what they refuse, however it is written, and what they let pass. */
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { overrideSql } from "../src/domain/index.ts";
import { refused, USERS, useGuardDatabase } from "./guard-database.ts";

const db = useGuardDatabase();

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
    await db.guardUsers();
    await expect(db.app.query(sql)).rejects.toEqual(refused(message));
    expect([await db.changed(), await db.counted()]).toEqual([0, 1_000]);
  });

  test("is refused to the owner too, and a migration that makes one is taken back", async () => {
    await db.guardUsers();
    await expect(db.owner.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
    await expect(db.migrate("update users set email = 'x'")).rejects.toThrow(/holdfast guard: UPDATE on public.users refused.*ZHF01/);
    expect(await db.changed()).toBe(0);
  });

  test("that a foreign key makes out of one deletion is refused", async () => {
    await db.owner.query("create table orders (id int primary key, user_id int references users on delete cascade)");
    await db.owner.query("insert into orders select n, 1 from generate_series(1, 50) n");
    await db.guardUsers({}, [{ schema: "public", name: "orders" }]);
    await expect(db.app.query("delete from users where id = 1")).rejects.toEqual(refused(/DELETE on public\.orders refused: 50 rows/));
    expect(await db.counted()).toBe(1_000);
  });

  test("of a table with a name that needs quotes, or of partitions through their parent, is refused", async () => {
    await db.owner.query(
      `create schema "My Shop"; create table "My Shop"."a.b""c" (id int); insert into "My Shop"."a.b""c" select generate_series(1, 50)`,
    );
    await db.owner.query(
      "create table log (id int, day int) partition by list (day); create table log_1 partition of log for values in (1)",
    );
    await db.owner.query(
      "create table log_2 partition of log for values in (2); insert into log select n, 1 + n % 2 from generate_series(1, 50) n",
    );
    await db.guardUsers({}, [
      { schema: "My Shop", name: 'a.b"c' },
      { schema: "public", name: "log" },
      { schema: "public", name: "log_1" },
    ]);
    await expect(db.app.query(`delete from "My Shop"."a.b""c"`)).rejects.toEqual(
      refused(/DELETE on "My Shop"\."a\.b""c" refused: 50 rows/),
    );
    await expect(db.app.query("update log set day = 2")).rejects.toEqual(refused(/UPDATE on public\.log refused: 50 rows/));
    await expect(db.app.query("delete from log_1")).rejects.toEqual(refused(/DELETE on public\.log_1 refused: 25 rows/));
    // Written to directly, a partition knows only its own guards.
    expect((await db.app.query("delete from log_2")).rowCount).toBe(25);
  });
});

describe("one by one", () => {
  const loop = async (client: pg.Client, from: number, to: number) => {
    for (let id = from; id <= to; id++) await client.query("update users set email = 'x' where id = $1", [id]);
  };

  test("in one transaction, a loop is refused at the limit", async () => {
    await db.guardUsers({ windowRows: 1_000 });
    await db.app.query("begin");
    await loop(db.app, 1, 20);
    await expect(loop(db.app, 21, 21)).rejects.toEqual(
      refused(/UPDATE on public\.users refused: 1 row \(21 in one transaction, at most 20\)/),
    );
    await db.app.query("rollback");
    expect(await db.changed()).toBe(0);
    // What was rolled back is not held against anybody.
    await loop(db.app, 1, 30);
  });

  test("in many transactions of one role, over all its connections, a loop is refused at the limit of the window", async () => {
    await db.guardUsers({ rows: 5 });
    await loop(db.app, 1, 10);
    await loop(await db.another(), 11, 20);
    await expect(loop(await db.another(), 21, 21)).rejects.toEqual(refused(/1 row \(21 by role shop within 3600 s, at most 20\)/));
    expect(await db.changed()).toBe(20);
    // Another role has a window of its own.
    await db.owner.query("update users set email = 'x' where id = 100");
  });

  test("what is older than the window does not count, and is forgotten", async () => {
    await db.guardUsers();
    await loop(db.app, 1, 20);
    await db.owner.query("update holdfast_guard.changes set at = at - interval '3600 s'");
    await loop(db.app, 21, 40);
    await db.owner.query("update holdfast_guard.changes set at = at - interval '3600 s'");
    await db.guardUsers({ rows: 5_000, windowRows: 5_000 });
    const old = async () => (await db.owner.query("select from holdfast_guard.changes where at < now() - interval '1 hour'")).rowCount;
    await expect
      .poll(async () => {
        await loop(db.app, 1, 50);
        return old();
      })
      .toBe(0);
  });

  test("what was counted is added up from time to time, and still counted", async () => {
    await db.guardUsers({ windowRows: 1_000 });
    await loop(db.app, 1, 1_000);
    const { rows } = await db.owner.query("select count(*)::int as kept, sum(changed)::int as counted from holdfast_guard.changes");
    expect(rows[0]?.counted).toBe(1_000);
    expect(rows[0]?.kept).toBeLessThan(1_000);
    await expect(loop(db.app, 1, 1)).rejects.toEqual(refused(/1001 by role shop/));
  });

  test("writers do not wait for one another", async () => {
    await db.guardUsers();
    const second = await db.another();
    await db.app.query("begin; update users set email = 'x' where id = 1");
    await second.query("update users set email = 'x' where id = 2");
    expect(await db.changed()).toBe(1);
    await db.app.query("commit; begin isolation level repeatable read; update users set email = 'x' where id = 3");
    await second.query("begin isolation level repeatable read; update users set email = 'x' where id = 4");
    await db.app.query("commit");
    await second.query("update users set email = 'x' where id = 5; commit");
    expect(await db.changed()).toBe(5);
  });
});

test("a guard that only observes says what it would refuse, where a log keeps it, and refuses nothing", async () => {
  await db.guardUsers({ observe: true });
  const heard: string[] = [];
  const client = await db.another();
  client.on("notice", ({ severity, message }) => heard.push(`${severity}: ${message}`));
  await client.query("update users set email = 'x' where id <= 30");
  await client.query("truncate users");
  expect(heard).toEqual([
    "WARNING: holdfast guard: UPDATE on public.users would be refused: 30 rows (30 in one transaction, at most 20)",
    "WARNING: holdfast guard: TRUNCATE on public.users would be refused: 21 rows (21 in one transaction, at most 20)",
  ]);
  expect(await db.counted()).toBe(0);
});

describe("by percent", () => {
  test("a small table is guarded below the limit of rows", async () => {
    await db.guardUsers({ rows: 500, windowRows: 500, percent: "10" });
    await db.owner.query("delete from users where id > 900 and id <= 950");
    await db.owner.query("truncate holdfast_guard.changes");
    await expect(db.app.query("delete from users where id <= 96")).rejects.toEqual(refused(/96 rows \(96 of 950, at most 10 percent\)/));
    await db.app.query("delete from users where id <= 50");
    // What was deleted in the window belongs to what it is a part of.
    await db.app.query("delete from users where id <= 95");
    await expect(db.app.query("delete from users where id = 96")).rejects.toEqual(refused(/1 row \(96 of 950, at most 10 percent\)/));
  });

  test("a few rows are never too many", async () => {
    await db.owner.query("delete from users where id > 12; analyze users");
    await db.guardUsers({ rows: 500, windowRows: 500, percent: "10" });
    await db.app.query("update users set email = 'x' where id <= 10");
    await expect(db.app.query("update users set email = 'x' where id = 11")).rejects.toEqual(
      refused(/1 row \(11 of 12, at most 10 percent\)/),
    );
  });
});

describe("an override", () => {
  const allow = (rows: number, seconds = 900, table = USERS) =>
    db.migrate(overrideSql({ table, rows, seconds, reason: "CHG-1042: new hashes" }));

  test("in force lets so many rows pass and no more, and ordinary work goes on after it", async () => {
    await db.guardUsers({ percent: "10" });
    await allow(150);
    await db.app.query("update users set email = 'x' where id <= 100");
    await expect(db.app.query("update users set email = 'x' where id > 900")).rejects.toEqual(refused(/100 rows/));
    await db.app.query("update users set email = 'x' where id > 950");
    await expect(db.app.query("update users set email = 'x' where id <= 21")).rejects.toEqual(refused(/21 rows/));
    await db.app.query("update users set email = 'x' where id <= 20");
    expect((await db.owner.query("select rows::int, used::int, reason, made_by from holdfast_guard.overrides")).rows).toEqual([
      { rows: 150, used: 150, reason: "CHG-1042: new hashes", made_by: "admin" },
    ]);
  });

  test("at the head of a migration lets that very migration pass", async () => {
    await db.guardUsers();
    const override = overrideSql({ table: USERS, rows: 1_000, seconds: 60, reason: "CHG-1042: new hashes" });
    await db.migrate(`${override}update users set email = 'x'`);
    expect(await db.changed()).toBe(1_000);
  });

  test("lets TRUNCATE pass where it covers every row", async () => {
    await db.guardUsers();
    await allow(999);
    await expect(db.app.query("truncate users")).rejects.toEqual(refused(/TRUNCATE .* 1000 rows/));
    await allow(1_000);
    await db.app.query("truncate users");
    expect(await db.counted()).toBe(0);
  });

  test("that is over, not begun, or of another table lets nothing pass", async () => {
    await db.guardUsers();
    await allow(5_000, 900, { schema: "public", name: "orders" });
    await allow(5_000);
    await db.owner.query("update holdfast_guard.overrides set valid_until = clock_timestamp() where table_name = 'users'");
    await expect(db.app.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
    await db.owner.query("update holdfast_guard.overrides set valid_from = now() + interval '1 h', valid_until = now() + interval '2 h'");
    await expect(db.app.query("update users set email = 'x'")).rejects.toEqual(refused(/1000 rows/));
  });

  test("is not spent twice by two who are at it at once", async () => {
    await db.guardUsers();
    await allow(100);
    const second = await db.another();
    await db.app.query("begin; update users set email = 'x' where id <= 60");
    const waiting = expect(second.query("update users set email = 'x' where id > 940")).rejects.toEqual(refused(/60 rows/));
    await expect.poll(async () => (await db.owner.query("select from pg_stat_activity where wait_event_type = 'Lock'")).rowCount).toBe(1);
    await db.app.query("commit");
    await waiting;
  });
});
