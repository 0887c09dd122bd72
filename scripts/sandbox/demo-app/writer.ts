import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { AppLog } from "./app-log.ts";
import { connect, type Database, type Row, type TableName } from "./database.ts";
import type { Change, Connection, Journal } from "./journal.ts";

export interface WriterOptions {
  readonly database: Database;
  readonly journal: Journal;
  readonly log: AppLog;
  /** As on an ordinary day, when few people register, change their password or delete anything, and no rule has a reason to speak. */
  readonly calm?: boolean;
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
  /** Out of 10,000 commits. */
  readonly share: number;
  readonly calmShare: number;
  readonly tell: (log: AppLog, row: Row) => void;
  readonly table: TableName;
  readonly op: Change["op"];
  /** What its update sets. */
  readonly columns?: readonly string[];
  readonly sql: string;
}

export const passwordHash = (password: string, salt = "md5(random()::text)") =>
  `(select 'sha256$' || s.salt || '$' || encode(sha256(convert_to(s.salt || ${password}, 'UTF8')), 'hex') from (select ${salt} as salt) s)`;

/** A row picked by id, not by order: what is gone by then changes nothing, and the next try picks another. */
const anyOf = (table: TableName) =>
  `(select id from ${table} where id >= (select 1 + floor(random() * max(id)) from ${table}) order by id limit 1)`;

/** Where a customer sits; the same one always in the same place. */
export const homeOf = (user: unknown) => `203.0.113.${1 + (Number(user) % 250)}`;
export const personOf = ({ id, email }: Row) => ({ id: Number(id), name: String(email) });

const warehouse = "192.0.2.10";

const habits: readonly Habit[] = [
  {
    share: 5_200,
    calmShare: 5_690,
    tell: (log, row) =>
      log.event({ action: "auth-succeeded", by: personOf(row), ip: homeOf(row.id), request: { line: "POST /login", status: 302 } }),
    table: "users",
    op: "update",
    columns: ["last_login_at"],
    sql: `update users t set last_login_at = clock_timestamp() where id = ${anyOf("users")} returning to_jsonb(t) as row`,
  },
  {
    share: 2_600,
    calmShare: 3_000,
    tell: (log, row) => log.request(homeOf(row.user_id), "POST /orders", 201),
    table: "orders",
    op: "insert",
    sql: `insert into orders as t (user_id, amount_cents) values (${anyOf("users")}, 100 + floor(random() * 20000)) returning to_jsonb(t) as row`,
  },
  {
    share: 1_200,
    calmShare: 1_295,
    tell: (log, row) => log.request(warehouse, `PATCH /orders/${row.id}`, 200),
    table: "orders",
    op: "update",
    columns: ["status", "updated_at"],
    sql: `update orders t set status = 'shipped', updated_at = clock_timestamp() where id = ${anyOf("orders")} returning to_jsonb(t) as row`,
  },
  {
    share: 600,
    calmShare: 5,
    tell: (log, row) =>
      log.event({ action: "user-created", by: personOf(row), ip: homeOf(row.id), request: { line: "POST /register", status: 302 } }),
    table: "users",
    op: "insert",
    sql: `insert into users as t (email, display_name, password_hash) select 'user-' || u || '@example.com', 'Customer ' || left(u, 8), ${passwordHash("u")} from (select gen_random_uuid()::text as u) x returning to_jsonb(t) as row`,
  },
  {
    share: 300,
    calmShare: 5,
    tell: (log, row) =>
      log.event({
        action: "password-changed",
        by: personOf(row),
        ip: homeOf(row.id),
        request: { line: "POST /account/password", status: 302 },
      }),
    table: "users",
    op: "update",
    columns: ["password_hash"],
    sql: `update users t set password_hash = ${passwordHash("random()::text")} where id = ${anyOf("users")} returning to_jsonb(t) as row`,
  },
  {
    share: 100,
    calmShare: 5,
    tell: (log, row) =>
      log.event({
        action: "row-deleted",
        by: { name: "warehouse" },
        ip: warehouse,
        rows: 1,
        table: "orders",
        request: { line: `DELETE /orders/${row.id}`, status: 204 },
      }),
    table: "orders",
    op: "delete",
    sql: `delete from orders t where id = ${anyOf("orders")} returning to_jsonb(t) as row`,
  },
];

/** Keeps customers busy until it is stopped, and through every loss of the database. */
export function startWriter({ database, journal, log, calm = false, commitsPerSecond = 20, connections = 4 }: WriterOptions): Writer {
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
        const habit = anyHabit(calm);
        const { rows } = await journal.commit(client, (connection) => write(connection, habit));
        for (const row of rows) habit.tell(log, row);
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

function anyHabit(calm: boolean): Habit {
  let dice = Math.random() * 10_000;
  for (const habit of habits) {
    dice -= calm ? habit.calmShare : habit.share;
    if (dice <= 0) return habit;
  }
  throw new Error("The shares of the habits do not add up to 10,000");
}

async function write(client: Connection, { table, op, columns, sql }: Habit): Promise<Change> {
  const { rows } = await client.query<{ row: Row }>(sql);
  return { table, op, rows: rows.map(({ row }) => row), ...(columns === undefined ? {} : { columns }) };
}
