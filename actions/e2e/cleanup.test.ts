import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import {
  CreateDBClusterSnapshotCommand,
  DeleteDBClusterCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  RestoreDBClusterToPointInTimeCommand,
} from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Faults, openFaults } from "../../scripts/sandbox/faults/arm-faults.ts";
import { PATIENCE } from "../../scripts/testing/patience.ts";
import { type Inventory, inventorySchema, TAGS } from "../src/domain/index.ts";
import { instanceName } from "../src/recovery/names.ts";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const INCIDENT = "INC-7";

/** The restore that is to be cancelled learns nothing of its instance before that, however long everything else takes. */
let instanceAsked = false;
let letGo: () => void = () => {};
const overWithIt = new Promise<void>((resolve) => {
  letGo = resolve;
});
const faults: Faults = {
  ...openFaults(),
  async aws({ action, form }) {
    if (form.DBInstanceIdentifier !== instanceName("app-cancelled")) return undefined;
    if (action === "CreateDBInstance") instanceAsked = true;
    else if (instanceAsked && action === "DescribeDBInstances") await overWithIt;
    return undefined;
  },
};

let world: SandboxWorld;
const half = randomUUID();
const cancelled = randomUUID();
const unfinished = randomUUID();

const tags = (pairs: Readonly<Record<string, string>>) => Object.entries(pairs).map(([Key, Value]) => ({ Key, Value }));
const made = (requestId: string) => ({ [TAGS.managed]: "true", [TAGS.requestId]: requestId });

async function snapshot(): Promise<string> {
  const requestId = randomUUID();
  const inputs = {
    cluster: "app-prod",
    reason: "A whole one beside the halves",
    request_id: requestId,
    trigger: "manual",
    app_version: "1",
  };
  const [run] = await world.ended([await world.dispatch(world.tokens.operator, "snapshot.yml", inputs)]);
  expect(run?.conclusion).toBe("success");
  return (await world.snapshots()).find((each) => each.requestId === requestId)?.id ?? "";
}

async function makeCluster(id: string, pairs: Readonly<Record<string, string>>): Promise<void> {
  const source = { SourceDBClusterIdentifier: "app-prod", UseLatestRestorableTime: true };
  await world.rds.send(new RestoreDBClusterToPointInTimeCommand({ ...source, DBClusterIdentifier: id, Tags: tags(pairs) }));
  await vi.waitFor(async () => expect(await statusOf(id)).toBe("available"), PATIENCE);
}

async function statusOf(cluster: string): Promise<string | undefined> {
  const { DBClusters = [] } = await world.rds.send(new DescribeDBClustersCommand({}));
  return DBClusters.find((each) => each.DBClusterIdentifier === cluster)?.Status;
}

async function doctor(): Promise<{ readonly code: number | null; readonly lines: readonly Record<string, unknown>[] }> {
  const { aws, github } = world.sandbox;
  const child = spawn(process.execPath, ["actions/dist/holdfast.mjs", "doctor", "--orphans", "--json"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH ?? "",
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: "acme/holdfast",
      GITHUB_TOKEN: world.tokens.reader,
      AWS_ENDPOINT_URL_RDS: aws.url,
      AWS_ACCESS_KEY_ID: aws.developer.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.developer.secretAccessKey,
    },
  });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, lines: printed.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)])) };
}

async function inventory(): Promise<Inventory> {
  const answer = await fetch(`${world.sandbox.github.url}/repos/acme/holdfast/contents/inventory.json?ref=status`, {
    headers: { authorization: `Bearer ${world.tokens.reader}`, accept: "application/vnd.github.raw+json" },
  });
  return inventorySchema.parse(await answer.json());
}

/** Dispatches a removal and waits for its end. */
async function cleanup(resource: "cluster" | "snapshot", name: string, changes: Readonly<Record<string, string>> = {}) {
  const requestId = changes.request_id ?? randomUUID();
  const inputs = {
    cluster: "app-prod",
    resource,
    name,
    confirm: name,
    reason: "Nobody needs what is left",
    incident: INCIDENT,
    request_id: requestId,
    ...changes,
  };
  const [run] = await world.ended([await world.dispatch(world.tokens.operator, "cleanup.yml", inputs)]);
  const entries = await world.entriesOf(requestId);
  return { requestId, conclusion: run?.conclusion, entries, kinds: entries.map((entry) => entry.kind) };
}

beforeAll(async () => {
  world = await openSandboxWorld({ faults });
  await makeCluster("app-half", { ...made(half), [TAGS.sourceCluster]: "app-prod" });
  await makeCluster("app-foreign", { [TAGS.sourceCluster]: "app-prod" });
  const asked = { DBClusterSnapshotIdentifier: "holdfast-half", DBClusterIdentifier: "app-prod" };
  await world.rds.send(new CreateDBClusterSnapshotCommand({ ...asked, Tags: tags({ ...made(unfinished), [TAGS.trigger]: "manual" }) }));
  await vi.waitFor(async () => {
    const { DBClusterSnapshots = [] } = await world.rds.send(new DescribeDBClusterSnapshotsCommand({}));
    expect(DBClusterSnapshots[0]?.Status).toBe("available");
  }, PATIENCE);
});
afterAll(() => {
  letGo();
  return world.close();
});

// Told in order: what is left over, what may not go, what goes, and that nothing is left over then.
test("the only snapshot there is stays, half-made as it may be", async () => {
  const { conclusion, entries } = await cleanup("snapshot", "holdfast-half");
  expect(conclusion).toBe("failure");
  expect(entries.map((entry) => entry.kind)).toEqual(["cleanup.refused"]);
  expect(entries[0]?.data.problem).toContain("It is the newest snapshot of app-prod that can be restored.");
});

