import { randomUUID } from "node:crypto";
import { DescribeDBClustersCommand } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../scripts/sandbox/demo-app/database.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

let world: WorkerWorld;
let snapshot: string;

beforeAll(async () => {
  world = await openWorkerWorld();
  const taken = await world.run("snapshot", {
    cluster: "app-prod",
    reason: "For the restores to come",
    request_id: randomUUID(),
    trigger: "manual",
    app_version: "1",
  });
  if (taken.code !== 0) throw new Error(taken.printed);
  snapshot = (await world.snapshotIds())[0] ?? "";
});
afterAll(() => world.close());

function inputs(changes: Record<string, string> = {}) {
  return {
    cluster: "app-prod",
    target: "app-restored",
    snapshot: "",
    time: "",
    reason: "Because of a test of restores",
    request_id: randomUUID(),
    ...changes,
  };
}

const minePrinted = (text: string) => text.replaceAll(/&#(\d+);/g, (_, char) => String.fromCharCode(Number(char)));
const entriesOf = async (requestId: string) => (await world.entries()).filter((entry) => entry.data.requestId === requestId);

async function usersIn(cluster: string): Promise<number> {
  const client = await connect({ ...(await world.aws.endpoint(cluster)), ...world.aws.master });
  try {
    return (await client.query<{ count: number }>("select count(*)::int as count from users")).rows[0]?.count ?? -1;
  } finally {
    await client.end();
  }
}

async function deleteUsers(): Promise<void> {
  const client = await connect({ ...(await world.aws.endpoint("app-prod")), ...world.aws.master });
  try {
    await client.query("delete from orders; delete from users");
  } finally {
    await client.end();
  }
}

describe("after every user was deleted", () => {
  let before: string;

  beforeAll(async () => {
    before = new Date().toISOString();
    await deleteUsers();
  });

  test("a restore to the moment before brings them back in a new cluster, and the record tells every step", async () => {
    const request = inputs({ target: "app-before", time: before });
    const { code, printed } = await world.run("restore", request);
    expect(minePrinted(printed)).toContain("is restored to the new cluster app-before");
    expect(code).toBe(0);
    expect(await usersIn("app-before")).toBe(50);
    expect(await usersIn("app-prod")).toBe(0);

    const entries = await entriesOf(request.request_id);
    expect(entries.map((entry) => entry.kind.replace("restore.", ""))).toEqual([
      "requested",
      "cluster-creating",
      "cluster-available",
      "instance-creating",
      "instance-available",
      "connected",
      "checked",
      "completed",
    ]);
    expect(entries.at(-1)?.data).toMatchObject({
      cluster: "app-prod",
      target: "app-before",
      point: { time: before },
      durationSeconds: expect.any(Number),
    });

    const again = await world.run("restore", request);
    expect(again.code).toBe(0);
    expect(await entriesOf(request.request_id)).toEqual(entries);
  });

  test("a restore of the snapshot brings them back too", async () => {
    const { code } = await world.run("restore", inputs({ target: "app-from-snapshot", snapshot }));
    expect(code).toBe(0);
    expect(await usersIn("app-from-snapshot")).toBe(50);
  });

  test("a restore whose checks do not hold is not called done: it says what exists and what to do", async () => {
    const request = inputs({ target: "app-empty", time: new Date().toISOString() });
    const { code, printed } = await world.run("restore", request);
    expect(code).toBe(1);
    expect(minePrinted(printed)).toMatch(/The check "users not empty" returned false/);
    expect(minePrinted(printed)).toMatch(/The cluster app-empty, available; it costs money until somebody deletes it/);
    const last = (await entriesOf(request.request_id)).at(-1);
    expect(last?.kind).toBe("restore.failed");
    expect(last?.data).toMatchObject({
      cluster: "app-prod",
      exists: expect.arrayContaining([expect.stringContaining("app-empty")]),
      next: expect.stringContaining("Re-run"),
    });
  });

  test("an image in which sampled victims are damaged is not accepted and names an earlier point; a sample of two commands is never run", async () => {
    const request = inputs({ target: "app-sampled", time: before, incident: "INC-3" });
    const damaged = await world.run("restore", { ...request, sample: "select count(*) = 51 from users" });
    expect([damaged.code, minePrinted(damaged.printed)]).toEqual([1, expect.stringContaining(`The image of ${before} is damaged already`)]);
    const told = await entriesOf(request.request_id);
    expect(told.at(-1)).toMatchObject({
      kind: "restore.failed",
      incident: "INC-3",
      data: { damagedImage: before, proposal: expect.anything(), next: expect.stringContaining("Go back further") },
    });
    expect(JSON.stringify(told)).not.toContain("count(*)");
    const two = await world.run("restore", { ...request, sample: "select true; drop table users" });
    expect([two.code, minePrinted(two.printed)]).toEqual([
      1,
      expect.stringContaining("could not be judged: it failed with SQLSTATE 42601"),
    ]);
    expect(await usersIn("app-sampled")).toBe(50);
    const clean = await world.run("restore", { ...request, sample: "select count(*) = 50 from users" });
    expect(clean.code, clean.printed).toBe(0);
  });

  test("the restored clusters are in the network of the live one", async () => {
    const { DBClusters: all = [] } = await world.rds.send(new DescribeDBClustersCommand({}));
    const live = all.find((each) => each.DBClusterIdentifier === "app-prod");
    const restored = all.find((each) => each.DBClusterIdentifier === "app-before");
    expect(restored?.DBSubnetGroup).toBe(live?.DBSubnetGroup);
    expect(restored?.VpcSecurityGroups).toEqual(live?.VpcSecurityGroups);
  });
});

describe("a refused restore leaves a ledger entry and nothing else", () => {
  test.each<[string, () => Record<string, string>, RegExp]>([
    ["an unknown cluster", () => ({ cluster: "other", snapshot }), /one of the clusters in holdfast.yml/],
    ["a time in the future", () => ({ time: new Date(Date.now() + 3_600_000).toISOString() }), /in the future/],
    ["a time before the earliest", () => ({ time: "2020-01-01T00:00:00Z" }), /before the earliest restorable time/],
    ["a time without a zone", () => ({ time: "2026-11-20T12:00:00" }), /a time with its zone/],
    ["a snapshot that is not there", () => ({ snapshot: "holdfast-nothing" }), /There is no snapshot holdfast-nothing/],
    ["the live cluster's own name", () => ({ target: "app-prod", snapshot }), /never writes onto a live cluster/],
    ["an illegal identifier", () => ({ target: "App_Restored", snapshot }), /lower-case letters/],
    ["a reason of 10,000 characters", () => ({ reason: "x".repeat(10_000), snapshot }), /at most 500 characters/],
  ])("%s", async (_what, changes, problem) => {
    const clusters = await world.clusterIds();
    const request = inputs(changes());
    const { code, printed } = await world.run("restore", request);
    expect(code).toBe(3);
    expect(minePrinted(printed)).toMatch(problem);
    expect((await entriesOf(request.request_id)).map((entry) => entry.kind)).toEqual(["restore.refused"]);
    expect(await world.clusterIds()).toEqual(clusters);
  });

  test("a name in use", async () => {
    const { code, printed } = await world.run("restore", inputs({ target: "app-taken", snapshot }));
    expect(code, printed).toBe(0);
    const clusters = await world.clusterIds();
    const second = inputs({ target: "app-taken", snapshot });
    const refused = await world.run("restore", second);
    expect(refused.code).toBe(3);
    expect(minePrinted(refused.printed)).toContain("The name app-taken is in use by a cluster that this request did not make");
    expect((await entriesOf(second.request_id)).map((entry) => entry.kind)).toEqual(["restore.refused"]);
    expect(await world.clusterIds()).toEqual(clusters);
  });
});

test("missing database credentials stop a restore before anything is made", async () => {
  const clusters = await world.clusterIds();
  const { code, printed } = await world.run("restore", inputs({ target: "app-no-password", snapshot }), { DATABASE_PASSWORD: "" });
  expect(code).toBe(1);
  expect(minePrinted(printed)).toContain("DATABASE_USER and DATABASE_PASSWORD are not set");
  expect(await world.clusterIds()).toEqual(clusters);
});
