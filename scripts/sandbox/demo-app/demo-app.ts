/**
 * The application that Holdfast protects in the sandbox: customers and orders in the first cluster, a load that never stops, the disaster,
 * and a journal outside of the database that tells what any restore has to give. Speaks SQL only, and only to its own tables.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { replaceFile } from "../postgres/write-file.ts";
import { type AppLog, openAppLog } from "./app-log.ts";
import { connect, type Database, loadTables, only, type Row, readTables, saveTables, type Tables } from "./database.ts";
import { Journal, type JournalEntry } from "./journal.ts";
import { type Truth, truthAt } from "./truth.ts";
import { passwordHash, startWriter, type Writer, type WriterOptions } from "./writer.ts";

export interface DemoAppOptions {
  readonly state: string;
  /** The master user's way to the database of the first cluster. */
  readonly master: Database;
  /** 10,000 unless given. */
  readonly users?: number;
  /** Makes the first rows the same again, apart from their times. */
  readonly seed?: number;
  /** Told each commit of the writer and of the disaster. */
  readonly onEntry?: (entry: JournalEntry) => void;
}

export interface DemoApp {
  /** The application's own login. */
  readonly database: Database;
  /** The login that owns the tables; migrations run as it. */
  readonly owner: Database;
  readonly journal: Journal;
  readonly log: AppLog;
  /** The rows that the journal begins from, one JSON line for each. */
  readonly initialFile: string;
  startWriter(load?: Pick<WriterOptions, "calm" | "commitsPerSecond" | "connections">): Writer;
  /** What the tables held at a time. */
  truthAt(time: Date | string): Promise<Truth>;
  initialRows(): Promise<Tables>;
}

const applicationUser = "app_web";
/** Named as the container that it stands for. */
const logFile = "flask_web_1.log";
const usualUsers = 10_000;
/** Whose name the disaster goes by in the log. */
export const resetBy = "nightly-job";
const ordersPerUser = 2;

/** Prepares the tables at the first start, and finds them at every later one. */
export async function openDemoApp(options: DemoAppOptions): Promise<DemoApp> {
  const folder = path.join(options.state, "demo-app");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const password = await keptPassword(path.join(folder, "password"));
  const journal = new Journal(path.join(folder, "journal.jsonl"), options.onEntry);
  const initialFile = path.join(folder, "initial.jsonl");
  const client = await connect(options.master);
  try {
    const { present } = only(await client.query<{ present: boolean }>("select to_regclass('public.users') is not null as present"));
    if (!present) await seed(client, password, options.users ?? usualUsers, options.seed);
    if (!existsSync(initialFile)) {
      if (existsSync(journal.file))
        throw new Error(`${journal.file} exists without ${initialFile}, so no truth can be told: start afresh with an empty state folder`);
      await saveTables(`${initialFile}.partial`, await readTables(client));
      await rename(`${initialFile}.partial`, initialFile);
    }
    await journal.settle(client);
  } finally {
    await client.end();
  }
  const log = openAppLog(path.join(folder, logFile), () => new Date());
  const database: Database = { ...options.master, user: applicationUser, password };
  const initialRows = () => loadTables(initialFile);
  return {
    database,
    owner: options.master,
    journal,
    log,
    initialFile,
    initialRows,
    startWriter: (load = {}) => startWriter({ database, journal, log, ...load }),
    truthAt: async (time) => truthAt(journal.file, await initialRows(), time),
  };
}

/** The disaster: an UPDATE without its WHERE gives every user the same password, in one transaction. */
export async function resetAllPasswords(client: pg.Client, journal: Journal, log: AppLog): Promise<JournalEntry> {
  const entry = await journal.commit(client, async () => {
    const { rows } = await client.query<{ row: Row }>(
      `update users t set password_hash = ${passwordHash("'changeme'")} returning to_jsonb(t) as row`,
    );
    return { table: "users", op: "update", rows: rows.map(({ row }) => row) };
  });
  log.event({ action: "password-changed", by: { name: resetBy }, ip: "192.0.2.10", rows: entry.rows.length, table: "users" });
  return entry;
}

/** One transaction, so that a kill leaves everything or nothing. */
async function seed(client: pg.Client, password: string, users: number, seedNumber: number | undefined): Promise<void> {
  const app = pg.escapeIdentifier(applicationUser);
  // Setting up is nobody's accident, and the database's log would tell the password of the role that is made here.
  await client.query("set log_statement = 'none'");
  await client.query("begin");
  if (seedNumber !== undefined) await client.query("select setseed($1)", [(seedNumber % 1_000_000) / 1_000_000]);
  await client.query(`create role ${app} login password ${pg.escapeLiteral(password)}`);
  await client.query(schema);
  await client.query(
    `insert into users (email, display_name, password_hash, created_at)
     select 'user' || n || '@example.com', 'Customer ' || n, 'sha256$' || salt || '$' || encode(sha256(convert_to(salt || 'password ' || n, 'UTF8')), 'hex'), now() - random() * interval '700 days'
     from (select n, md5(random()::text) as salt from generate_series(1, $1::int) n) s`,
    [users],
  );
  await client.query(
    `insert into orders (user_id, amount_cents, status, created_at)
     select 1 + floor(random() * $1::int)::bigint, 100 + floor(random() * 20000)::int, (array['placed', 'shipped', 'delivered'])[1 + floor(random() * 3)::int], now() - random() * interval '300 days'
     from generate_series(1, $2::int)`,
    [users, users * ordersPerUser],
  );
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${app}`);
  await client.query(`alter default privileges in schema public grant select, insert, update, delete on tables to ${app}`);
  await client.query("commit");
  await client.query("analyze users, orders");
}

const schema = `
  create table users (
    id bigint generated always as identity primary key,
    email text not null unique,
    display_name text not null,
    password_hash text not null,
    created_at timestamptz not null default now(),
    last_login_at timestamptz
  );
  create table orders (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id),
    amount_cents integer not null check (amount_cents > 0),
    status text not null default 'placed',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create index on orders (user_id);
`;

async function keptPassword(file: string): Promise<string> {
  if (!existsSync(file)) await replaceFile(file, randomBytes(24).toString("base64url"));
  return readFile(file, "utf8");
}
