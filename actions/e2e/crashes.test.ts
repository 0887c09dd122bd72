/**
 * Each worker killed with SIGKILL right before and right after each entry of its own step list, and run again with the same request: one
 * snapshot, one cluster, one entry a step. The kill comes from outside, from the GitHub that is asked to write the entry.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entryId, RESTORE_STEPS, SNAPSHOT_STEPS, TAGS } from "../src/domain/index.ts";
import { type Moment, openFuses } from "./fuses.ts";
import { type MakingWorker, openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

interface Boundary {
  readonly worker: MakingWorker;
  readonly step: string;
  readonly moment: Moment;
}

const MOMENTS: readonly Moment[] = ["before", "after"];
const boundaries = (worker: MakingWorker, steps: readonly { readonly name: string }[]): readonly Boundary[] =>
  steps.flatMap(({ name }) => MOMENTS.map((moment) => ({ worker, step: name, moment })));

let world: WorkerWorld;
let snapshot: string;

/** What to kill, by the entry whose writing is the moment. */
const fuses = openFuses();

beforeAll(async () => {
  world = await openWorkerWorld({ github: fuses.burn });
  const taken = await world.run("snapshot", inputsOf("snapshot", randomUUID()));
  if (taken.code !== 0) throw new Error(taken.printed);
  snapshot = (await world.snapshotIds())[0] ?? "";
});
afterAll(() => world.close());

function targetOf(requestId: string): string {
  return `restored-${requestId.slice(0, 8)}`;
}

function inputsOf(worker: MakingWorker, requestId: string): Record<string, string> {
  const common = { cluster: "app-prod", reason: "To be killed and asked for again", request_id: requestId };
  return worker === "snapshot"
    ? { ...common, trigger: "manual", app_version: "1" }
    : { ...common, target: targetOf(requestId), snapshot, time: "" };
}

async function killAt({ worker, step, moment }: Boundary, requestId: string): Promise<void> {
  const victim = world.start(worker, inputsOf(worker, requestId));
  fuses.set(entryId(requestId, step), moment, () => victim.kill());
  const { code, printed } = await victim.done;
  // null is what a process leaves that did not end by itself.
  if (code !== null) throw new Error(`The worker ended with ${code} before it wrote ${step}:\n${printed}`);
}

async function madeFor(requestId: string) {
  const mine = (tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = []) =>
    tags.some((tag) => tag.Key === TAGS.requestId && tag.Value === requestId);
  return {
    kinds: (await world.entries()).filter((entry) => entry.data.requestId === requestId).map((entry) => entry.kind),
    snapshots: (await world.snapshots()).filter((each) => mine(each.TagList)).map((each) => each.Status),
    clusters: (await world.clusters())
      .filter((each) => mine(each.TagList))
      .map((each) => ({ status: each.Status, instances: each.DBClusterMembers?.length })),
  };
}

describe("a snapshot worker killed", () => {
  test.each(boundaries("snapshot", SNAPSHOT_STEPS))("$moment it records $step takes one snapshot all the same", async (boundary) => {
    const requestId = randomUUID();
    await killAt(boundary, requestId);
    const again = await world.run("snapshot", inputsOf("snapshot", requestId));
    expect(again.code, again.printed).toBe(0);
    expect(await madeFor(requestId)).toEqual({ kinds: SNAPSHOT_STEPS.map((step) => step.kind), snapshots: ["available"], clusters: [] });
  });
});

describe("a restore worker killed", () => {
  test.concurrent.each(boundaries("restore", RESTORE_STEPS))(
    "$moment it records $step makes one cluster all the same",
    async (boundary) => {
      const requestId = randomUUID();
      await killAt(boundary, requestId);
      const again = await world.run("restore", inputsOf("restore", requestId));
      expect(again.code, again.printed).toBe(0);
      expect(await madeFor(requestId)).toEqual({
        kinds: RESTORE_STEPS.map((step) => step.kind),
        snapshots: [],
        clusters: [{ status: "available", instances: 1 }],
      });
      await world.letGoOfCluster(targetOf(requestId));
    },
  );
});

test("a worker killed at every step of one request, one after the other, still makes one of everything", async () => {
  const requestId = randomUUID();
  for (const { name } of RESTORE_STEPS) await killAt({ worker: "restore", step: name, moment: "after" }, requestId);
  expect((await world.run("restore", inputsOf("restore", requestId))).code).toBe(0);
  const { kinds, clusters } = await madeFor(requestId);
  expect(kinds).toEqual(RESTORE_STEPS.map((step) => step.kind));
  expect(clusters).toEqual([{ status: "available", instances: 1 }]);
  await world.letGoOfCluster(targetOf(requestId));
});