test("a restore that somebody cancels leaves a cluster, which doctor, inventory and nothing else calls left over", async () => {
  const taken = await snapshot();
  const inputs = { cluster: "app-prod", target: "app-cancelled", snapshot: taken, time: "", reason: "To be cancelled half-way" };
  const id = await world.dispatch(world.tokens.operator, "restore.yml", { ...inputs, request_id: cancelled });
  await vi.waitFor(async () => {
    expect((await world.entriesOf(cancelled)).map((entry) => entry.kind)).toContain("restore.instance-creating");
  }, PATIENCE);
  expect((await doctor()).lines.map((line) => line.id)).not.toContain("app-cancelled");
  const url = `${world.sandbox.github.url}/repos/acme/holdfast/actions/runs/${id}/cancel`;
  await fetch(url, { method: "POST", headers: { authorization: `Bearer ${world.tokens.operator}` } });
  expect((await world.ended([id]))[0]?.conclusion).toBe("cancelled");
  letGo();

  const { code, lines } = await doctor();
  expect(code).toBe(1);
  expect(lines.map(({ resource, id: name, requestId, reason, keep }) => ({ resource, name, requestId, reason, keep }))).toEqual([
    { resource: "cluster", name: "app-half", requestId: half, reason: "request-unfinished", keep: null },
    { resource: "snapshot", name: "holdfast-half", requestId: unfinished, reason: "request-unfinished", keep: null },
    { resource: "cluster", name: "app-cancelled", requestId: cancelled, reason: "request-unfinished", keep: null },
  ]);
  await snapshot();
  expect((await inventory()).orphans.map((each) => each.id)).toEqual(["app-half", "holdfast-half", "app-cancelled"]);
});

describe("a removal is refused, recorded, and nothing is deleted, of", () => {
  test.each<[string, "cluster" | "snapshot", string, Readonly<Record<string, string>>, RegExp]>([
    ["the live cluster", "cluster", "app-prod", {}, /the live cluster itself/],
    ["a name that was not typed again", "cluster", "app-half", { confirm: "app-hal" }, /exactly the name of what is removed, app-half/],
    ["a cluster that Holdfast did not make", "cluster", "app-foreign", {}, /Holdfast did not make the cluster app-foreign/],
    ["what AWS does not know", "snapshot", "holdfast-nothing", {}, /AWS knows no snapshot holdfast-nothing/],
    ["something without a reason", "cluster", "app-half", { reason: "x" }, /at least 10 characters/],
  ])("%s", async (_what, resource, name, changes, problem) => {
    const before = { clusters: await world.clusterIds(), snapshots: await world.snapshots() };
    const { conclusion, entries } = await cleanup(resource, name, changes);
    expect(conclusion).toBe("failure");
    expect(entries.map((entry) => entry.kind)).toEqual(["cleanup.refused"]);
    expect(entries[0]?.data.problem).toMatch(problem);
    expect({ clusters: await world.clusterIds(), snapshots: await world.snapshots() }).toEqual(before);
  });

  test("a whole snapshot", async () => {
    const [whole] = (await world.snapshots()).filter((each) => each.id !== "holdfast-half");
    const { kinds, entries } = await cleanup("snapshot", whole?.id ?? "");
    expect(kinds).toEqual(["cleanup.refused"]);
    expect(entries[0]?.data.problem).toContain("is not left over: its request completed");
  });
});

test("a half-made snapshot goes, and the record says before and after who removed it, why, and in which incident", async () => {
  const { conclusion, entries } = await cleanup("snapshot", "holdfast-half");
  expect(conclusion).toBe("success");
  expect(entries.map(({ kind, actor, reason, incident }) => ({ kind, actor, reason, incident }))).toEqual(
    ["cleanup.requested", "cleanup.completed"].map((kind) => ({
      kind,
      actor: "alice",
      reason: "Nobody needs what is left",
      incident: INCIDENT,
    })),
  );
  expect(entries[0]?.data).toMatchObject({ resource: "snapshot", target: "holdfast-half", madeBy: unfinished, why: "request-unfinished" });
  expect((await world.snapshots()).map((each) => each.id)).not.toContain("holdfast-half");
});

test("a cluster that never had an instance goes without a trace but the record", async () => {
  const snapshots = await world.snapshots();
  const { conclusion, entries } = await cleanup("cluster", "app-half");
  expect(conclusion).toBe("success");
  expect(entries.at(-1)?.data).toMatchObject({ target: "app-half", finalSnapshot: null });
  expect(await world.clusterIds()).not.toContain("app-half");
  expect(await world.snapshots()).toEqual(snapshots);
});

test("a cluster that somebody could have written to leaves a last snapshot, and the same request again removes nothing more", async () => {
  const { conclusion, entries, requestId } = await cleanup("cluster", "app-cancelled");
  expect(conclusion).toBe("success");
  expect(await world.clusterIds()).not.toContain("app-cancelled");
  const last = String(entries.at(-1)?.data.finalSnapshot);
  expect((await world.snapshots()).map((each) => each.id)).toContain(last);
  const again = await cleanup("cluster", "app-cancelled", { request_id: requestId });
  expect(again.conclusion).toBe("success");
  expect(again.entries).toEqual(entries);
});

test("then nothing is left over, and what Holdfast did not make is untouched", async () => {
  expect(await doctor()).toEqual({ code: 0, lines: [] });
  expect((await inventory()).orphans).toEqual([]);
  expect((await world.clusterIds()).toSorted()).toEqual(["app-foreign", "app-prod"]);
  await world.rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: "app-foreign", SkipFinalSnapshot: true }));
});
