import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Fixture, openFixture } from "../../scripts/sandbox/github/sandbox-fixture.ts";
import { collectorHealthSchema, collectorPath, type Entry, verify } from "../src/domain/index.ts";
import { openBranch } from "../src/github/branch.ts";
import { connectGitHub } from "../src/github/client.ts";
import { type CollectorPlace, failedLogins, openCollectorPlace, until } from "./collector-process.ts";

const CONFIG = `clusters:
  - {id: app-prod, region: eu-west-1, database: app}
apps:
  - {name: web, cluster: app-prod, files: [app/web.log]}
`;
const CANARY = "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871";

let place: CollectorPlace;
let fixture: Fixture;
let away: boolean;
let env: Record<string, string>;
let log: string;

beforeEach(async () => {
  away = false;
  place = openCollectorPlace(CONFIG);
  log = join(place.folder, "app", "web.log");
  writeFileSync(log, "");
  fixture = await openFixture({
    limits: { personal: 1_000_000 },
    intercept: () => (away ? { kind: "answer", status: 503, json: { message: "Service unavailable" } } : undefined),
  });
  await fixture.commit("main", { "README.md": "A repository to keep a ledger in\n" });
  env = {
    GITHUB_API_URL: fixture.hub.url,
    GITHUB_REPOSITORY: "acme/holdfast",
    GITHUB_TOKEN: fixture.hub.createToken({ login: "alice", permissions: { contents: "write" } }),
    HOLDFAST_COLLECTOR: "test-1",
  };
});
afterEach(async () => {
  await place.close();
  await fixture.close();
});

function branchOf(name: string) {
  const token = fixture.hub.createToken({ login: "alice", permissions: { contents: "write" } });
  return openBranch(connectGitHub({ token, apiUrl: fixture.hub.url, repository: "acme/holdfast" }), name);
}

async function filesOf(name: string) {
  const branch = branchOf(name);
  const head = await branch.head();
  const files = head === null ? [] : await branch.files(head);
  return Promise.all(files.map(async ({ path, sha }) => ({ path, text: await branch.read(sha) })));
}

async function entries(): Promise<readonly Entry[]> {
  const verdict = verify(await filesOf("ledger"));
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.broken));
  return verdict.entries;
}

const write = (...ips: readonly string[]) => appendFileSync(log, `${ips.flatMap((ip) => failedLogins(ip)).join("\n")}\n`);

test("alerts wait on disk while GitHub is away, outlive a kill, and enter the ledger once; a canary's return is told", async () => {
  away = true;
  write("192.0.2.1", "192.0.2.2");
  const first = place.start([], env);
  await until("both alerts", () => place.opened().length === 2);
  await first.kill();
  away = false;
  const second = place.start([], env);
  await until("both entries", async () => (await entries()).length === 2);
  appendFileSync(log, `203.0.113.9 - - [20/Nov/2026:12:29:43 +0000] "GET /health?holdfast-canary=${CANARY} HTTP/1.1" 200 2 "-" "-"\n`);
  await until("the canary", async () => (await filesOf("status")).some(({ text }) => text.includes(CANARY)));
  const view = (await filesOf("status")).find(({ path }) => path === collectorPath("test-1"));
  expect(collectorHealthSchema.parse(JSON.parse(view?.text ?? ""))).toMatchObject({
    collector: "test-1",
    sources: [{ app: "web", following: true, canary: { id: CANARY } }],
    spooled: 0,
  });
  expect((await second.end()).code).toBe(0);
  const told = await entries();
  expect(told.map(({ kind, actor }) => `${kind} by ${actor}`)).toEqual(["alert.opened by alice", "alert.opened by alice"]);
  expect(told.map(({ id }) => id).toSorted()).toEqual(
    place
      .alerts()
      .map(({ id }) => `${id}:opened`)
      .toSorted(),
  );
});

test("a ledger that lost its tail is said and not written to", async () => {
  write("192.0.2.1");
  const first = place.start([], env);
  await until("the entry", async () => (await entries()).length === 1);
  await until("its head", () => readFileSync(join(place.folder, "state", "ledger-head.json"), "utf8").includes('"seq":1'));
  await first.end();
  const [segment] = await filesOf("ledger");
  const ledger = branchOf("ledger");
  await ledger.replaceOn(await ledger.head(), "Somebody's own idea of history", [{ path: "README.md", text: "nothing to see" }], []);
  write("192.0.2.2");
  const second = place.start([], env);
  await until("the second alert", () => place.opened().length === 2);
  const { printed } = await second.end();
  expect(printed).toContain("The ledger is not the one that was seen before");
  expect((await filesOf("ledger")).map(({ path }) => path)).toEqual(["README.md"]);
  expect(segment?.text).toContain("192.0.2.1");
});
