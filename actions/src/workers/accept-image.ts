/**
 * Whether a restored image is from before the damage: a statement of whoever asked is true only where sampled victims are undamaged. Where it is not, the
 * restore is not done, and the ending says to which point to go back instead; nothing is restored a second time without a person.
 */
import type { Aurora } from "../aurora/aurora.ts";
import { snapshotView } from "../aurora/take-inventory.ts";
import type { Session } from "../database/check-integrity.ts";
import { type Entry, type EntryData, type Proposal, proposeRestorePoint, type RestoreRequest, rejectedImages } from "../domain/index.ts";
import { ChecksFailed } from "./restore-cluster.ts";

export interface ImageWork {
  readonly aurora: Pick<Aurora, "cluster" | "snapshots" | "snapshot">;
  readonly entries: readonly Entry[];
  readonly now: () => Date;
}

/** What the entry of the checks says of it; throws ChecksFailed. */
export async function acceptImage(request: RestoreRequest, session: Pick<Session, "check">, work: ImageWork): Promise<EntryData> {
  if (request.sample === undefined) return {};
  const [result] = await session.check([{ name: "sampled victims are undamaged", sql: request.sample }]);
  if (result?.ok) return { sampled: true };
  // Only a plain false says that the image is damaged; a statement that cannot be run says nothing about it.
  if (result?.problem !== "returned false")
    throw new ChecksFailed(`The sample of victims could not be judged: it ${result?.problem ?? "gave no answer"}.`);
  const imageAt = await timeOf(request, work);
  const proposal = await nextPoint(request, imageAt, work);
  const data: EntryData = { damagedImage: imageAt.toISOString(), ...(proposal === null ? {} : { proposal: pointOf(proposal) }) };
  throw new ChecksFailed(
    `The image of ${imageAt.toISOString()} is damaged already: sampled victims are not as they were.`,
    data,
    nextStep(proposal),
  );
}

async function timeOf({ point }: RestoreRequest, { aurora }: ImageWork): Promise<Date> {
  if (point.kind === "time") return point.time;
  const taken = (await aurora.snapshot(point.snapshot))?.createdAt;
  if (!taken)
    throw new ChecksFailed(`The image of snapshot ${point.snapshot} is damaged already, and AWS does not tell any more when it was taken.`);
  return taken;
}

async function nextPoint(request: RestoreRequest, imageAt: Date, { aurora, entries, now }: ImageWork): Promise<Proposal | null> {
  const live = await aurora.cluster(request.cluster);
  const reach = {
    earliestRestorableTime: live?.earliestRestorableTime?.toISOString() ?? null,
    latestRestorableTime: live?.latestRestorableTime?.toISOString() ?? null,
    snapshots: (await aurora.snapshots(request.cluster)).map(snapshotView),
  };
  const rejected = [...rejectedImages(entries, request.incident), imageAt];
  return proposeRestorePoint({ first: imageAt, last: imageAt, skewMs: 0, rejected }, reach, now());
}

function pointOf({ point }: Proposal): EntryData {
  return point.kind === "time" ? { time: point.time.toISOString() } : { snapshot: point.snapshot };
}

function nextStep(proposal: Proposal | null): string {
  if (proposal === null) return "Nothing from before it can be restored any more; look for what is left elsewhere.";
  const where = proposal.point.kind === "time" ? proposal.point.time.toISOString() : `the snapshot ${proposal.point.snapshot}`;
  return `Go back further: restore ${where} to another new cluster, with the same sample.`;
}
