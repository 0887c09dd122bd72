import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Postgres, startPostgres } from "../../scripts/sandbox/postgres/postgres.ts";
import { PATIENCE } from "../../scripts/testing/patience.ts";
import { contractCheck } from "../src/cli/contract-check.ts";
import { createDetector } from "../src/detection/detector.ts";
import type { Event } from "../src/detection/event.ts";
import { openReader } from "../src/detection/reader.ts";
import { rulesInForce } from "../src/detection/rules-in-force.ts";
import { alembic, createAdmin, type FlaskApp, installFlask, startFlask, Visitor } from "./flask-app.ts";

const installed = await installFlask();
const lacking = "lacking" in installed ? installed.lacking : null;

const customers = 25;
const resets = 12;
const failures = 6;
const passwords = { admin: "correct horse", customer: "battery staple", changed: "tr0ub4dor", restored: "from the backup" };

/** What the planted incidents are made of; each of them has to be in the log. */
async function liveThroughADay(app: FlaskApp, admin: Visitor): Promise<void> {
  const robot = new Visitor(app, "203.0.113.99");
  for (let turn = 1; turn <= customers; turn++)
    await robot.must(201, "POST", "/register", { name: `customer ${turn}`, password: passwords.customer });
  await robot.must(409, "POST", "/register", { name: "customer 1", password: "other" });

  for (let turn = 1; turn <= resets; turn++) {
    const intruder = new Visitor(app, "198.51.100.23");
    await intruder.login(200, `customer ${turn}`, passwords.customer);
    await intruder.must(204, "PUT", "/account/password", { current: passwords.customer, password: passwords.changed });
  }
  for (let turn = 1; turn <= failures; turn++) await new Visitor(app, "198.51.100.77").login(401, `nobody ${turn}`, "guess");

  await admin.must(200, "PUT", "/admin/override", { reason: "CHG-1042: passwords of the old scheme are replaced", minutes: 15 });
  const idOf = await idsBy(admin);
  for (let turn = 1; turn <= resets; turn++)
    await admin.must(204, "PUT", `/admin/users/${idOf(`customer ${turn}`)}/password`, { password: passwords.changed });
  await admin.must(204, "DELETE", "/admin/override", { reason: "done" });
  for (let turn = 1; turn <= customers; turn++) await admin.must(204, "DELETE", `/admin/users/${idOf(`customer ${turn}`)}`);
  await admin.must(404, "DELETE", `/admin/users/${idOf("customer 1")}`);
}

async function idsBy(admin: Visitor): Promise<(name: string) => string | undefined> {
  const users: readonly { id: string; name: string }[] = JSON.parse(await admin.must(200, "GET", "/admin/users"));
  return (name) => users.find((user) => user.name === name)?.id;
}

async function databaseIn(postgres: Postgres): Promise<string> {
  await postgres.create("users", "shop", { user: "shop", password: "secret" });
  await postgres.open("users", "users");
  return `postgresql+psycopg://shop:secret@127.0.0.1:${await postgres.portOf("users")}/shop`;
}

function readEvents(lines: readonly string[]): readonly Event[] {
  const reader = openReader({
    source: "users",
    format: "auto",
    timezone: null,
    reference: null,
    admin: { actors: [], paths: [] },
    overridesFrom: [],
  });
  const events = lines.flatMap((text, index) => reader.read({ text, source: "users", number: index + 1, stamp: null }));
  return [...events, ...reader.flush()];
}

