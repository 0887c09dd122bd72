/**
 * The accident of a rewind's drill while everybody else goes on writing: passwords of a random part of the customers reset, orders deleted, and
 * good writes by others in the middle of it and after it, to the same rows too.
 */
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Row, TableName } from "../sandbox/demo-app/database.ts";
import type { DemoApp } from "../sandbox/demo-app/demo-app.ts";
import type { Change, JournalEntry } from "../sandbox/demo-app/journal.ts";
import { passwordHash } from "../sandbox/demo-app/writer.ts";

export type Random = () => number;

export interface Damage {
  /** The transactions that did it, in order. */
  readonly commits: readonly { readonly xid: string; readonly at: string }[];
  readonly users: readonly string[];
  readonly orders: readonly string[];
  /** Whose orders they were: nobody leaves who had one, so these would not have left either. */
  readonly owners: readonly string[];
  /** What somebody at the keyboard would remember of it: whether anything was deleted. */
  readonly deletions: "damage" | "good";
}

/** Whose name the accident goes by in the application's log. */
export const DAMAGED_BY = "bulk-script";
const DAMAGED_FROM = "192.0.2.10";
// Of ten thousand customers, and of twenty thousand orders.
const RESET = { least: 0.01, most: 0.3 } as const;
const DELETED = { least: 5, most: 400 } as const;
const resetSql = (hash: string) => `update users t set password_hash = ${hash} where id = any($1) returning to_jsonb(t) as row`;
const DELETE_SQL = "delete from orders t where id = any($1) returning to_jsonb(t) as row";
/** How long the one transaction stays open after its last statement. */
const OPEN_MS = 400;

export async function damageSome(app: DemoApp, client: pg.Client, random: Random): Promise<Damage> {
  await client.query("select setseed($1)", [random()]);
  const share = RESET.least + random() * (RESET.most - RESET.least);
  const users = await idsOf(client, "select id from users where random() < $1", [share]);
  return random() < 0.5 ? atOnce(app, client, random, users) : inBatches(app, client, random, users);
}

/** A script that resets and deletes in a single transaction, which stays open for a while as long ones do. */
async function atOnce(app: DemoApp, client: pg.Client, random: Random, users: readonly string[]): Promise<Damage> {
  const count = DELETED.least + Math.floor(random() * (DELETED.most - DELETED.least));
  const orders = await idsOf(client, "select id from orders order by random() limit $1", [count]);
  let owners: readonly string[] = [];
  const entry = await app.journal.commit(client, async (connection) => {
    const reset = await connection.query<{ row: Row }>(resetSql(passwordHash("'changeme'")), [users]);
    const deleted = await connection.query<{ row: Row }>(DELETE_SQL, [orders]);
    owners = deleted.rows.map(({ row }) => String(row.user_id));
    await pause(random() * OPEN_MS);
    const gone: Change = { table: "orders", op: "delete", rows: deleted.rows.map(({ row }) => row) };
    return { table: "users", op: "update", columns: ["password_hash"], rows: reset.rows.map(({ row }) => row), more: [gone] };
  });
  tell(app, "password-changed", "users", users.length);
  tell(app, "row-deleted", "orders", orders.length);
  return { commits: [entry], users, orders, owners, deletions: "damage" };
}

/**
 * A script that goes through its list in batches, each a transaction of its own, while customers use what it has just broken. It writes one and the
 * same hash: where each row had one of its own, nothing but a value could tell a customer's write to a broken row from one that broke it.
 */
async function inBatches(app: DemoApp, client: pg.Client, random: Random, users: readonly string[]): Promise<Damage> {
  const batches = 1 + Math.floor(random() * 6);
  const size = Math.ceil(users.length / batches);
  const commits: JournalEntry[] = [];
  const hash = `sha256$${users.length}$${"0".repeat(64)}`;
  for (let batch = 0; batch < batches; batch += 1) {
    const part = users.slice(batch * size, (batch + 1) * size);
    if (part.length === 0) continue;
    commits.push(
      await app.journal.commit(client, async (connection) => {
        const { rows } = await connection.query<{ row: Row }>(resetSql("$2"), [part, hash]);
        return { table: "users", op: "update", columns: ["password_hash"], rows: rows.map(({ row }) => row) };
      }),
    );
    tell(app, "password-changed", "users", part.length);
    await writeAmong(app, client, random, part);
  }
  return { commits, users, orders: [], owners: [], deletions: "good" };
}

/** One line a transaction, once it is committed. */
function tell(app: DemoApp, action: "password-changed" | "row-deleted", table: TableName, rows: number): void {
  app.log.event({ action, by: { name: DAMAGED_BY }, ip: DAMAGED_FROM, rows, table });
}

/** Good writes in the middle of the accident: to other columns of damaged rows, and some that change nothing. */
async function writeAmong(app: DemoApp, client: pg.Client, random: Random, damaged: readonly string[]): Promise<void> {
  const some = sample(random, damaged, 5);
  await change(
    app,
    client,
    "users",
    "update",
    ["last_login_at"],
    "update users t set last_login_at = clock_timestamp() where id = any($1)",
    [some],
  );
  const others = sample(random, damaged, 5);
  await change(app, client, "users", "update", ["display_name"], "update users t set display_name = display_name where id = any($1)", [
    others,
  ]);
}

/** What customers do afterwards to rows that were damaged: log in, rename themselves, choose a password of their own, leave. */
export async function writeAfter(app: DemoApp, client: pg.Client, random: Random, damage: Damage): Promise<void> {
  const { users, owners } = damage;
  const each = async (count: number, columns: readonly string[], set: string) => {
    for (const id of sample(random, users, count))
      await change(app, client, "users", "update", columns, `update users t set ${set} where id = any($1)`, [[id]]);
  };
  await each(1 + Math.floor(random() * 10), ["last_login_at"], "last_login_at = clock_timestamp()");
  await each(1 + Math.floor(random() * 10), ["display_name"], "display_name = 'Renamed ' || id");
  await each(1 + Math.floor(random() * 10), ["password_hash"], `password_hash = ${passwordHash("random()::text")}`);
  await each(1 + Math.floor(random() * 5), ["display_name"], "display_name = display_name");
  const leaving = await idsOf(
    client,
    "select id from users u where id = any($1) and id <> all($2) and not exists (select from orders o where o.user_id = u.id) order by id limit 3",
    [users, owners],
  );
  await change(app, client, "users", "delete", undefined, "delete from users t where id = any($1)", [leaving]);
}

async function change(
  app: DemoApp,
  client: pg.Client,
  table: TableName,
  op: Change["op"],
  columns: readonly string[] | undefined,
  sql: string,
  values: readonly unknown[],
): Promise<JournalEntry> {
  return app.journal.commit(client, async (connection) => {
    const { rows } = await connection.query<{ row: Row }>(`${sql} returning to_jsonb(t) as row`, [...values]);
    return { table, op, rows: rows.map(({ row }) => row), ...(columns === undefined ? {} : { columns }) };
  });
}

async function idsOf(client: pg.Client, sql: string, values: readonly unknown[] = []): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>(sql, [...values]);
  return rows.map(({ id }) => id);
}

function sample(random: Random, from: readonly string[], count: number): readonly string[] {
  const left = [...from];
  const taken: string[] = [];
  while (taken.length < count && left.length > 0) taken.push(...left.splice(Math.floor(random() * left.length), 1));
  return taken;
}
