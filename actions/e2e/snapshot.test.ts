import { randomUUID } from "node:crypto";
import { DescribeDBClusterSnapshotsCommand } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inventorySchema } from "../src/domain/index.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

let world: WorkerWorld;

beforeAll(async () => {
  world = await openWorkerWorld();
});
afterAll(() => world.close());

function inputs(changes: Record<string, string> = {}) {
  return {
    cluster: "app-prod",
    reason: "Before the release of 4.2",
    request_id: randomUUID(),
    trigger: "manual",
    app_version: "4.2.0",
    ...changes,
  };
}

const kindsOf = async (requestId: string) =>
  (await world.entries()).filter((entry) => entry.data.requestId === requestId).map((entry) => entry.kind);

describe("a snapshot", () => {
  const request = inputs();

  test("is taken, tagged, recorded and listed", async () => {
    const { code, printed } = await world.run("snapshot", request);
    expect(printed).toContain("is available");
    expect(code).toBe(0);

    const [snapshot] =
      (await world.rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterIdentifier: "app-prod" }))).DBClusterSnapshots ?? [];
    expect(snapshot?.Status).toBe("available");
    expect(Object.fromEntries((snapshot?.TagList ?? []).map((tag) => [tag.Key, tag.Value]))).toMatchObject({
      "holdfast:managed": "true",
      "holdfast:request-id": request.request_id,
      "holdfast:trigger": "manual",
      "holdfast:app-version": "4.2.0",
      "holdfast:taken-at": expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });

    const mine = (await world.entries()).filter((entry) => entry.data.requestId === request.request_id);
    expect(mine.map((entry) => entry.kind)).toEqual(["snapshot.requested", "snapshot.creating", "snapshot.completed"]);
    expect(new Set(mine.map((entry) => `${entry.actor} ${entry.reason}`))).toEqual(new Set(["alice Before the release of 4.2"]));

    const inventory = inventorySchema.parse(JSON.parse((await world.statusFile("inventory.json")) ?? ""));
    expect(inventory.clusters[0]?.snapshots).toMatchObject([
      { id: snapshot?.DBClusterSnapshotIdentifier, trigger: "manual", appVersion: "4.2.0", managed: true },
    ]);
    expect(inventory.quota).toEqual({ used: 1, max: 100 });
  });

  test("that is asked for again with the same request id is neither taken nor recorded twice", async () => {
    const before = { snapshots: await world.snapshotIds(), entries: (await world.entries()).length };
    expect((await world.run("snapshot", request)).code).toBe(0);
    expect({ snapshots: await world.snapshotIds(), entries: (await world.entries()).length }).toEqual(before);
  });

  test("that two runs ask for at the same moment is one snapshot and one entry a step", async () => {
    const before = await world.snapshotIds();
    const twice = inputs();
    const runs = await Promise.all([world.run("snapshot", twice), world.run("snapshot", twice)]);
    expect(runs.map((run) => run.code)).toEqual([0, 0]);
    expect((await world.snapshotIds()).length).toBe(before.length + 1);
    expect(await kindsOf(twice.request_id)).toEqual(["snapshot.requested", "snapshot.creating", "snapshot.completed"]);
  });
});

describe("a refused request leaves a ledger entry and nothing else", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["an unknown cluster", { cluster: "other" }, /one of the clusters in holdfast.yml: app-prod, gone/],
    ["a cluster that AWS does not know", { cluster: "gone" }, /AWS does not know the cluster gone/],
    ["a missing reason", { reason: "" }, /at least 10 characters/],
    ["markup in the reason", { reason: "<script>alert(1)</script>" }, /without markup/],
    ["an unknown trigger", { trigger: "cron" }, /trigger/],
    ["a version that no tag can hold", { app_version: "4.2 (beta)" }, /AWS tag/],
  ])("%s", async (_what, changes, problem) => {
    const before = await world.snapshotIds();
    const request = inputs(changes);
    const { code, printed } = await world.run("snapshot", request);
    expect(code).toBe(3);
    expect(printed.replaceAll(/&#(\d+);/g, (_, char) => String.fromCharCode(Number(char)))).toMatch(problem);
    expect(await kindsOf(request.request_id)).toEqual(["snapshot.refused"]);
    expect(await world.snapshotIds()).toEqual(before);
  });

  test("a request id that is none", async () => {
    const before = (await world.entries()).length;
    expect((await world.run("snapshot", inputs({ request_id: "again" }))).code).toBe(3);
    const entries = await world.entries();
    expect(entries.slice(before).map((entry) => entry.kind)).toEqual(["snapshot.refused"]);
  });
});

describe("a token that cannot do the work stops it before anything is made", () => {
  test.each<[string, () => string, RegExp]>([
    [
      "expired",
      () => world.hub.createToken({ login: "alice", permissions: { contents: "write" }, expiresAt: new Date(Date.now() - 1000) }),
      /Bad credentials/,
    ],
    ["under-scoped", () => world.hub.createToken({ login: "alice", permissions: { contents: "read" } }), /not accessible/],
  ])("%s", async (_what, token, problem) => {
    const before = { snapshots: await world.snapshotIds(), entries: (await world.entries()).length };
    const { code, printed } = await world.run("snapshot", inputs(), { GITHUB_TOKEN: token() });
    expect(code).toBe(1);
    expect(printed).toMatch(problem);
    expect({ snapshots: await world.snapshotIds(), entries: (await world.entries()).length }).toEqual(before);
  });
});

test("no secret is printed or recorded", async () => {
  const { printed } = await world.run("snapshot", inputs());
  const everything = printed + JSON.stringify(await world.entries()) + (await world.statusFile("inventory.json"));
  for (const secret of [world.aws.master.password, world.aws.developer.secretAccessKey]) expect(everything).not.toContain(secret);
});

test("a full quota refuses before AWS is asked to create anything", async () => {
  const full = await openWorkerWorld({ manualSnapshots: 1 });
  try {
    expect((await full.run("snapshot", inputs())).code).toBe(0);
    const { code, printed } = await full.run("snapshot", inputs());
    expect(code).toBe(3);
    expect(printed).toContain("its quota is 1");
    expect(await full.snapshotIds()).toHaveLength(1);
    expect((await full.entries()).map((entry) => entry.kind).at(-1)).toBe("snapshot.refused");
  } finally {
    await full.close();
  }
});
