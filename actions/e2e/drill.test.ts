import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFaults } from "../../scripts/sandbox/faults/arm-faults.ts";
import { NAMED_FAULTS } from "../../scripts/sandbox/faults/named-faults.ts";
import { headOf, systemState } from "../src/domain/index.ts";
import { readConfig } from "../src/workers/read-config.ts";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

const CONFIG = fileURLToPath(new URL("../../holdfast.yml", import.meta.url));
const faults = openFaults();
let world: SandboxWorld;

beforeAll(async () => {
  world = await openSandboxWorld({ faults });
});
afterAll(() => world.close());

async function run(workflow: string, inputs: Readonly<Record<string, string>>) {
  const requestId = inputs.request_id ?? randomUUID();
  const given = { cluster: "app-prod", reason: "To know before we have to", request_id: requestId, ...inputs };
  const [ended] = await world.ended([await world.dispatch(world.tokens.operator, workflow, given)]);
  const entries = await world.entriesOf(requestId);
  const attempt = world.sandbox.github
    .runs()
    .find(({ id }) => id === ended?.id)
    ?.attempts.at(-1);
  const summaries = attempt?.jobs.map(({ summary }) => summary).join("\n") ?? "";
  const report = summaries.replaceAll(/&#(\d+);/g, (_, char) => String.fromCharCode(Number(char)));
  return { requestId, conclusion: ended?.conclusion, report, entries, kinds: entries.map((entry) => entry.kind) };
}

const drill = (tier: string, inputs: Readonly<Record<string, string>> = {}) => run("drill.yml", { tier, ...inputs });
const snapshot = () => run("snapshot.yml", { trigger: "manual", app_version: "1" });

async function stateNow() {
  const { clusters, ...config } = await readConfig(CONFIG);
  const [cluster] = clusters;
  if (cluster === undefined) throw new Error(`${CONFIG} names no cluster`);
  const unread = { ok: false, problem: "not asked here" } as const;
  const entries = await world.entries();
  const value = { ok: true, entries, head: headOf(entries) } as const;
  const now = new Date();
  return systemState({ cluster, config, inventory: unread, collectors: unread, ledger: { ok: true, at: now, value }, now });
}

const PROVEN = [
  "drill.requested",
  "drill.cluster-creating",
  "drill.cluster-available",
  "drill.instance-creating",
  "drill.instance-available",
  "drill.connected",
  "drill.checked",
  "drill.completed",
];

// Told in order, because each world takes long to build: nothing to prove, a good point of each tier, one that is not sound.
test("without a recovery point there is nothing to prove, and that is refused, not passed", async () => {
  const { conclusion, kinds, entries } = await drill("snapshot");
  expect([conclusion, kinds]).toEqual(["failure", ["drill.refused"]]);
  expect(entries[0]?.data.problem).toContain("has no snapshot that could be restored");
});

test("a good snapshot is restored to scratch, proven, and removed without a trace but the record", async () => {
  await snapshot();
  const snapshots = await world.snapshots();
  const { requestId, conclusion, kinds, entries } = await drill("snapshot", { incident: "INC-9" });
  expect([conclusion, kinds]).toEqual(["success", PROVEN]);
  const checked = entries.find((entry) => entry.kind === "drill.checked");
  expect(checked?.data).toMatchObject({
    tier: "snapshot",
    checks: expect.arrayContaining([{ name: "users not empty", ok: true }]),
    indexes: { checked: expect.any(Number) },
    rows: { users: expect.any(Number), orders: expect.any(Number) },
    schema: { missing: [], extra: [] },
  });
  expect(entries.at(-1)?.data.durationSeconds).toBeGreaterThan(0);
  expect(new Set(entries.map((entry) => entry.incident))).toEqual(new Set(["INC-9"]));

  expect(await world.clusterIds()).toEqual(["app-prod"]);
  expect(await world.snapshots()).toEqual(snapshots);
  const removed = (await world.entries()).filter((entry) => entry.data.madeBy === requestId || entry.data.target === checked?.data.target);
  expect(removed.map((entry) => entry.kind)).toEqual(expect.arrayContaining(["cleanup.requested", "cleanup.completed"]));

  const again = await drill("snapshot", { request_id: requestId });
  expect(again.kinds).toEqual(PROVEN);
  expect(await world.clusterIds()).toEqual(["app-prod"]);
});

test("the snapshot is put on hold and looked at by retention, each by a role of its own", async () => {
  const [{ id = "" } = {}] = await world.snapshots();
  const held = await run("hold.yml", { snapshot: id, action: "hold" });
  expect([held.conclusion, held.kinds]).toEqual(["success", ["hold.requested", "hold.completed"]]);
  const pruned = await run("retention.yml", { mode: "apply" });
  expect([pruned.conclusion, pruned.kinds]).toEqual(["success", ["retention.planned", "retention.completed"]]);
  expect(pruned.entries[0]?.data).toMatchObject({ snapshots: [], kept: 1, stopped: null });
  expect((await world.snapshots()).map((each) => each.id)).toEqual([id]);
});

test("the newest second is proven too", async () => {
  const { conclusion, entries } = await drill("continuous");
  expect(conclusion).toBe("success");
  expect(entries.at(-1)?.data).toMatchObject({ tier: "continuous", point: { time: expect.any(String) } });
  expect(await world.clusterIds()).toEqual(["app-prod"]);
});

test("a point whose checks do not hold fails the drill, and its scratch cluster stays for whoever looks", async () => {
  const { aws } = world.sandbox;
  const client = new pg.Client({ ...(await aws.endpoint("app-prod")), ...aws.master, ssl: false });
  await client.connect();
  await client.query("truncate users cascade");
  await client.end();
  const { conclusion, kinds, entries } = await drill("continuous");
  expect(conclusion).toBe("failure");
  expect(kinds.at(-1)).toBe("drill.failed");
  expect(entries.at(-1)?.data.problem).toContain('The check "users not empty" returned false');
  expect(await world.clusterIds()).toHaveLength(2);
  const alerts = (await world.entries()).filter((entry) => entry.kind === "alert.opened");
  expect(alerts.map(({ data }) => data)).toMatchObject([{ rule: "drill-failed", severity: "MEDIUM", cluster: "app-prod" }]);
});

// The snapshot is the good one: what is wrong is where it was restored to.
test.each([
  ["instance-full", /The check "every address once" failed with SQLSTATE 53400: temporary file size exceeds temp_file_limit \(64kB\)/],
  ["restore-fails", /ended as (migration-)?failed/],
] as const)("%s fails the drill of a good snapshot, and that is said and degrades the state", async (fault, said) => {
  // It sorts the whole table, whatever the planner knows of it.
  const check = "checks:\n      - {name: every address once, sql: select count(distinct email) = count(email) from users}";
  await world.commitAs("alice", { "holdfast.yml": (await readFile(CONFIG, "utf8")).replace("checks:", check) });
  const clusters = (await world.clusterIds()).length;
  faults.arm(NAMED_FAULTS[fault]);
  const { conclusion, report, kinds, entries } = await drill("snapshot").finally(() => faults.disarm());
  expect(faults.struck()).toBe(1);
  expect([conclusion, kinds.at(-1)]).toEqual(["failure", "drill.failed"]);
  expect(entries.at(-1)?.data.problem).toMatch(said);
  expect(report).toMatch(said);
  expect(await world.clusterIds()).toHaveLength(clusters + 1);
  expect((await stateNow()).reasons).toContainEqual(expect.objectContaining({ code: "drill-failed", state: "degraded" }));
});