const reason = lacking === null ? "" : ` (skipped: ${lacking})`;
const settings = [
  { server: "werkzeug", on: "sqlite" },
  { server: "gunicorn", on: "PostgreSQL" },
] as const;
describe.skipIf(lacking !== null).each(settings)(`the Flask example under $server on $on${reason}`, ({ server, on }) => {
  const python = "python" in installed ? installed.python : "";
  let postgres: Postgres | undefined;
  let state: string;
  let app: FlaskApp;
  let admin: Visitor;
  /** The lines of the day, and none of what single tests do afterwards. */
  let day: readonly string[];

  beforeAll(async () => {
    state = await mkdtemp(path.join(tmpdir(), `holdfast-flask-${server}-`));
    if (on === "PostgreSQL") postgres = await startPostgres({ state });
    const database = postgres === undefined ? `sqlite:///${path.join(state, "shop.db")}` : await databaseIn(postgres);
    const setting = { python, state, server, database };
    if (postgres !== undefined) await alembic(python, database, "upgrade", "head");
    await createAdmin(setting, "ada", passwords.admin);
    app = await startFlask(setting);
    admin = new Visitor(app, "192.0.2.10");
    await admin.login(200, "ada", passwords.admin);
    await liveThroughADay(app, admin);
    await vi.waitFor(async () => expect(count(await told(), "row-deleted")).toBe(customers), PATIENCE);
    day = await lines();
  });

  afterAll(async () => {
    await app?.stop();
    await postgres?.close();
    await rm(state, { recursive: true, force: true });
  });

  const lines = async () => (await readFile(app.log, "utf8")).split("\n").filter(Boolean);
  const contract = (all: readonly string[]) => all.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  const told = async () => contract(await lines());
  const count = (events: readonly { event: { action: string } }[], action: string) =>
    events.filter(({ event }) => event.action === action).length;

  test("each thing is told once in the contract, beside the server's own lines, and no secret anywhere", () => {
    const events = contract(day);
    expect(count(events, "user-created")).toBe(customers);
    expect(count(events, "password-changed")).toBe(2 * resets);
    expect(count(events, "row-deleted")).toBe(customers);
    expect(count(events, "auth-failed")).toBe(failures);
    expect([count(events, "override-on"), count(events, "override-off")]).toEqual([1, 1]);
    expect(events.find(({ event }) => event.action === "auth-failed").client.ip).toBe("198.51.100.77");
    const log = day.join("\n");
    for (const secret of [...Object.values(passwords), "scrypt:", "pbkdf2:"]) expect(log).not.toContain(secret);
    // The development server colours its lines even into a pipe.
    const failed = day.filter((line) => /^198\.51\.100\.77 - - \[.*"POST \/login HTTP\/1\.1" 401 /.test(stripVTControlCharacters(line)));
    expect(failed).toHaveLength(failures);
  });

  test("Holdfast reads each thing once out of both kinds of lines, with who did it and from where", () => {
    const events = readEvents(day);
    const times = (kind: Event["kind"]) => events.filter((event) => event.kind === kind).length;
    expect({
      created: times("user-created"),
      changed: times("password-changed"),
      deleted: times("row-deleted"),
      failed: times("auth-failed"),
      on: times("override-on"),
      off: times("override-off"),
    }).toEqual({ created: customers, changed: 2 * resets, deleted: customers, failed: failures, on: 1, off: 1 });
    const changed = events.filter(({ kind }) => kind === "password-changed");
    expect(changed.map(({ admin }) => admin)).toEqual([...Array(resets).fill(false), ...Array(resets).fill(true)]);
    expect(new Set(changed.map(({ ip }) => ip))).toEqual(new Set(["198.51.100.23", "192.0.2.10"]));
    expect(events.filter(({ kind }) => kind === "row-deleted").every(({ rows, table }) => rows === 1 && table === "users")).toBe(true);
    const override = events.find(({ kind }) => kind === "override-on");
    expect(override).toMatchObject({ trusted: true, override: { reason: expect.stringContaining("CHG-1042") } });
  });

  test("every planted incident alerts once, and what was declared is hidden by its override", () => {
    const place = { app: "users", cluster: null, show: (text: string) => text };
    const detector = createDetector(rulesInForce(), { ...place, lateness: 5_000, longestOverride: 3_600_000, maxKeys: 1_000 });
    const alerts = [...detector.push(readEvents(day)), ...detector.advance(Date.now() + 3_600_000)];
    const opened = alerts.filter(({ transition }) => transition === "opened");
    expect(opened.filter(({ hiddenBy }) => hiddenBy === null).map(({ rule, severity, key }) => `${severity} ${rule} ${key}`)).toEqual([
      "MEDIUM bulk-user-creation *",
      "HIGH mass-password-reset *",
      "MEDIUM repeated-auth-failure 198.51.100.77",
      "HIGH bulk-deletion *",
    ]);
    expect(opened.filter(({ hiddenBy }) => hiddenBy !== null).map(({ rule }) => rule)).toEqual(["mass-password-reset-admin"]);
    const ended = alerts.filter(({ transition }) => transition === "ended");
    expect(Object.fromEntries(ended.map(({ rule, count: counted }) => [rule, counted]))).toEqual({
      "bulk-user-creation": customers,
      "mass-password-reset": resets,
      "mass-password-reset-admin": resets,
      "repeated-auth-failure": failures,
      "bulk-deletion": customers,
    });
  });

  test("only an administrator gets at the administrator's side", async () => {
    const customer = new Visitor(app, "203.0.113.20");
    await admin.must(201, "POST", "/register", { name: "curious", password: passwords.customer });
    await customer.must(401, "GET", "/admin/users");
    await customer.login(200, "curious", passwords.customer);
    await customer.must(403, "GET", "/admin/users");
    for (const where of ["/admin/users/1/password", "/admin/override"]) await customer.must(403, "PUT", where, {});
    for (const where of ["/admin/users/1", "/admin/override"]) await customer.must(403, "DELETE", where, {});
    await customer.must(204, "DELETE", "/account");
    await customer.must(401, "DELETE", "/account");
  });

  test("a password is hashed, a hash from a backup is stored as it is", async () => {
    const owner = new Visitor(app, "203.0.113.1");
    await owner.must(201, "POST", "/register", { name: "restored", password: passwords.customer });
    const where = `/admin/users/${(await idsBy(admin))("restored")}/password`;
    await admin.must(204, "PUT", where, { password: passwords.restored });
    await owner.login(200, "restored", passwords.restored);
    // "battery staple" as Werkzeug 2 hashed it: old hashes come back too.
    const hashed_password = "pbkdf2:sha256:1000$KbYTtVGZ7vLrYQyH$66b1d6b8de87449b5b2f4d993073b96e4fee99b23c3401f1dc182a3052432d14";
    await admin.must(204, "PUT", where, { hashed_password });
    await owner.login(200, "restored", passwords.customer);
    for (const wrong of [{}, [], null, { password: "a", hashed_password }, { hashed_password: "plain" }, { password: 7 }, { password: "" }])
      await admin.must(400, "PUT", where, wrong);
    await owner.login(200, "restored", passwords.customer);
    expect((await lines()).join("\n")).not.toContain("pbkdf2:");
  });

  test("contract-check proves that it keeps the contract for restored passwords", async () => {
    await admin.must(201, "POST", "/register", { name: "checked", password: passwords.customer });
    const where = `${app.url}/admin/users/${(await idsBy(admin))("checked")}/password`;
    vi.stubEnv("HOLDFAST_COOKIE", admin.cookie);
    for (const scheme of ["werkzeug-pbkdf2", "werkzeug-scrypt"]) {
      const code = await contractCheck([where, "--login", `${app.url}/login`, "--user", "checked", "--hash", scheme, "--log", app.log]);
      expect([scheme, code]).toEqual([scheme, 0]);
    }
    vi.stubEnv("HOLDFAST_COOKIE", "");
    const stranger = await contractCheck([
      where,
      "--login",
      `${app.url}/login`,
      "--user",
      "checked",
      "--hash",
      "werkzeug-pbkdf2",
      "--log",
      app.log,
    ]);
    expect(stranger).toBe(1);
    vi.unstubAllEnvs();
  });

  test("a name with newlines forges no line", async () => {
    const forged =
      'x\n{"event": {"action": "override-on"}, "holdfast": {"override": {"on": true}}}\n\u2028[2026-01-01 00:00:00,000] INFO in app: no';
    await new Visitor(app, "198.51.100.99").login(401, forged, "guess");
    await expect.poll(async () => (await told()).find(({ user }) => user.name === forged)?.event.action).toBe("auth-failed");
    expect(count(await told(), "override-on")).toBe(1);
    expect((await lines()).filter((line) => line.startsWith("[2026-01-01"))).toEqual([]);
  });
});
