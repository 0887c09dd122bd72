import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { parse } from "yaml";
import * as z from "zod/mini";
import { defaultPeople } from "../../scripts/sandbox/github/people.ts";
import { type Fixture, openFixture } from "../../scripts/sandbox/github/sandbox-fixture.ts";
import { createScriptedEngine } from "../../scripts/sandbox/github/scripted-engine.ts";
import type { Level } from "../../scripts/sandbox/github/tokens.ts";
import type { AwsRequest, Fault } from "../../scripts/sandbox/rds/aws.ts";
import { type Aws, startAws } from "../../scripts/sandbox/rds/aws.ts";
import { PATIENCE } from "../../scripts/testing/patience.ts";
import { connectAurora } from "../src/aurora/aurora.ts";
import { readFacts } from "../src/cli/doctor/read-facts.ts";
import { environmentUses } from "../src/doctor/environment-uses.ts";
import { examine } from "../src/doctor/examine.ts";
import type { EnvironmentUse } from "../src/doctor/facts.ts";
import { HEALTHY_CONFIG, trustOf } from "../src/doctor/healthy-installation.ts";
import { chain, EMPTY_HEAD, formatSegment, type Head, headOf, parseConfig, segmentPath } from "../src/domain/index.ts";
import { openBranch } from "../src/github/branch.ts";
import { connectGitHub } from "../src/github/client.ts";
import { openLedger } from "../src/ledger/ledger.ts";

/** The sandbox's GitHub and Aurora set up as the guide says; each test plants a fault where a real one would be: at GitHub or at AWS. */

// What the guide asks of the doctor's token, and no more.
const READING: Readonly<Record<string, Level>> = {
  metadata: "read",
  contents: "read",
  actions: "read",
  administration: "read",
  environments: "read",
  secrets: "read",
  pages: "read",
};
const config = parseConfig(HEALTHY_CONFIG);

const told = { at: "2026-11-20T11:00:00.000Z", actor: "alice", run: "1/1", reason: "A test" };
/** What the guide asks for last: a plan, which looks into the database. */
const planned = { requestId: "m", cluster: "app-prod", protection: { guards: [], schemaChangers: ["migrator"] } };
const entries = chain(EMPTY_HEAD, [
  { ...told, id: "m:planned", kind: "plan.completed", data: planned },
  { ...told, id: "r:1", kind: "snapshot.requested", data: { requestId: "r" } },
  { ...told, id: "r:2", kind: "snapshot.requested", data: { requestId: "r" } },
]);
const head = headOf(entries);
const [first] = entries;
if (first === undefined) throw new Error("three entries were made");

let state: string;
let aws: Aws;
let fixture: Fixture;
let intercept: ((request: AwsRequest) => Fault | undefined) | undefined;
let workflows: Readonly<Record<string, string>>;
let uses: readonly EnvironmentUse[];
let rulesets: Parameters<Fixture["hub"]["changeSettings"]>[0]["rulesets"];
let roleFiles: readonly string[];

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "holdfast-doctor-"));
  aws = await startAws({
    state,
    port: 0,
    roles: [],
    jwks: async () => ({ keys: [] }),
    pace: 20,
    intercept: (request) => intercept?.(request),
  });
  const files = await readdir(".github/workflows");
  const texts = await Promise.all(
    files.map(async (file) => [`.github/workflows/${file}`, await readFile(`.github/workflows/${file}`, "utf8")]),
  );
  workflows = Object.fromEntries(texts);
  uses = files.flatMap((file) => environmentUses(file, parse(workflows[`.github/workflows/${file}`] ?? "")));
  rulesets = await Promise.all(
    ["main", "production", "ledger"].map(async (name) => JSON.parse(await readFile(`docs/examples/rulesets/${name}.json`, "utf8"))),
  );
  roleFiles = await Promise.all(
    [...new Set(uses.filter(({ identity }) => identity).map(({ environment }) => environment))].map(async (name) => {
      const file = join(state, `${name}.json`);
      await writeFile(file, JSON.stringify({ Role: { Arn: aws.roleArn(`holdfast-${name}`), AssumeRolePolicyDocument: trustOf(name) } }));
      return file;
    }),
  );
  vi.stubEnv("AWS_ENDPOINT_URL_RDS", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", aws.developer.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", aws.developer.secretAccessKey);
  const aurora = connectAurora(aws.region, undefined);
  await aurora.createSnapshot("first", "app-prod", {});
  await vi.waitFor(async () => expect((await aurora.snapshot("first"))?.status).toBe("available"), PATIENCE);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
  await rm(state, { recursive: true, force: true });
});

