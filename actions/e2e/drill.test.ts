import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

let world: SandboxWorld;

beforeAll(async () => {
  world = await openSandboxWorld();
});
afterAll(() => world.close());

async function run(workflow: string, inputs: Readonly<Record<string, string>>) {
  const requestId = inputs.request_id ?? randomUUID();
  const given = { cluster: "app-prod", reason: "To know before we have to", request_id: requestId, ...inputs };
  const [ended] = await world.ended([await world.dispatch(world.tokens.operator, workflow, given)]);
  const entries = await world.entriesOf(requestId);
  return { requestId, conclusion: ended?.conclusion, entries, kinds: entries.map((entry) => entry.kind) };
}

const drill = (tier: string, inputs: Readonly<Record<string, string>> = {}) => run("drill.yml", { tier, ...inputs });
const snapshot = () => run("snapshot.yml", { trigger: "manual", app_version: "1" });

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
