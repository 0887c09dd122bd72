import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { connect, type Database, type Row, type TableName } from "./database.ts";
import type { Change, Connection, Journal } from "./journal.ts";

export interface WriterOptions {
  readonly database: Database;
  readonly journal: Journal;
  readonly commitsPerSecond?: number;
  readonly connections?: number;
}

export interface Writer {
  /** Commits so far. */
  commits(): number;
  /** Writes that failed, as they do while the database is away; each is tried anew with another one. */
  failures(): { readonly count: number; readonly last: unknown };
  /** Waits for the transactions under way. */
  stop(): Promise<void>;
}

interface Habit {
  /** Out of a hundred commits. */
  readonly share: number;
  readonly table: TableName;
  readonly op: Change["op"];
  readonly sql: string;
}

export const passwordHash = (password: string, salt = "md5(random()::text)") =>
  `(select 'sha256$' || s.salt || '$' || encode(sha256(convert_to(s.salt || ${password}, 'UTF8')), 'hex') from (select ${salt} as salt) s)`;

/** A row picked by id, not by order: what is gone by then changes nothing, and the next try picks another. */
const anyOf = (table: TableName) =>
  `(select id from ${table} where id >= (select 1 + floor(random() * max(id)) from ${table}) order by id limit 1)`;

const habits: readonly Habit[] = [
  {
    share: 52,
    table: "users",
    op: "update",
    sql: `update users t set last_login_at = clock_timestamp() where id = ${anyOf("users")} returning to_jsonb(t) as row`,
  },
  {
    share: 26,
    table: "orders",
    op: "insert",
    sql: `insert into orders as t (user_id, amount_cents) values (${anyOf("users")}, 100 + floor(random() * 20000)) returning to_jsonb(t) as row`,
  },
  {
    share: 12,
    table: "orders",
    op: "update",
    sql: `update orders t set status = 'shipped', updated_at = clock_timestamp() where id = ${anyOf("orders")} returning to_jsonb(t) as row`,
  },
  {
    share: 6,
    table: "users",
    op: "insert",
    sql: `insert into users as t (email, display_name, password_hash) select 'user-' || u || '@example.com', 'Customer ' || left(u, 8), ${passwordHash("u")} from (select gen_random_uuid()::text as u) x returning to_jsonb(t) as row`,
  },
  {
    share: 3,
    table: "users",
    op: "update",
    sql: `update users t set password_hash = ${passwordHash("random()::text")} where id = ${anyOf("users")} returning to_jsonb(t) as row`,
  },
  { share: 1, table: "orders", op: "delete", sql: `delete from orders t where id = ${anyOf("orders")} returning to_jsonb(t) as row` },
];

/** Keeps customers busy until it is stopped, and through every loss of the database. */
export function startWriter({ database, journal, commitsPerSecond = 20, connections = 4 }: WriterOptions): Writer {
  const stopping = new AbortController();
  const interval = (1000 * connections) / commitsPerSecond;
  let commits = 0;
  let failures = 0;
  let lastFailure: unknown;
  const work = async () => {
    let client: pg.Client | undefined;
    let next = Date.now() + Math.random() * interval;
    while (!stopping.signal.aborted) {
      await pause(Math.max(0, next - Date.now()), undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) break;
      // Without this a database that was away for a minute would be met by a minute's worth of commits at once.
      next = Math.max(next + interval, Date.now());
      try {
        client ??= await connectAndSettle(database, journal);
        await journal.commit(client, write);
        commits++;
      } catch (error) {
        failures++;
        lastFailure = error;
        await client?.end().catch(() => {});
        client = undefined;
      }
    }
    await client?.end().catch(() => {});
  };
  const working = Promise.all(Array.from({ length: connections }, work));
  return {
    commits: () => commits,
    failures: () => ({ count: failures, last: lastFailure }),
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

async function connectAndSettle(database: Database, journal: Journal): Promise<pg.Client> {
  const left = journal.unsettled;
  const client = await connect(database);
  await journal.settle(client, left);
  return client;
}

async function write(client: Connection): Promise<Change> {
  let dice = Math.random() * 100;
  for (const habit of habits) {
    dice -= habit.share;
    if (dice > 0) continue;
    const { rows } = await client.query<{ row: Row }>(habit.sql);
    return { table: habit.table, op: habit.op, rows: rows.map(({ row }) => row) };
  }
  throw new Error("The shares of the habits do not add up to 100");
}
