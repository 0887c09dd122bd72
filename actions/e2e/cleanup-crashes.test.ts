/**
 * The worker that deletes, killed with SIGKILL at each entry of its step list and at each deletion that it asks AWS for, and run again with
 * the same request: one thing removed, one last snapshot, one entry a step. The kill comes from outside, from GitHub or AWS being asked.
 */
import { randomUUID } from "node:crypto";
import { CreateDBInstanceCommand, RestoreDBClusterToPointInTimeCommand } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Fault as GitHubFault, Seen } from "../../scripts/sandbox/github/serve.ts";
import type { AwsRequest, Fault } from "../../scripts/sandbox/rds/aws.ts";
import { PATIENCE } from "../../scripts/testing/patience.ts";
import { CLEANUP_STEPS, entryId, TAGS } from "../src/domain/index.ts";
import { entryIdsIn } from "./entries-in-request.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

type Moment = "before" | "after";
const MOMENTS: readonly Moment[] = ["before", "after"];

let world: WorkerWorld;
/** What to kill, by the ledger entry or the action whose request is the moment. */
const fuses = new Map<string, { readonly moment: Moment; readonly kill: () => void }>();

function burn(name: string): Moment | undefined {
  const fuse = fuses.get(name);
  fuses.delete(name);
  fuse?.kill();
  return fuse?.moment;
}

function github(request: Seen): GitHubFault | undefined {
  const moment = entryIdsIn(request).map(burn).find(Boolean);
  return moment === undefined ? undefined : { kind: "hang-up", when: moment };
}

function aws({ action }: AwsRequest): Fault | undefined {
  const moment = burn(action);
  return moment === undefined ? undefined : { kind: moment === "before" ? "disconnect" : "lose-answer" };
}

beforeAll(async () => {
  world = await openWorkerWorld({ github, aws });
});
afterAll(() => world.close());

async function makeOrphan(id: string): Promise<void> {
  const tags = { [TAGS.managed]: "true", [TAGS.requestId]: randomUUID(), [TAGS.sourceCluster]: "app-prod" };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const source = { SourceDBClusterIdentifier: "app-prod", UseLatestRestorableTime: true };
  await world.rds.send(new RestoreDBClusterToPointInTimeCommand({ ...source, DBClusterIdentifier: id, Tags }));
  const ready = async () => (await world.clusters()).find((each) => each.DBClusterIdentifier === id);
  await vi.waitFor(async () => expect((await ready())?.Status).toBe("available"), PATIENCE);
  await world.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: `${id}-1`,
      DBClusterIdentifier: id,
      DBInstanceClass: "db.r6g.large",
      Engine: "aurora-postgresql",
      Tags,
    }),
  );
}

const boundaries = [...CLEANUP_STEPS.map((step) => step.name), "DeleteDBInstance", "DeleteDBCluster"].flatMap((at) =>
  MOMENTS.map((moment) => ({ at, moment })),
);

test.each(boundaries)("killed $moment $at, it removes one thing and leaves one last snapshot all the same", async ({ at, moment }) => {
  const requestId = randomUUID();
  const name = `half-${requestId.slice(0, 8)}`;
  await makeOrphan(name);
  const before = await world.snapshotIds();
  const inputs = { cluster: "app-prod", resource: "cluster", name, confirm: name, reason: "Killed and asked again", request_id: requestId };

  const victim = world.start("cleanup", inputs);
  fuses.set(at.startsWith("Delete") ? at : entryId(requestId, at), { moment, kill: () => victim.kill() });
  const killed = await victim.done;
  expect(killed.code, killed.printed).toBeNull();

  const again = await world.run("cleanup", inputs);
  expect(again.code, again.printed).toBe(0);
  expect(await world.clusterIds()).toEqual(["app-prod"]);
  expect(await world.snapshotIds()).toHaveLength(before.length + 1);
  const entries = (await world.entries()).filter((entry) => entry.data.requestId === requestId);
  expect(entries.map((entry) => entry.kind)).toEqual(CLEANUP_STEPS.map((step) => step.kind));
});
