import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres/postgres.ts";
import { logFilesIn } from "../postgres/server-log.ts";
import { connect, readTables } from "./database.ts";
import { type DemoApp, openDemoApp } from "./demo-app.ts";
import { misbehaviours } from "./misbehaviours.ts";
import { type Control, serveControl } from "./serve-control.ts";
import { compareWithTruth } from "./truth.ts";

const script = fileURLToPath(new URL("../../misbehave.ts", import.meta.url));
let state: string;
let postgres: Postgres;
let app: DemoApp;
let control: Control;
let waits: number[];
let read: number;

beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), "holdfast-misbehave-"));
  postgres = await startPostgres({ state });
  const owner = { user: "holdfast_admin", password: "for one test run" };
  await postgres.create("first", "app", owner);
  await postgres.open("first", "first");
  app = await openDemoApp({
    state,
    master: { host: "127.0.0.1", port: await postgres.portOf("first"), database: "app", ...owner },
    users: 200,
  });
  control = await serveControl(app, 0, async (milliseconds) => void waits.push(milliseconds));
});

afterAll(async () => {
  await control?.close();
  await postgres?.close();
  await rm(state, { recursive: true, force: true });
});

beforeEach(async () => {
  waits = [];
  read = (await logged()).length;
});

interface Told {
  readonly "@timestamp": string;
  readonly event: { readonly action: string; readonly outcome: string };
  readonly user: { readonly name: string; readonly roles?: readonly string[]; readonly target?: { readonly id: string } };
  readonly client: { readonly ip: string };
  readonly holdfast?: { readonly rows?: number; readonly override?: { readonly on: boolean; readonly expires?: string } };
}

async function logged(): Promise<readonly string[]> {
  return (await readFile(app.log.file, "utf8").catch(() => "")).split("\n").filter(Boolean);
}

