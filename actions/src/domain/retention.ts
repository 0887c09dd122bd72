/**
 * Which snapshots stay and which may go, with the reason beside each. Pure: it deletes nothing, and whoever does asks again what is held or in
 * use at that moment. Buckets follow restic's `forget --keep-daily --keep-weekly --keep-monthly`: each keeps its newest, one snapshot may
 * serve several, a day without snapshots uses nothing up, and while a rule has room left the oldest is kept. Days, weeks (from Monday) and
 * months are those of UTC.
 */
import type { Config } from "./config.ts";
import { durationMs, formatDuration } from "./duration.ts";
import type { SnapshotTrigger } from "./requests.ts";

export interface RetainedSnapshot {
  readonly id: string;
  /** When AWS took it; null while it is being made. Never a tag: what anyone can write must not push a snapshot out. */
  readonly takenAt: Date | null;
  /** Null where nothing says what asked for it. */
  readonly trigger: SnapshotTrigger | null;
  /** Holdfast made it. */
  readonly managed: boolean;
  /** A person keeps it, whatever the rules say. */
  readonly held: boolean;
  /** A restore reads it, or an open incident or migration needs it. */
  readonly inUse: boolean;
  /** A person said that it need not stay only because somebody asked for it. */
  readonly letGo: boolean;
}

export interface RetentionVerdict {
  readonly id: string;
  readonly takenAt: Date | null;
  readonly keep: boolean;
  /** Why it stays, every reason; why it may go, the one. */
  readonly reasons: readonly string[];
}

/** How much is kept; how carefully it is deleted is no part of the verdict. */
export type RetentionPolicy = Pick<Config["retention"], "daily" | "weekly" | "monthly" | "preMigration">;

const DAY_MS = 86_400_000;
// The epoch was a Thursday: three days on, whole weeks since then begin on Mondays, as ISO weeks do.
const WEEK_SHIFT_DAYS = 3;

const day = (time: Date) => Math.floor(time.getTime() / DAY_MS);
const BUCKETS = {
  daily: day,
  weekly: (time: Date) => Math.floor((day(time) + WEEK_SHIFT_DAYS) / 7),
  monthly: (time: Date) => time.getUTCFullYear() * 12 + time.getUTCMonth(),
} as const;
const RULES = ["daily", "weekly", "monthly"] as const;

/** One verdict a snapshot, newest first; those still being made come before all others. */
export function applyRetention(snapshots: readonly RetainedSnapshot[], policy: RetentionPolicy, now: Date): readonly RetentionVerdict[] {
  const ordered = snapshots.toSorted(newestFirst);
  const filled = fillBuckets(ordered.filter((each) => isScheduled(each, now)).map(taken), policy);
  const newest = ordered.find(({ managed, takenAt }) => managed && takenAt !== null && takenAt <= now);
  return ordered.map((snapshot) => {
    const reasons = [
      ...standing(snapshot, now),
      ...(snapshot === newest ? ["the newest snapshot"] : []),
      ...(snapshot.trigger === "pre-migration" ? afterMigration(snapshot, policy, now) : []),
      ...(filled.get(snapshot.id) ?? []),
    ];
    return {
      id: snapshot.id,
      takenAt: snapshot.takenAt,
      keep: reasons.length > 0,
      reasons: reasons.length > 0 ? reasons : [whyNot(snapshot, policy)],
    };
  });
}

/** Whether the snapshot is one that the rules of daily, weekly and monthly are about. One from the future must not use up a bucket. */
function isScheduled({ managed, trigger, takenAt }: RetainedSnapshot, now: Date): boolean {
  return managed && trigger === "scheduled" && takenAt !== null && takenAt <= now;
}

interface Taken {
  readonly id: string;
  readonly takenAt: Date;
}

function taken({ id, takenAt }: RetainedSnapshot): Taken {
  if (takenAt === null) throw new TypeError(`the snapshot ${id} was not taken yet`);
  return { id, takenAt };
}

/** What each snapshot is kept for, by id. */
function fillBuckets(newestFirst: readonly Taken[], policy: RetentionPolicy): ReadonlyMap<string, readonly string[]> {
  const kept = new Map<string, string[]>();
  for (const rule of RULES) {
    let room = policy[rule];
    let last: number | null = null;
    for (const [index, { id, takenAt }] of newestFirst.entries()) {
      if (room === 0) break;
      const bucket = BUCKETS[rule](takenAt);
      const oldest = index === newestFirst.length - 1;
      if (bucket === last && !oldest) continue;
      kept.set(id, [
        ...(kept.get(id) ?? []),
        bucket === last ? `oldest, while ${rule} has room` : `${rule}, ${policy[rule] - room + 1} of ${policy[rule]}`,
      ]);
      last = bucket;
      room -= 1;
    }
  }
  return kept;
}

/** What keeps a snapshot whatever its age. */
function standing({ managed, held, inUse, letGo, trigger, takenAt }: RetainedSnapshot, now: Date): string[] {
  return [
    ...(managed ? [] : ["not made by Holdfast"]),
    ...(held ? ["on hold until a person releases it"] : []),
    ...(inUse ? ["in use by a restore, an open incident or an open migration"] : []),
    ...(takenAt === null ? ["still being made"] : []),
    ...(takenAt !== null && takenAt > now ? [`its time, ${takenAt.toISOString()}, is in the future`] : []),
    ...(trigger === "manual" && !letGo ? ["manual: stays until a person lets it go"] : []),
    ...(trigger === "pre-restore" && !letGo ? ["taken before a restore: stays until a person lets it go"] : []),
    ...(managed && trigger === null ? ["nothing says what asked for it"] : []),
  ];
}

function afterMigration({ takenAt }: RetainedSnapshot, { preMigration }: RetentionPolicy, now: Date): string[] {
  const age = takenAt === null ? 0 : now.getTime() - takenAt.getTime();
  const left = durationMs(preMigration) - age;
  return left > 0 ? [`taken before a migration: ${formatDuration(left)} of ${preMigration} left`] : [];
}

function whyNot({ trigger, letGo }: RetainedSnapshot, { daily, weekly, monthly, preMigration }: RetentionPolicy): string {
  if (letGo && (trigger === "manual" || trigger === "pre-restore")) return "a person let it go";
  return trigger === "pre-migration"
    ? `taken before a migration more than ${preMigration} ago`
    : `none of ${daily} daily, ${weekly} weekly and ${monthly} monthly needs it`;
}

/** Equal times are put in the order of ids, so that the same snapshots always get the same verdicts. */
function newestFirst(a: RetainedSnapshot, b: RetainedSnapshot): number {
  const when = (snapshot: RetainedSnapshot) => snapshot.takenAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (when(a) !== when(b)) return when(b) > when(a) ? 1 : -1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
