/**
 * The second half of a rewind, behind the gate: the safety snapshot, then exactly the plan that was approved, in one transaction, verified.
 * A plan of another digest is not applied. Killed anywhere and asked again, nothing is done twice.
 */
import type { Aurora } from "../aurora/aurora.ts";
import { keptPlan } from "../database/keep-plan.ts";
import { applyRewind } from "../database/rewind/apply-rewind.ts";
import { type Cluster, type EntryData, nameRequest, type RewindRequest, type SnapshotRequest } from "../domain/index.ts";
import type { Applied } from "../recovery/rewind/outcome.ts";
import { countPlan, parsePlan, type RewindPlan } from "../recovery/rewind/plan.ts";
import type { AccessTo } from "./database-door.ts";
import type { Journal, Request } from "./journal.ts";
import { accessOf, withImages } from "./open-images.ts";
import { Refusal } from "./outcome.ts";
import { recordedImages } from "./rewind-images.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import type { Clock } from "./wait-until.ts";

export interface ApplyWork extends Clock {
  readonly aurora: Pick<Aurora, "cluster" | "snapshot" | "createSnapshot" | "snapshotQuota">;
  readonly journal: Journal;
  readonly access: AccessTo;
  /** Who agreed, in words; throws Refusal where nobody did who had to. */
  readonly agreed: () => Promise<string>;
  /** The pages of another request: the safety snapshot is one of its own. */
  readonly journalOf: (request: Request) => Promise<Journal>;
}

export interface RewindDone {
  readonly applied: Omit<Applied, "left"> & { readonly left: number };
  readonly snapshot: string;
  readonly durationSeconds: number;
}

const NEXT = "Ask for a new rewind with a new request id; the scratch clusters of this one are removed.";

export async function applyPlan(request: RewindRequest, cluster: Cluster, work: ApplyWork): Promise<RewindDone> {
  const { journal, now } = work;
  const planned = journal.recorded("planned");
  const requested = journal.recorded("requested");
  if (planned === undefined || requested === undefined) throw new Refusal("No plan of this request is recorded.", NEXT);
  if (request.digest === null || planned.data.digest !== request.digest)
    throw new Refusal(
      `The plan that is recorded has the digest ${String(planned.data.digest)}, and what is to be applied is ${request.digest ?? "nothing"}.`,
      NEXT,
    );
  const gate = await work.agreed();
  const snapshot = await guard(request, cluster, work);
  const data: EntryData = { cluster: request.cluster, digest: request.digest };
  const images = recordedImages(journal);
  if (images === null) throw new Refusal("No images of this request are recorded.", NEXT);
  const { before, after } = images;
  const plan = parsePlan(await keptPlan(await accessOf(after.target, work), request.requestId));
  if (plan.digest !== request.digest && !isSpent(plan, journal))
    throw new Refusal(`The plan that is kept has the digest ${plan.digest}, and the approved one ${request.digest}.`, NEXT);
  await journal.record("applying", "rewind.applying", { ...data, gate, snapshot });
  const names = { before: before.target, after: after.target, live: request.cluster };
  const { left, ...applied } = await withImages(names, work, (opened) => applyRewind(opened, plan));
  const result = { ...applied, left: left.length };
  await journal.record("applied", "rewind.applied", { ...data, ...counts(result), transaction: applied.transaction });
  await journal.record("verified", "rewind.verified", { ...data, verified: { ...applied.verified } });
  // A second attempt may run on a machine whose clock is behind that of the first.
  const durationSeconds = Math.max(0, (now().getTime() - Date.parse(requested.at)) / 1000);
  await journal.record("completed", "rewind.completed", { ...data, ...counts(result), snapshot, durationSeconds });
  return { applied: result, snapshot, durationSeconds };
}

function counts({ changed, returned, removed, already, left, unanswered }: RewindDone["applied"]): EntryData {
  return { changed, returned, removed, already, left, unanswered };
}

/**
 * A plan made anew after its transaction had begun, with nothing left to do: the transaction did commit, and whoever began it did not live to
 * say so.
 */
function isSpent(plan: RewindPlan, journal: Journal): boolean {
  const { changed, returned, answered } = countPlan(plan);
  return journal.recorded("applying") !== undefined && changed + returned + answered === 0;
}

/** A snapshot of its own request, so that it is found again, kept and listed like any other one. */
async function guard(request: RewindRequest, cluster: Cluster, work: ApplyWork): Promise<string> {
  const { journal } = work;
  const requestId = nameRequest(`snapshot ${request.requestId}`);
  const data = { cluster: request.cluster, snapshotRequest: requestId };
  await journal.record("guarding", "rewind.guarding", data);
  const ask: SnapshotRequest = {
    cluster: request.cluster,
    reason: `Before the rewind ${request.requestId}`,
    requestId,
    trigger: "pre-restore",
    appVersion: "unknown",
    ...(request.incident === undefined ? {} : { incident: request.incident }),
  };
  const { snapshot } = await takeSnapshot(ask, cluster, { ...work, journal: await work.journalOf(ask) });
  await journal.record("guarded", "rewind.guarded", { ...data, snapshot });
  return snapshot;
}
