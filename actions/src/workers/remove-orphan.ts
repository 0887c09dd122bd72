/**
 * Removes one thing that was begun and never finished, for one request, however often it is asked to. It is written down before anything is
 * deleted. A cluster that somebody could have written to leaves a last snapshot behind, so that nothing here deletes an only copy.
 */
import { type Aurora, AuroraRefusal, isRefusal } from "../aurora/aurora.ts";
import type { Remover } from "../aurora/remover.ts";
import type { Holdings } from "../aurora/take-inventory.ts";
import { type CleanupRequest, type EntryData, type Orphan, TAGS } from "../domain/index.ts";
import { finalSnapshotName } from "../recovery/names.ts";
import type { Journal } from "./journal.ts";
import { Refusal } from "./outcome.ts";
import { type Clock, waitUntil } from "./wait-until.ts";

export interface RemovalWork extends Clock {
  readonly aurora: Pick<Aurora, "cluster" | "snapshot" | "instance">;
  readonly remover: Remover;
  readonly journal: Journal;
  readonly protectedClusters: readonly string[];
  readonly holdings: () => Promise<Holdings>;
  readonly findOrphans: (holdings: Holdings) => Promise<readonly Orphan[]>;
}

export interface Removed {
  readonly finalSnapshot: string | null;
  readonly durationSeconds: number;
}

// The last snapshot of a cluster is the long part; snapshots of tens of terabytes are reported within the hour.
const LIMIT_MS = 2 * 3_600_000;
// An instance that is being made or modified usually returns within minutes.
const BUSY_LIMIT_MS = 15 * 60_000;
const BUSY = ["InvalidDBInstanceState", "InvalidDBInstanceStateFault"] as const;

/** Throws Refusal when it must not be removed; any other error leaves what `journal` and AWS show. */
export async function removeOrphan(request: CleanupRequest, work: RemovalWork): Promise<Removed> {
  const { journal, now } = work;
  const ended = journal.recorded("completed");
  if (ended !== undefined) return { finalSnapshot: keptSnapshot(journal), durationSeconds: Number(ended.data.durationSeconds) };
  const before = journal.recorded("requested");
  if (!(await isOver(request, before?.data ?? null, work))) {
    const orphan = await admit(request, work);
    // What was decided at first stands: an attempt after instances are gone still knows that there was something to keep.
    const finalSnapshot = isWrittenTo(orphan) ? finalSnapshotName(request) : null;
    const { reason: why, status, requestId: madeBy } = orphan;
    await journal.record("requested", "cleanup.requested", { ...about(request), madeBy, why, status, finalSnapshot });
    await remove(request, keptSnapshot(journal), work);
  }
  const requested = journal.recorded("requested");
  if (requested === undefined) throw new Error("a removal is recorded before anything is deleted");
  await waitUntil(`${request.name} being gone`, LIMIT_MS, work, async () => ((await look(request, work)) === null ? true : null));
  const finalSnapshot = keptSnapshot(journal);
  if (finalSnapshot !== null && (await work.aurora.snapshot(finalSnapshot))?.status !== "available")
    throw new Error(`The last snapshot ${finalSnapshot} of ${request.name} is not available`);
  const durationSeconds = Math.max(0, (now().getTime() - Date.parse(requested.at)) / 1000);
  await journal.record("completed", "cleanup.completed", { ...about(request), finalSnapshot, durationSeconds });
  return { finalSnapshot, durationSeconds };
}

/** Scratch clusters of drills and rewinds are given to nobody. */
const SCRATCH: readonly Orphan["reason"][] = ["drill-over", "rewind-over"];

/** Whether somebody could have written to it what exists nowhere else. */
function isWrittenTo({ resource, instances, status, reason }: Orphan): boolean {
  return resource === "cluster" && instances > 0 && status === "available" && !SCRATCH.includes(reason);
}

function about({ cluster, resource, name }: CleanupRequest): EntryData {
  return { cluster, resource, target: name };
}

function keptSnapshot(journal: Journal): string | null {
  const kept = journal.recorded("requested")?.data.finalSnapshot;
  return typeof kept === "string" ? kept : null;
}

function look({ resource, name }: CleanupRequest, { aurora }: RemovalWork) {
  return resource === "cluster" ? aurora.cluster(name) : aurora.snapshot(name);
}

/** Whether an earlier attempt of this request has asked AWS for everything; throws Refusal when the name is somebody else's by now. */
async function isOver(request: CleanupRequest, before: EntryData | null, work: RemovalWork): Promise<boolean> {
  if (before === null) return false;
  const found = await look(request, work);
  if (found !== null && found.tags[TAGS.requestId] !== before.madeBy)
    throw new Refusal(`What was ${request.name} is gone, and the name is in use by something else.`, "Nothing is left to do.");
  return found === null || found.status === "deleting";
}

/** Everything that could forbid the removal is asked before it is accepted. */
async function admit(request: CleanupRequest, work: RemovalWork): Promise<Orphan> {
  const { resource, name, cluster } = request;
  const next = "Look at what is left over with holdfast doctor --orphans, or on the page under Recovery.";
  if (work.protectedClusters.includes(name)) throw new Refusal(`${name} is a cluster under protection.`, next);
  const found = await look(request, work);
  if (found === null) throw new Refusal(`AWS knows no ${resource} ${name}.`, next);
  if (found.tags[TAGS.managed] !== "true") throw new Refusal(`Holdfast did not make the ${resource} ${name}.`, next);
  const orphans = await work.findOrphans(await work.holdings());
  const orphan = orphans.find((each) => each.resource === resource && each.id === name && each.sourceCluster === cluster);
  if (orphan === undefined)
    throw new Refusal(`The ${resource} ${name} is not left over: its request completed, or something still works on it.`, next);
  if (orphan.keep !== null) throw new Refusal(`The ${resource} ${name} has to stay. ${orphan.keep}`, next);
  return orphan;
}

async function remove(request: CleanupRequest, finalSnapshot: string | null, work: RemovalWork): Promise<void> {
  const { aurora, remover } = work;
  if (request.resource === "snapshot") return asked(request, work, () => remover.snapshot(request.name));
  for (const id of (await aurora.cluster(request.name))?.instances ?? [])
    await waitUntil(`AWS taking the deletion of the instance ${id}`, BUSY_LIMIT_MS, work, () => removeInstance(id, work));
  await waitUntil(`The instances of ${request.name} being gone`, LIMIT_MS, work, async () =>
    ((await aurora.cluster(request.name))?.instances.length ?? 0) === 0 ? true : null,
  );
  await asked(request, work, () => remover.cluster(request.name, finalSnapshot));
}

/** True once it is being deleted or gone; null while AWS still makes or changes it. */
async function removeInstance(id: string, { aurora, remover }: RemovalWork): Promise<true | null> {
  const instance = await aurora.instance(id);
  if (instance === null || instance.status === "deleting") return true;
  try {
    await remover.instance(id);
    return true;
  } catch (error) {
    if (isRefusal(error, BUSY)) return null;
    throw error;
  }
}

/** A deletion whose answer was lost is refused when it is asked for again, and is under way all the same. */
async function asked(request: CleanupRequest, work: RemovalWork, call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const found = error instanceof AuroraRefusal ? await look(request, work) : undefined;
    if (found !== null && found?.status !== "deleting") throw error;
  }
}
