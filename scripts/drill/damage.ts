/**
 * The accident of a rewind's drill, in transactions of its own while everybody else goes on writing: passwords of a random part of the customers
 * reset, orders deleted, and good writes by others in the middle of it and after it, to the same rows too.
 */
import type pg from "pg";
import { only, type Row, type TableName } from "../sandbox/demo-app/database.ts";
import type { DemoApp } from "../sandbox/demo-app/demo-app.ts";
import type { Change, JournalEntry } from "../sandbox/demo-app/journal.ts";
import { passwordHash } from "../sandbox/demo-app/writer.ts";

export type Random = () => number;

export interface Damage {
  /** The transactions that did it. */
  readonly entries: readonly JournalEntry[];
  readonly rows: number;
}

// A thousand of ten thousand customers, more or less, and a hundred orders.
const RESET = { least: 0.02, most: 0.3 } as const;
const DELETED = { least: 5, most: 400 } as const;

export async function damageSome(app: DemoApp, client: pg.Client, random: Random): Promise<Damage> {
  const share = RESET.least + random() * (RESET.most - RESET.least);
  const chosen = await idsOf(client, `select id from users where random() < ${share}`);
  const entries: JournalEntry[] = [];
  // One statement, or a script that goes through its list in batches.
  const batches = random() < 0.5 ? 1 : 2 + Math.floor(random() * 6);
  const size = Math.ceil(chosen.length / batches);
  for (let batch = 0; batch < batches; batch += 1) {
    const part = chosen.slice(batch * size, (batch + 1) * size);
    entries.push(
      await change(
        app,
        client,
        "users",
        "update",
        ["password_hash"],
        `update users t set password_hash = ${passwordHash("'changeme'")} where id = any($1)`,
        [part],
      ),
    );
    await writeAmong(app, client, random, part);
  }
  const doomed = DELETED.least + Math.floor(random() * (DELETED.most - DELETED.least));
  const orders = await idsOf(client, `select id from orders order by random() limit ${doomed}`);
  entries.push(await change(app, client, "orders", "delete", undefined, "delete from orders t where id = any($1)", [orders]));
  return { entries, rows: entries.reduce((sum, entry) => sum + entry.rows.length, 0) };
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
  const users = damage.entries.flatMap(({ table, rows }) => (table === "users" ? rows.map(({ id }) => String(id)) : []));
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
    "select id from users u where id = any($1) and not exists (select from orders o where o.user_id = u.id) order by id limit 3",
    [users],
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

/** The clock of the database, in milliseconds. */
export async function clockOf(client: pg.Client): Promise<number> {
  return Number(only(await client.query<{ ms: string }>("select extract(epoch from clock_timestamp()) * 1000 as ms")).ms);
}

function sample(random: Random, from: readonly string[], count: number): readonly string[] {
  const left = [...from];
  const taken: string[] = [];
  while (taken.length < count && left.length > 0) taken.push(...left.splice(Math.floor(random() * left.length), 1));
  return taken;
}
