/** Takes one snapshot for one request, however often it is asked to: the name, the tags and the ledger all say which request it was. */
import { type Aurora, isRefusal, type SnapshotFacts, TAKEN } from "../aurora/aurora.ts";
import { type Cluster, durationMs, type SnapshotRequest, TAGS } from "../domain/index.ts";
import { snapshotName, snapshotTags } from "../recovery/names.ts";
import type { Journal } from "./journal.ts";
import { DeadEnd, Refusal } from "./outcome.ts";
import { type Clock, waitUntil } from "./wait-until.ts";

export interface SnapshotWork extends Clock {
  readonly aurora: Pick<Aurora, "cluster" | "snapshot" | "createSnapshot" | "snapshotQuota">;
  readonly journal: Journal;
}

export interface SnapshotTaken {
  readonly snapshot: string;
  readonly takenAt: string;
  readonly durationSeconds: number;
}

// A cluster that is backing up or being modified usually returns within minutes.
const BUSY_LIMIT_MS = 15 * 60_000;
const PASSING = ["backing-up", "modifying", "maintenance", "renaming", "failing-over", "creating", "starting", "storage-optimization"];

/** Throws Refusal when nothing may be made; any other error leaves what `journal` and AWS show. */
export async function takeSnapshot(request: SnapshotRequest, { limits }: Cluster, work: SnapshotWork): Promise<SnapshotTaken> {
  const { journal, now } = work;
  const id = snapshotName(request);
  const data = { cluster: request.cluster, snapshot: id, trigger: request.trigger, appVersion: request.appVersion };

  await admit(id, request, work);
  const requested = await journal.record("requested", "snapshot.requested", data);
  await create(id, request, work);
  await journal.record("creating", "snapshot.creating", data);

  const done = await waitUntil(`The snapshot ${id} becoming available`, durationMs(limits.snapshot), work, async () =>
    available(await work.aurora.snapshot(id), id),
  );
  const takenAt = (done.createdAt ?? now()).toISOString();
  // A second attempt may run on a machine whose clock is behind that of the first.
  const durationSeconds = Math.max(0, (now().getTime() - Date.parse(requested.at)) / 1000);
  await journal.record("completed", "snapshot.completed", { ...data, takenAt, durationSeconds });
  return { snapshot: id, takenAt, durationSeconds };
}

/** Everything that could forbid the request is asked before it is accepted. */
async function admit(id: string, request: SnapshotRequest, { aurora }: SnapshotWork): Promise<void> {
  const existing = await aurora.snapshot(id);
  if (existing !== null) return mustBeOurs(existing, request);
  ready(await aurora.cluster(request.cluster), request.cluster);
  const quota = await aurora.snapshotQuota();
  if (quota !== null && quota.used >= quota.max) {
    throw new Refusal(
      `The region holds ${quota.used} manual cluster snapshots and its quota is ${quota.max}.`,
      "Raise the quota at AWS or let go of manual snapshots that nobody needs, then ask again.",
    );
  }
}

async function create(id: string, request: SnapshotRequest, work: SnapshotWork): Promise<void> {
  const { aurora, now } = work;
  if ((await aurora.snapshot(id)) !== null) return;
  await waitUntil(`The cluster ${request.cluster} becoming available`, BUSY_LIMIT_MS, work, async () =>
    ready(await aurora.cluster(request.cluster), request.cluster),
  );
  try {
    await aurora.createSnapshot(id, request.cluster, snapshotTags(request, now()));
  } catch (error) {
    // Another run of the same request was a moment faster: that one snapshot serves both.
    if (!isRefusal(error, TAKEN)) throw error;
    const other = await aurora.snapshot(id);
    if (other === null) throw error;
    mustBeOurs(other, request);
  }
}

function mustBeOurs(snapshot: SnapshotFacts, request: SnapshotRequest): void {
  if (snapshot.tags[TAGS.requestId] === request.requestId) return;
  throw new Refusal(`A snapshot named ${snapshot.id} exists and is not of this request.`, "Dispatch again with a new request id.");
}

function ready(cluster: { readonly status: string } | null, id: string): true | null {
  if (cluster === null) throw new Refusal(`AWS does not know the cluster ${id}.`, "Check its id and region in holdfast.yml.");
  if (cluster.status === "available") return true;
  if (PASSING.includes(cluster.status)) return null;
  throw new Refusal(
    `The cluster ${id} is ${cluster.status}; AWS takes snapshots of available clusters only.`,
    "Bring the cluster back to available, then ask again.",
  );
}

function available(snapshot: SnapshotFacts | null, id: string): SnapshotFacts | null {
  if (snapshot === null) throw new DeadEnd(`The snapshot ${id} was accepted by AWS and is gone`);
  if (snapshot.status === "available") return snapshot;
  if (snapshot.status === "creating" || snapshot.status === "copying") return null;
  throw new DeadEnd(`The snapshot ${id} ended as ${snapshot.status}`);
}
