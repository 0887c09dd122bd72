/**
 * Which snapshots go, and which of them now. Two phases: a deletion is announced in the ledger first, and done only when every plan of the last
 * day named it and a fresh decision still does. Pure; it deletes nothing.
 */
import type { Config } from "./config.ts";
import { durationMs, formatDuration } from "./duration.ts";
import type { Entry } from "./ledger.ts";
import { applyRetention, type RetainedSnapshot, type RetentionVerdict } from "./retention.ts";

export interface Deletion {
  readonly id: string;
  readonly takenAt: Date;
  /** Why no rule keeps it. */
  readonly why: string;
  /** Since when every plan has named it; null where the newest does not. */
  readonly plannedSince: Date | null;
  /** Why it does not go yet; null when it is due. */
  readonly waits: string | null;
}

export interface RetentionPlan {
  /** One a snapshot, newest first. */
  readonly verdicts: readonly RetentionVerdict[];
  /** Oldest first. */
  readonly deletions: readonly Deletion[];
}

/** How long a deletion is announced before it is done: long enough for a person to notice on any working day. */
export const ANNOUNCED_MS = 24 * 3_600_000;

export function planDeletions(
  cluster: string,
  snapshots: readonly RetainedSnapshot[],
  policy: Config["retention"],
  entries: readonly Entry[],
  now: Date,
): RetentionPlan {
  const verdicts = applyRetention(snapshots, policy, now);
  const deletions = verdicts.flatMap(({ id, keep, reasons }) => {
    const snapshot = snapshots.find((each) => each.id === id);
    if (keep || snapshot === undefined || !mayEverGo(snapshot, snapshots)) return [];
    const since = plannedSince(cluster, { id, takenAt: snapshot.takenAt }, entries, now);
    const waits = whyWait(snapshot.takenAt, since, policy, now);
    return [{ id, takenAt: snapshot.takenAt, why: reasons.join("; "), plannedSince: since, waits }];
  });
  return { verdicts, deletions: deletions.toReversed() };
}

type Going = RetainedSnapshot & { readonly takenAt: Date };

/** Said a second time beside the rules: what deletes an only copy must take two mistakes. */
function mayEverGo(snapshot: RetainedSnapshot, all: readonly RetainedSnapshot[]): snapshot is Going {
  const { managed, held, inUse, takenAt } = snapshot;
  if (!managed || held || inUse || takenAt === null) return false;
  return all.some((each) => each.managed && each.takenAt !== null && each.takenAt > takenAt);
}

function whyWait(takenAt: Date, since: Date | null, { minimumAge }: Config["retention"], now: Date): string | null {
  const age = now.getTime() - takenAt.getTime();
  if (age < durationMs(minimumAge)) return `younger than ${minimumAge}`;
  if (since === null) return "announced for the first time";
  const announced = now.getTime() - since.getTime();
  return announced < ANNOUNCED_MS ? `announced ${formatDuration(announced)} ago; it goes ${formatDuration(ANNOUNCED_MS)} after that` : null;
}

/** A plan that does not name it, made in between, begins the count anew. */
function plannedSince(cluster: string, { id, takenAt }: Pick<Going, "id" | "takenAt">, entries: readonly Entry[], now: Date): Date | null {
  let since: Date | null = null;
  for (const { kind, at, data } of entries.toReversed()) {
    if (kind !== "retention.planned" || data.cluster !== cluster || Date.parse(at) > now.getTime()) continue;
    if (!namesOf(data.snapshots).has(`${id} ${takenAt.toISOString()}`)) break;
    since = new Date(at);
  }
  return since;
}

/** A name may be given again once its snapshot is gone; with its time it is that very snapshot. */
function namesOf(listed: Entry["data"][string] | undefined): ReadonlySet<string> {
  const names = (Array.isArray(listed) ? listed : []).flatMap((each) =>
    typeof each === "object" && each !== null && !Array.isArray(each) ? [`${each.id} ${each.takenAt}`] : [],
  );
  return new Set(names);
}
