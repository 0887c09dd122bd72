/**
 * Retention and holds as a person runs them, on snapshots that AWS really holds: what was announced a day ago goes, once, whatever kills the
 * worker; what somebody needs stays. The kill comes from outside, from GitHub or AWS being asked.
 */
import { randomUUID } from "node:crypto";
import { CreateDBClusterSnapshotCommand } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fault as GitHubFault, Seen } from "../../scripts/sandbox/github/serve.ts";
import type { AwsRequest, Fault } from "../../scripts/sandbox/rds/aws.ts";
import { until } from "../../scripts/testing/patience.ts";
import { type Draft, entryId, inventorySchema, TAGS } from "../src/domain/index.ts";
import { entryIdsIn } from "./entries-in-request.ts";
import { alertEntry, sampleAlert } from "./sample-alert.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

type Moment = "before" | "after";
const MOMENTS: readonly Moment[] = ["before", "after"];
const DAY_MS = 86_400_000;

const CONFIG = `clusters:
  - {id: app-prod, region: eu-west-1, database: app}
retention: {daily: 1, weekly: 0, monthly: 0, minimumAge: 1ms, perRun: 1}
`;

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
  world = await openWorkerWorld({ config: CONFIG, github, aws });
});
afterAll(() => world.close());

function draft(requestId: string, step: string, kind: Draft["kind"], data: Draft["data"], at = new Date()): Draft {
  const written = { actor: "alice", run: "local", reason: "To have something to let go of" };
  return { id: entryId(requestId, step), at: at.toISOString(), kind, data: { requestId, cluster: "app-prod", ...data }, ...written };
}

/** Snapshots as the snapshot worker leaves them, oldest first. */
async function makeSnapshots(count: number): Promise<readonly string[]> {
  const made: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const requestId = randomUUID();
    const id = `holdfast-app-prod-${requestId.slice(0, 8)}`;
    const tags = { [TAGS.managed]: "true", [TAGS.requestId]: requestId, [TAGS.trigger]: "scheduled" };
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await world.rds.send(new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: "app-prod", DBClusterSnapshotIdentifier: id, Tags }));
    await until(`${id} is available`, async () =>
      (await world.snapshots()).some((each) => each.DBClusterSnapshotIdentifier === id && each.Status === "available") &&
      (await world.clusters()).every((each) => each.Status === "available")
        ? true
        : null,
    );
    await world.record([
      draft(requestId, "requested", "snapshot.requested", { snapshot: id }),
      draft(requestId, "completed", "snapshot.completed", { snapshot: id }),
    ]);
    made.push(id);
  }
  return made;
}

/** A plan of the day before that named everything there is, behind one that named nothing. */
async function announce(): Promise<void> {
  const snapshots = (await world.snapshots()).map((each) => ({
    id: each.DBClusterSnapshotIdentifier ?? "",
    takenAt: each.SnapshotCreateTime?.toISOString() ?? "",
  }));
  const yesterday = new Date(Date.now() - DAY_MS - 60_000);
  await world.record([[], snapshots].map((named) => draft(randomUUID(), "planned", "retention.planned", { snapshots: named }, yesterday)));
}

const request = (changes: Record<string, string> = {}) => ({
  cluster: "app-prod",
  mode: "apply",
  reason: "What no rule keeps may go",
  request_id: randomUUID(),
  ...changes,
});
const hold = (snapshot: string, action: string) =>
  world.run("hold", { cluster: "app-prod", snapshot, action, reason: "The auditors look at it", request_id: randomUUID() });
const kindsOf = async (requestId: string) =>
  (await world.entries()).filter((entry) => entry.data.requestId === requestId).map((entry) => entry.kind);

const WHOLE = ["retention.planned", "retention.deleting", "retention.deleted", "retention.completed"];

test("one is announced first, can be held, and is not deleted while an incident is open; released, it goes a day after it was announced", async () => {
  const [first = "", second = ""] = await makeSnapshots(2);
  const dry = await world.run("retention", request({ mode: "dry-run" }));
  expect([dry.code, dry.printed]).toEqual([0, expect.stringContaining("announced for the first time")]);
  const before = request();
  expect((await world.run("retention", before)).code).toBe(0);
  expect(await kindsOf(before.request_id)).toEqual(["retention.planned", "retention.completed"]);
  expect(await world.snapshotIds()).toEqual([first, second]);

  const foreign = await hold("not-there", "hold");
  expect([foreign.code, foreign.printed]).toEqual([3, expect.stringContaining("AWS knows no snapshot not-there")]);
  expect((await hold(first, "hold")).code).toBe(0);
  const inventory = inventorySchema.parse(JSON.parse((await world.statusFile("inventory.json")) ?? ""));
  expect(inventory.clusters[0]?.snapshots.filter(({ held }) => held).map(({ id }) => id)).toEqual([first]);
  await announce();
  const held = await world.run("retention", request({ mode: "dry-run" }));
  expect(held.printed).toContain("0 snapshots would be deleted now");
  expect((await hold(first, "release")).code).toBe(0);

  const alert = sampleAlert();
  await world.record([alertEntry(alert)]);
  const stopped = await world.run("retention", request({ mode: "dry-run" }));
  expect(stopped.printed).toContain(`The HIGH alert ${alert.id.replaceAll("-", "&#45;")} is not resolved`);
  await world.record([{ ...draft(alert.id, "resolved", "alert.resolved", {}), incident: alert.id }]);

  const after = request();
  expect((await world.run("retention", after)).code).toBe(0);
  expect(await kindsOf(after.request_id)).toEqual(WHOLE);
  expect(await world.snapshotIds()).toEqual([second]);
});

// Before an entry is after what came before it.
const boundaries = [
  ...["planned", "deleting", "deleted", "completed"].map((at) => ({ at, moment: "after" as const })),
  ...MOMENTS.map((moment) => ({ at: "DeleteDBClusterSnapshot", moment })),
];

test("killed after each entry, and before and after each deletion, it deletes one snapshot a run, the oldest, and says so once", async () => {
  await makeSnapshots(boundaries.length);
  await announce();
  const [newest] = (await world.snapshotIds()).slice(-1);
  for (const { at, moment } of boundaries) {
    const [oldest = "", ...rest] = await world.snapshotIds();
    const inputs = request();
    const victim = world.start("retention", inputs);
    const step = at === "deleting" || at === "deleted" ? `${at}-${oldest}` : at;
    fuses.set(at.startsWith("Delete") ? at : entryId(inputs.request_id, step), { moment, kill: () => victim.kill() });
    const killed = await victim.done;
    expect([at, moment, killed.code], killed.printed).toEqual([at, moment, null]);
    const again = await world.run("retention", inputs);
    expect([at, moment, again.code], again.printed).toEqual([at, moment, 0]);
    expect(await world.snapshotIds()).toEqual(rest);
    expect(await kindsOf(inputs.request_id)).toEqual(WHOLE);
  }
  expect(await world.snapshotIds()).toEqual([newest]);
});
