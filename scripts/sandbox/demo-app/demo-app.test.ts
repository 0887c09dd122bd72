import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres/postgres.ts";
import { connect, type Database, readTables, type Tables } from "./database.ts";
import { type DemoApp, openDemoApp, resetAllPasswords } from "./demo-app.ts";
import { type JournalEntry, readJournal } from "./journal.ts";
import { compareWithTruth } from "./truth.ts";

const password = "for one test run";
const users = 2_000;
let state: string;
let postgres: Postgres;
let app: DemoApp;
let master: Database;

beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), "holdfast-demo-"));
  postgres = await startPostgres({ state });
  await postgres.create("first", "app", { user: "holdfast_admin", password });
  master = await loginTo("first");
  app = await openDemoApp({ state, master, users, seed: 1 });
});

afterAll(async () => {
  await postgres?.close();
  await rm(state, { recursive: true, force: true });
});

async function loginTo(id: string): Promise<Database> {
  await postgres.open(id, id);
  return { host: "127.0.0.1", port: await postgres.portOf(id), database: "app", user: "holdfast_admin", password };
}

async function tablesOf(database: Database): Promise<Tables> {
  const client = await connect(database);
  try {
    return await readTables(client);
  } finally {
    await client.end();
  }
}

async function journalled(): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(app.journal.file)) entries.push(entry);
  return entries;
}

/** The newest state: later than any commit, also on a database whose clock is read a moment later. */
const now = () => new Date(Date.now() + 1_000);

test("the first rows are the seeded ones", async () => {
  const initial = await app.initialRows();
  expect(initial.users).toHaveLength(users);
  expect(initial.orders).toHaveLength(users * 2);
  expect(new Set(initial.users?.map((row) => row.password_hash)).size).toBe(users);
  expect(compareWithTruth(await app.truthAt(now()), await tablesOf(master))).toEqual([]);
});

test("under load and a kill of the server, the journal tells every commit and no other", async () => {
  const writer = app.startWriter({ commitsPerSecond: 400 });
  await expect.poll(() => writer.commits()).toBeGreaterThan(100);
  const pid = postgres.pidOf("first");
  if (pid === undefined) throw new Error("The server is not running");
  process.kill(pid, "SIGKILL");
  const before = writer.commits();
  await expect.poll(() => writer.commits()).toBeGreaterThan(before + 100);
  await writer.stop();
  expect(writer.failures().count).toBeGreaterThan(0);
  const entries = await journalled();
  expect(new Set(entries.map(({ xid }) => xid)).size).toBe(entries.length);
  expect(new Set(entries.map(({ table, op }) => `${op} ${table}`))).toContain("insert orders");
  expect(entries.every(({ at }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(at))).toBe(true);
  const client = await connect(master);
  await app.journal.settle(client);
  await client.end();
  expect(compareWithTruth(await app.truthAt(now()), await tablesOf(master))).toEqual([]);
});

test("a restore to the moment before the disaster, under load, equals the truth", async () => {
  const writer = app.startWriter({ commitsPerSecond: 200 });
  const started = writer.commits();
  await expect.poll(() => writer.commits()).toBeGreaterThan(started + 50);
  const client = await connect(app.database);
  const disaster = await resetAllPasswords(client, app.journal, app.log);
  await client.end();
  const then = writer.commits();
  await expect.poll(() => writer.commits()).toBeGreaterThan(then + 50);
  await writer.stop();

  expect(disaster.rows.length).toBeGreaterThanOrEqual(users);
  expect(new Set(disaster.rows.map((row) => row.password_hash)).size).toBe(1);
  // The last millisecond before the disaster.
  const before = new Date(Date.parse(disaster.at) - 2);
  await postgres.restoreToTime("first", await postgres.resolveTime("first", before, 0), "rescued");
  const rescued = await tablesOf(await loginTo("rescued"));
  expect(compareWithTruth(await app.truthAt(before), rescued)).toEqual([]);
  const lost = compareWithTruth(await app.truthAt(now()), rescued).filter(({ table }) => table === "users");
  expect(lost.length).toBeGreaterThanOrEqual(users);
  expect(compareWithTruth(await app.truthAt(now()), await tablesOf(master))).toEqual([]);
});

test("a second opening finds rows, login and journal again", async () => {
  const again = await openDemoApp({ state, master, users });
  expect(again.database).toEqual(app.database);
  expect(await again.initialRows()).toEqual(await app.initialRows());
});