/** The contract's lines since this test began. */
async function events(): Promise<readonly Told[]> {
  return (await logged())
    .slice(read)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

async function misbehave(name: string): Promise<{ status: number; done: string; see: string; error?: string }> {
  const answer = await fetch(`${control.url}/misbehave/${name}`, { method: "POST", headers: { "x-demo-app": "yes" } });
  const lines = (await answer.text()).trimEnd().split("\n");
  return { status: answer.status, ...JSON.parse(lines.at(-1) ?? "") };
}

async function wrongRows(): Promise<number> {
  const client = await connect(app.database);
  try {
    return compareWithTruth(await app.truthAt(new Date(Date.now() + 1_000)), await readTables(client)).length;
  } finally {
    await client.end();
  }
}

/** What PostgreSQL itself wrote down. */
async function statements(): Promise<string> {
  const folder = postgres.logOf("first")?.folder ?? "";
  const files = await logFilesIn(folder);
  return (await Promise.all(files.map(({ name }) => readFile(path.join(folder, name), "utf8")))).join("");
}

test("passwords reset by a customer's session, by an administrator, and under a declared override are told apart in the log", async () => {
  expect(await misbehave("mass-password-reset")).toMatchObject({ status: 200, done: expect.stringContaining("12 customers") });
  await misbehave("mass-password-reset-admin");
  await misbehave("mass-password-reset-override");
  const told = await events();
  expect(told.map(({ event }) => event.action)).toEqual([
    ...Array<string>(24).fill("password-changed"),
    "override-on",
    ...Array<string>(12).fill("password-changed"),
    "override-off",
  ]);
  const [customer, admin] = [told.slice(0, 12), told.slice(12, 24)];
  expect(customer.every(({ user }) => user.roles === undefined)).toBe(true);
  expect(admin.every(({ user }) => user.roles?.includes("admin"))).toBe(true);
  expect(new Set(customer.map(({ user }) => user.target?.id)).size).toBe(12);
  const override = told.find(({ event }) => event.action === "override-on")?.holdfast?.override;
  expect(Date.parse(override?.expires ?? "")).toBeGreaterThan(Date.now());
  expect(await wrongRows()).toBe(0);
});

test("a patient script waits between two resets, and ends when nobody waits for it any more", async () => {
  await misbehave("slow-password-reset");
  expect(await events()).toHaveLength(62);
  expect(waits).toEqual(Array(61).fill(7_000));
  expect(await wrongRows()).toBe(0);
  const gone = new AbortController();
  gone.abort();
  await misbehaviours["slow-password-reset"].act(app, { wait: async () => {}, say: () => {}, signal: gone.signal });
  expect(await events()).toHaveLength(63);
});

test("robots, deletions and failed logins leave one line each and the rows they say", async () => {
  await misbehave("bulk-user-creation");
  await misbehave("bulk-deletion");
  await misbehave("auth-failures");
  await misbehave("password-spraying");
  const told = await events();
  const of = (action: string) => told.filter(({ event }) => event.action === action);
  expect(of("user-created")).toHaveLength(25);
  expect(of("row-deleted").map(({ holdfast }) => holdfast?.rows)).toEqual(Array(25).fill(1));
  const failures = of("auth-failed");
  expect(failures).toHaveLength(18);
  expect(new Set(failures.slice(0, 6).map(({ client }) => client.ip)).size).toBe(1);
  expect(new Set(failures.slice(6).map(({ user }) => user.name)).size).toBe(1);
  expect(new Set(failures.slice(6).map(({ client }) => client.ip)).size).toBe(12);
  expect(await wrongRows()).toBe(0);
});

test("statements without a WHERE are in the database's log alone, and the journal knows what they took", async () => {
  await misbehave("destructive-statement");
  expect(await events()).toEqual([]);
  await expect.poll(statements).toMatch(/LOG: {2}statement: delete from orders t returning/);
  expect(await wrongRows()).toBe(0);
  await misbehave("bulk-user-creation");
  expect(await misbehave("truncate")).toMatchObject({ status: 200, done: expect.stringContaining("rows are gone") });
  await expect.poll(statements).toMatch(/LOG: {2}statement: truncate orders/);
  expect(await wrongRows()).toBe(0);
});

test("resetting all at once tells how many rows it took", async () => {
  await misbehave("reset-all-passwords");
  expect(await events()).toMatchObject([{ event: { action: "password-changed" }, holdfast: { rows: expect.any(Number) } }]);
  expect((await events())[0]?.holdfast?.rows).toBeGreaterThanOrEqual(200);
  expect(await wrongRows()).toBe(0);
});

test("migrations run to and fro, told as Alembic tells them", async () => {
  await misbehave("migration");
  await misbehave("migration");
  expect((await logged()).slice(read).filter((line) => line.includes("Running upgrade"))).toEqual([
    "INFO  [alembic.runtime.migration] Running upgrade  -> 4b7d1c9e2a60, index orders by status",
    "INFO  [alembic.runtime.migration] Running upgrade 4b7d1c9e2a60 -> 9f03e5ab7714, drop the index on status",
  ]);
  expect(await wrongRows()).toBe(0);
});

test("a name that is none lists those there are, on the command line and over HTTP", async () => {
  expect(await misbehave("nonsense")).toMatchObject({ status: 404, error: expect.stringContaining("slow-password-reset") });
  const run = (...args: readonly string[]) =>
    new Promise<{ code: number | null; said: string }>((resolve, reject) => {
      const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
        env: { ...process.env, HOLDFAST_DEMO_APP: control.url },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk));
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, said }));
    });
  const unknown = await run("nonsense");
  expect(unknown).toMatchObject({ code: 2, said: expect.stringContaining('"nonsense"') });
  for (const name of Object.keys(misbehaviours)) expect(unknown.said).toContain(`  ${name} `);
  expect(await run("auth-failures")).toMatchObject({
    code: 0,
    said: expect.stringContaining("To be seen: one alert of repeated-auth-failure"),
  });
});