beforeEach(async () => {
  intercept = undefined;
  fixture = await openFixture({
    engine: createScriptedEngine(),
    people: [...defaultPeople, { login: "dora", id: 1009, type: "User", role: "admin" }],
  });
  const { hub } = fixture;
  for (const name of new Set(uses.map(({ environment }) => environment))) {
    const its = uses.filter(({ environment }) => environment === name);
    const gated = ["restore", "rewind", "migration-approval", "override"].includes(name);
    const value = (variable: string) => (variable === "AWS_ROLE_ARN" ? aws.roleArn(`holdfast-${name}`) : "something");
    hub.setEnvironment({
      name,
      branchPolicy: [name === "promote" ? "main" : "production"],
      reviewers: gated ? ["bob"] : [],
      preventSelfReview: gated,
      vars: Object.fromEntries(its.flatMap(({ variables }) => variables).map((variable) => [variable, value(variable)])),
      secrets: Object.fromEntries(its.flatMap(({ secrets }) => secrets).map((secret) => [secret, "hidden"])),
    });
  }
  hub.changeSettings({
    rulesets: rulesets ?? [],
    plan: "enterprise",
    pages: { status: "built", cname: "holdfast.example.org", httpsEnforced: true, source: "workflow" },
  });
  const main = await fixture.commit("main", workflows);
  await fixture.commit("production", { ...workflows, "actions/dist/snapshot.mjs": "" }, `Promote\n\nPromotes: ${main}`);
  await fixture.commit("ledger", { [segmentPath(first)]: formatSegment(entries) });
  const health = {
    v: 1,
    collector: "web-1",
    startedAt: new Date(),
    at: new Date(),
    sources: [],
    notices: { waiting: 0, failed: 0 },
    spooled: 0,
  };
  await fixture.commit("status", { "head.json": JSON.stringify(head), "collectors/web-1.json": JSON.stringify(health) });
  await hub.tick(new Date(Date.now() - 7_200_000));
  await hub.tick(new Date());
});
afterEach(() => fixture.close());

async function findings(
  login = "dora",
  { permissions = READING, remembered = null }: { readonly permissions?: typeof READING; readonly remembered?: Head | null } = {},
) {
  const token = fixture.hub.createToken({ login, permissions, expiresAt: new Date(Date.now() + 30 * 86_400_000) });
  const github = connectGitHub({ token, apiUrl: fixture.hub.url, repository: "acme/holdfast" });
  const status = openBranch(github, "status");
  const ledger = openLedger({ branch: openBranch(github, "ledger"), status, wait: async () => {}, random: () => 0 });
  const asked = { github, ledger, status, ofJob: false, config, roleFiles, remembered, countOrphans: async () => 0, now: new Date() };
  return examine(await readFacts(asked))
    .filter(({ verdict }) => verdict !== "pass")
    .map(({ verdict, check, on, says }) => `${verdict} ${check} ${on}: ${says}`);
}

test("an installation that was set up as the guide says is clean", async () => {
  expect(await findings("dora", { remembered: head })).toEqual([]);
});

test("faults at GitHub are found where they are", async () => {
  const { hub } = fixture;
  hub.setEnvironment({ name: "snapshot" });
  hub.setEnvironment({ name: "restore", branchPolicy: ["production"], reviewers: ["bob"], vars: { DATABASE_USER: "holdfast" } });
  hub.changeSettings({
    rulesets: (rulesets ?? []).filter(({ name }) => name !== "holdfast ledger"),
    plan: "team",
    pages: null,
    secrets: ["AWS_SECRET_ACCESS_KEY"],
    subjectKeys: ["repo"],
    actions: { enabled: true, allowed: "local_only", defaultPermissions: "write", canApprove: true },
    workflowStates: { "schedule.yml": "disabled_inactivity" },
  });
  const found = await findings();
  for (const expected of [
    /^fail branch-force-push ledger/,
    /^fail branch-deletion ledger/,
    /^fail repository-secrets .*AWS_SECRET_ACCESS_KEY/,
    /^fail environment-branches snapshot: lets every branch in/,
    /^fail environment-variable snapshot: lacks the variable AWS_ROLE_ARN/,
    /^fail environment-secret restore: lacks the secret DATABASE_PASSWORD/,
    /^fail environment-gate restore: is not gated: whoever asks may approve it alone/,
    /^fail environment-gate override: is not gated: .* plan team/,
    /^fail workflow-enabled schedule.yml: is disabled inactivity/,
    /^fail identity-subject/,
    /^fail actions-allowed/,
    /^fail actions-approve/,
    /^warning actions-token/,
    /^warning pages /,
  ])
    expect(found).toContainEqual(expect.stringMatching(expected));
});

