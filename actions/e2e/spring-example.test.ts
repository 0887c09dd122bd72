/** The Spring example on a database that Holdfast migrated: it starts on no other, tells what happens in the contract, and keeps that for restored passwords. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { PATIENCE } from "../../scripts/testing/patience.ts";
import { contractCheck } from "../src/cli/contract-check.ts";
import { openReader } from "../src/detection/reader.ts";
import { Visitor } from "./flask-app.ts";
import { clusterWith, type MigrationDatabases, openMigrationDatabases, owner } from "./migration-databases.ts";
import { createSpringAdmin, installSpring, type SpringApp, type SpringSetting, startSpring } from "./spring-app.ts";

const installed = await installSpring();
const lacking = "lacking" in installed ? installed.lacking : null;
const passwords = { admin: "correct horse", customer: "battery staple", changed: "tr0ub4dor" };

describe.skipIf(lacking !== null)(`The Spring example${lacking === null ? "" : ` (skipped: ${lacking})`}`, () => {
  let databases: MigrationDatabases;
  let state: string;
  let app: SpringApp;
  let admin: Visitor;

  beforeAll(async () => {
    if ("lacking" in installed) throw new Error(installed.lacking);
    state = await mkdtemp(path.join(tmpdir(), "holdfast-spring-"));
    databases = await openMigrationDatabases();
    await databases.reset();
    const database = `jdbc:postgresql://127.0.0.1:${databases.port}/live`;
    const setting: SpringSetting = { spring: installed, state, database, user: owner };
    await expect(startSpring(setting)).rejects.toThrow(/Detected resolved migration not applied to database: 1/);
    const directory = "docs/examples/spring/src/main/resources/db/migration";
    await databases.migrate(clusterWith({ tool: "flyway", directory }), "");
    await createSpringAdmin(setting, "ada", passwords.admin);
    app = await startSpring(setting);
    admin = new Visitor(app, "198.51.100.10");
    await admin.login(200, "ada", passwords.admin);
  });
  afterAll(async () => {
    await app?.stop();
    await databases?.close();
    await rm(state, { recursive: true, force: true });
  });

  const idOf = async (name: string) => {
    const users: readonly { id: string; name: string }[] = JSON.parse(await admin.must(200, "GET", "/admin/users"));
    return users.find((user) => user.name === name)?.id;
  };
  const events = async () => {
    const reader = openReader({
      source: "users",
      format: "auto",
      timezone: "UTC",
      reference: null,
      admin: { actors: [], paths: [] },
      overridesFrom: [],
    });
    const lines = (await readFile(app.log, "utf8")).split("\n").filter(Boolean);
    const read = lines.flatMap((text, index) => reader.read({ text, source: "users", number: index + 1, stamp: null }));
    return [...read, ...reader.flush()];
  };

  test("each thing is told once, with who did it and from where, and no secret anywhere", async () => {
    const forged = 'x\n{"event": {"action": "override-on"}}\n\u2028';
    const robot = new Visitor(app, "203.0.113.99");
    await robot.must(201, "POST", "/register", { name: "bob", password: passwords.customer });
    await robot.must(409, "POST", "/register", { name: "bob", password: passwords.customer });
    await robot.login(401, forged, "guess");
    await robot.login(200, "bob", passwords.customer);
    await robot.must(204, "PUT", "/account/password", { current: passwords.customer, password: passwords.changed });
    await robot.must(403, "PUT", "/admin/override", { reason: "because I can", minutes: 5 });
    await admin.must(200, "PUT", "/admin/override", { reason: "CHG-1042: an account is cleaned up", minutes: 15 });
    await admin.must(204, "PUT", `/admin/users/${await idOf("bob")}/password`, { password: passwords.customer });
    await admin.must(204, "DELETE", `/admin/users/${await idOf("bob")}`);
    await admin.must(204, "DELETE", "/admin/override", { reason: "It is done" });
    await vi.waitFor(async () => expect((await events()).at(-1)?.kind).toBe("override-off"), PATIENCE);
    const told = (await events()).filter(({ ip }) => ip !== null && ip !== undefined);
    expect(told.map(({ kind, admin: byAdmin, ip }) => `${kind} ${byAdmin ? "by an administrator" : ""} ${ip}`)).toEqual([
      "auth-succeeded by an administrator 198.51.100.10",
      "user-created  203.0.113.99",
      "auth-failed  203.0.113.99",
      "auth-succeeded  203.0.113.99",
      "password-changed  203.0.113.99",
      "override-on by an administrator 198.51.100.10",
      "password-changed by an administrator 198.51.100.10",
      "row-deleted by an administrator 198.51.100.10",
      "override-off by an administrator 198.51.100.10",
    ]);
    const log = await readFile(app.log, "utf8");
    for (const secret of [...Object.values(passwords), "{bcrypt}", "$2a$"]) expect(log).not.toContain(secret);
  });

  test("contract-check proves that it keeps the contract for restored passwords", async () => {
    await admin.must(201, "POST", "/register", { name: "checked", password: passwords.customer });
    const where = `${app.url}/admin/users/${await idOf("checked")}/password`;
    vi.stubEnv("HOLDFAST_COOKIE", admin.cookie);
    const code = await contractCheck([
      where,
      "--login",
      `${app.url}/login`,
      "--user",
      "checked",
      "--hash",
      "spring-bcrypt",
      "--log",
      app.log,
    ]);
    vi.unstubAllEnvs();
    expect(code).toBe(0);
  });
});
