/**
 * Announces which snapshots no rule keeps, and deletes those that were announced a day ago and still are not kept: one at a time, each decided
 * anew from what AWS and the ledger say at that moment, with an entry before and one after. Killed anywhere, the next run goes on from there.
 */
import type { Aurora } from "../aurora/aurora.ts";
import type { Remover } from "../aurora/remover.ts";
import { snapshotView } from "../aurora/take-inventory.ts";
import {
  type Config,
  type Deletion,
  type Entry,
  planDeletions,
  type RetentionPlan,
  type RetentionRequest,
  retainedSnapshots,
  whyDeletionStops,
} from "../domain/index.ts";
import type { Journal } from "./journal.ts";
import { Refusal } from "./outcome.ts";
import { type Clock, waitUntil } from "./wait-until.ts";

export interface PruningWork extends Clock {
  readonly aurora: Pick<Aurora, "cluster" | "snapshot" | "snapshots">;
  readonly remover: Pick<Remover, "snapshot">;
  readonly journal: Journal;
  readonly policy: Config["retention"];
}

export interface Pruned {
  readonly deleted: readonly string[];
  /** What goes later, and what it waits for. */
  readonly plan: RetentionPlan;
  /** Why deletion stopped; null where it did not. */
  readonly stopped: string | null;
}

// AWS forgets a snapshot within seconds; a quarter of an hour is not usual any more.
const GONE_LIMIT_MS = 15 * 60_000;

/** Throws Refusal when nothing may be deleted at all. */
export async function pruneSnapshots(request: RetentionRequest, work: PruningWork): Promise<Pruned> {
  const { journal } = work;
  await admit(request, work);
  const recorded = journal.recorded("completed");
  if (request.mode === "dry-run" || recorded !== undefined)
    return { deleted: deletedBy(request, journal), plan: await decide(request, work), stopped: stopOf(request, work) };

  await finishDeletions(request, work);
  await announce(request, work);
  const stopped = await deleteDue(request, work);
  const deleted = deletedBy(request, journal);
  const plan = await decide(request, work);
  await journal.record("completed", "retention.completed", {
    cluster: request.cluster,
    deleted: [...deleted],
    waiting: plan.deletions.length,
    stopped,
  });
  return { deleted, plan, stopped };
}

async function admit({ cluster }: RetentionRequest, { aurora }: PruningWork): Promise<void> {
  if ((await aurora.cluster(cluster)) !== null) return;
  throw new Refusal(
    `AWS does not know the cluster ${cluster}: its snapshots may be the only copy, and none is deleted.`,
    "Check its id and region in holdfast.yml.",
  );
}

async function decide({ cluster }: RetentionRequest, { aurora, journal, policy, now }: PruningWork): Promise<RetentionPlan> {
  const listed = (await aurora.snapshots(cluster)).map(snapshotView);
  const { entries } = journal.view();
  return planDeletions(cluster, retainedSnapshots(listed, entries, now()), policy, entries, now());
}

function stopOf({ cluster }: RetentionRequest, { journal, now }: PruningWork): string | null {
  return whyDeletionStops(cluster, journal.view().entries, now());
}

/** While an incident is open nothing is announced either, so that after it everything is announced for a whole day again. */
async function announce(request: RetentionRequest, work: PruningWork): Promise<void> {
  const stopped = stopOf(request, work);
  const { deletions, verdicts } = await decide(request, work);
  const named = stopped === null ? deletions : [];
  await work.journal.record("planned", "retention.planned", {
    cluster: request.cluster,
    snapshots: named.map(({ id, takenAt, why }) => ({ id, takenAt: takenAt.toISOString(), why })),
    kept: verdicts.filter(({ keep }) => keep).length,
    stopped,
  });
}

/** Returns why it stopped before everything that was due was gone, or null. */
async function deleteDue(request: RetentionRequest, work: PruningWork): Promise<string | null> {
  const { journal, policy } = work;
  while (deletedBy(request, journal).length < policy.perRun) {
    const before = stopOf(request, work);
    if (before !== null) return before;
    const due = (await decide(request, work)).deletions.find(({ waits }) => waits === null);
    if (due === undefined) return null;
    await journal.record(`deleting-${due.id}`, "retention.deleting", about(request, due));
    // An append lands only on the newest entry, so by now the journal holds whatever others wrote until this moment.
    const after = stopOf(request, work);
    if (after !== null) return after;
    const sure = (await decide(request, work)).deletions.some(({ id, waits }) => id === due.id && waits === null);
    if (sure) await remove(due.id, request, work);
  }
  return null;
}

async function remove(id: string, request: RetentionRequest, work: PruningWork): Promise<void> {
  await work.remover.snapshot(id);
  await waitUntil(`${id} being gone`, GONE_LIMIT_MS, work, async () => ((await work.aurora.snapshot(id)) === null ? true : null));
  await recordDeleted(id, request, work);
}

function recordDeleted(id: string, { cluster }: RetentionRequest, { journal }: PruningWork): Promise<Entry> {
  return journal.record(`deleted-${id}`, "retention.deleted", { cluster, snapshot: id });
}

function about({ cluster }: RetentionRequest, { id, takenAt, why, plannedSince }: Deletion) {
  return { cluster, snapshot: id, takenAt: takenAt.toISOString(), why, plannedSince: plannedSince?.toISOString() ?? null };
}

/** What this run or an earlier one had begun to delete and could not say any more: where it is gone, that is said now. */
async function finishDeletions(request: RetentionRequest, work: PruningWork): Promise<void> {
  const open = new Set<string>();
  for (const { kind, data } of work.journal.view().entries) {
    if (data.cluster !== request.cluster || typeof data.snapshot !== "string") continue;
    if (kind === "retention.deleting") open.add(data.snapshot);
    if (kind === "retention.deleted") open.delete(data.snapshot);
  }
  for (const id of open) if ((await work.aurora.snapshot(id)) === null) await recordDeleted(id, request, work);
}

function deletedBy({ requestId }: RetentionRequest, journal: Journal): readonly string[] {
  return journal
    .view()
    .entries.flatMap(({ kind, data }) => (kind === "retention.deleted" && data.requestId === requestId ? [String(data.snapshot)] : []));
}