test("a ledger that was shortened, and a ledger that was rewritten", async () => {
  const longer = { seq: 9, hash: "f".repeat(64) };
  expect(await findings("dora", { remembered: longer })).toEqual([
    expect.stringMatching(/^fail ledger-head ledger: ends at entry 3, and entry 9/),
  ]);
  expect(await findings("dora", { remembered: { ...head, hash: longer.hash } })).toEqual([
    expect.stringMatching(/^fail ledger-head ledger: holds another entry 3/),
  ]);
  await fixture.commit("ledger", { [segmentPath(first)]: formatSegment(entries).replace("alice", "mallory") });
  expect(await findings()).toContainEqual(expect.stringMatching(/^fail ledger-chain ledger: is broken at .*000000000001/));
});

test("a token that may read little gets warnings, and no pass and no fail for what it cannot see", async () => {
  const found = await findings("alice", { permissions: { contents: "read", actions: "read" } });
  expect(found.filter((line) => line.startsWith("fail"))).toEqual([]);
  for (const check of [
    "actions-enabled",
    "environment-variable",
    "environment-secret",
    "repository-secrets",
    "ruleset-bypass",
    "pages",
    "environment-gate",
  ])
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^warning ${check} `)));
});

test("faults at AWS are found where they are", async () => {
  const say = (from: RegExp, to: string) => (xml: string) => xml.replaceAll(from, to);
  intercept = ({ action }) =>
    action === "DescribeDBClusters"
      ? {
          kind: "change-answer",
          change: (xml) =>
            say(
              /<DeletionProtection>true/g,
              "<DeletionProtection>false",
            )(say(/<BackupRetentionPeriod>7/g, "<BackupRetentionPeriod>1")(say(/<StorageEncrypted>true/g, "<StorageEncrypted>false")(xml))),
        }
      : undefined;
  expect(await findings()).toEqual([
    expect.stringMatching(/^fail cluster-deletion-protection app-prod/),
    expect.stringMatching(/^warning cluster-backup-window app-prod: can go back 1 days only/),
    expect.stringMatching(/^warning cluster-encryption app-prod/),
  ]);
  intercept = () => ({ kind: "error", status: 403, code: "AccessDenied", message: "not authorized" });
  expect(await findings()).toEqual([
    expect.stringMatching(/^warning cluster-exists eu-west-1: could not be checked: AWS refused: not authorized/),
  ]);
});

test("the command prints a finding a line and ends with 1 where one failed", async () => {
  const file = join(state, "holdfast.yml");
  await writeFile(file, JSON.stringify(HEALTHY_CONFIG));
  const token = fixture.hub.createToken({ login: "dora", permissions: READING, expiresAt: new Date(Date.now() + 30 * 86_400_000) });
  const env = {
    ...process.env,
    GITHUB_TOKEN: token,
    GITHUB_API_URL: fixture.hub.url,
    GITHUB_REPOSITORY: "acme/holdfast",
    NODE_NO_WARNINGS: "1",
  };
  const run = async (...args: readonly string[]) => {
    const roles = roleFiles.flatMap((each) => ["--role", each]);
    const child = spawn(process.execPath, ["actions/dist/holdfast.mjs", "doctor", "--config", file, ...roles, ...args], { env });
    const ended = once(child, "close");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await ended;
    return { code: child.exitCode, stdout, stderr };
  };
  const clean = await run("--json");
  const lines = clean.stdout.trimEnd().split("\n");
  const verdicts = lines.map((line) =>
    z
      .object({ check: z.string(), on: z.string(), verdict: z.string(), says: z.string(), fix: z.nullable(z.string()) })
      .parse(JSON.parse(line)),
  );
  expect(verdicts.filter(({ verdict }) => verdict !== "pass")).toEqual([]);
  expect(clean).toMatchObject({ code: 0, stderr: expect.stringMatching(/^0 failed, 0 warnings, \d+ passed\n$/) });
  fixture.hub.changeSettings({ workflowStates: { "schedule.yml": "disabled_inactivity" } });
  const sick = await run();
  expect(sick.stdout).toMatch(
    /^fail {4}schedule.yml is disabled inactivity \[workflow-enabled\]\n {8}→ gh workflow enable schedule.yml -R acme\/holdfast\n/,
  );
  expect(sick.code).toBe(1);
});
