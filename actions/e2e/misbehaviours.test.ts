import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../scripts/sandbox/demo-app/database.ts";
import { type DemoApp, openDemoApp } from "../../scripts/sandbox/demo-app/demo-app.ts";
import { type Misbehaviour, misbehaviours } from "../../scripts/sandbox/demo-app/misbehaviours.ts";
import { type Postgres, startPostgres } from "../../scripts/sandbox/postgres/postgres.ts";
import { logFilesIn } from "../../scripts/sandbox/postgres/server-log.ts";
import { until } from "../../scripts/testing/patience.ts";
import { createDetector } from "../src/detection/detector.ts";
import type { Event } from "../src/detection/event.ts";
import { openOccurrences } from "../src/detection/occurrences.ts";
import { openReader } from "../src/detection/reader.ts";
import { rulesInForce } from "../src/detection/rules-in-force.ts";
import type { Alert } from "../src/domain/index.ts";
import { readConfig } from "../src/workers/read-config.ts";

const users = 200;
let state: string;
let postgres: Postgres;
let app: DemoApp;

beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), "holdfast-noticed-"));
  postgres = await startPostgres({ state });
  const owner = { user: "holdfast_admin", password: "for one test run" };
  await postgres.create("first", "app", owner);
  await postgres.open("first", "first");
  app = await openDemoApp({ state, master: { host: "127.0.0.1", port: await postgres.portOf("first"), database: "app", ...owner }, users });
});

afterAll(async () => {
  await postgres?.close();
  await rm(state, { recursive: true, force: true });
});

type LogName = "application" | "database";

async function linesOf(log: LogName): Promise<readonly string[]> {
  const folder = postgres.logOf("first")?.folder ?? "";
  const files = log === "application" ? [app.log.file] : (await logFilesIn(folder)).map(({ name }) => path.join(folder, name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  return texts.join("").split("\n").filter(Boolean);
}

/** PostgreSQL's log is written behind its back: what stands before a statement of our own is complete. */
async function databaseLogged(): Promise<void> {
  const mark = `mark_${Date.now()}`;
  const client = await connect(app.owner);
  await client.query(`create temporary table ${mark} ()`);
  await client.end();
  await until("the database's log is written", async () => (await linesOf("database")).some((line) => line.includes(mark)) || null);
}

/** The alerts that both logs together give, from where they were before, as a collector reads them: the database's later. */
async function noticed({ act }: Misbehaviour): Promise<readonly Alert[]> {
  const before = { application: (await linesOf("application")).length, database: (await linesOf("database")).length };
  await act(app, { wait: async () => {}, say: () => {}, signal: new AbortController().signal });
  await databaseLogged();
  const occurrences = openOccurrences([]);
  const events: Event[] = [];
  for (const source of ["application", "database"] as const) {
    const reader = openReader({
      source,
      format: "auto",
      timezone: null,
      reference: null,
      admin: { actors: [], paths: [] },
      overridesFrom: [],
      occurrences,
    });
    const fresh = (await linesOf(source)).slice(before[source]);
    events.push(...fresh.flatMap((text, index) => reader.read({ text, source, number: index + 1, stamp: Date.now() })), ...reader.flush());
  }
  const place = { app: "web", cluster: "app-prod", show: (text: string) => text };
  const rules = rulesInForce(await readConfig(fileURLToPath(new URL("../../holdfast.yml", import.meta.url))));
  const detector = createDetector(rules, { ...place, lateness: 60_000, longestOverride: 3_600_000, maxKeys: 1_000 });
  const alerts = [...detector.push(events), ...detector.advance(Date.now() + 36_000_000)];
  return alerts.filter(({ transition }) => transition === "ended");
}

const told = (alerts: readonly Alert[]) =>
  alerts.map(({ severity, rule, count, hiddenBy }) => `${severity} ${rule} ${count}${hiddenBy === null ? "" : " hidden"}`);

test.each([
  ["mass-password-reset", ["HIGH mass-password-reset 12"]],
  ["mass-password-reset-admin", ["MEDIUM mass-password-reset-admin 12"]],
  ["mass-password-reset-override", ["MEDIUM mass-password-reset-admin 12 hidden"]],
  ["bulk-user-creation", ["MEDIUM bulk-user-creation 25"]],
  ["bulk-deletion", ["HIGH bulk-deletion 25"]],
  ["migration", ["MEDIUM migration-outside-window 1"]],
  ["auth-failures", ["MEDIUM repeated-auth-failure 6"]],
  ["password-spraying", ["MEDIUM repeated-auth-failure-account 12"]],
  ["destructive-statement", ["HIGH destructive-statement 1"]],
  ["truncate", ["HIGH destructive-statement 1"]],
  ["override-on", []],
  ["override-off", []],
] as const)("%s is noticed as what it is, once, though two logs tell it", async (name, expected) => {
  expect(told(await noticed(misbehaviours[name]))).toEqual(expected);
});

test("one statement that resets every password is noticed by its rows and by its missing WHERE", async () => {
  const alerts = await noticed(misbehaviours["reset-all-passwords"]);
  expect(alerts.map(({ rule }) => rule).sort()).toEqual(["destructive-statement", "mass-password-reset", "mass-password-reset-slow"]);
  expect(alerts.find(({ rule }) => rule === "mass-password-reset")?.count).toBeGreaterThanOrEqual(users);
});

test("a patient script reaches the threshold of the hour", async () => {
  // Without the pauses it is not patient, and the minute's rule sees it too.
  expect(told(await noticed(misbehaviours["slow-password-reset"]))).toContain("MEDIUM mass-password-reset-slow 62");
});
