/**
 * The last second to go back to before the first bad commit. Logs give an interval only: an application writes its line before or after it commits,
 * and its clock is not the database's. So the interval is widened by what clocks were measured to be off, the second before it is proposed, and an
 * image counts as clean only once sampled victims were found undamaged in it; else the proposal steps back. Pure.
 */
import type { ClusterView } from "./inventory.ts";
import type { Entry } from "./ledger.ts";
import { isUsable } from "./recovery-choice.ts";
import type { RecoveryPoint } from "./requests.ts";

/** What is known of the damage, by the clock that wrote the lines. */
export interface Damage {
  readonly first: Date;
  readonly last: Date;
  /** How far that clock was measured to be off, either way. */
  readonly skewMs: number;
  /** The times of images in which the damage was found already. */
  readonly rejected: readonly Date[];
}

/** The bounds, in the database's clock, of the commits that did the damage. */
export interface DamageInterval {
  readonly from: Date;
  readonly to: Date;
}

export interface Proposal {
  readonly point: RecoveryPoint;
  readonly at: Date;
  /** True while AWS could not restore it yet; the worker waits for it. */
  readonly waits: boolean;
  /** Good writes that are given up although they came before the damage. */
  readonly losesBeforeMs: number;
  /** All writes since: what the new cluster will lack. */
  readonly losesSinceMs: number;
  /** How it was found, in one sentence. */
  readonly reason: string;
}

type Reach = Pick<ClusterView, "earliestRestorableTime" | "latestRestorableTime" | "snapshots">;

// A line is written a little after, or before, the commit that it tells of; more than that is found by looking into the image.
const MARGIN_MS = 1_000;
// Each image that proves damaged costs a restore of minutes to hours, so the steps grow quickly.
const STEPS_MS = [10_000, 60_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000] as const;

export function damageInterval({ first, last, skewMs }: Damage): DamageInterval {
  const margin = Math.abs(skewMs) + MARGIN_MS;
  return { from: new Date(Math.min(first.getTime(), last.getTime()) - margin), to: new Date(last.getTime() + margin) };
}

/** Null where nothing from before the damage can be restored any more. */
export function proposeRestorePoint(damage: Damage, reach: Reach, now: Date): Proposal | null {
  const found = damage.rejected.length === 0 ? firstGuess(damage, reach) : stepBack(damage, reach);
  if (found === null) return null;
  const latest = reach.latestRestorableTime;
  return {
    ...found,
    waits: found.point.kind === "time" && (latest === null || found.at.getTime() > Date.parse(latest)),
    losesBeforeMs: Math.max(0, damage.first.getTime() - found.at.getTime()),
    losesSinceMs: Math.max(0, now.getTime() - found.at.getTime()),
  };
}

/** The times of images of an incident in which the damage was found already. */
export function rejectedImages(entries: readonly Entry[], incident: string | undefined): readonly Date[] {
  if (incident === undefined) return [];
  return entries.flatMap(({ kind, incident: of, data }) =>
    kind === "restore.failed" && of === incident && typeof data.damagedImage === "string" ? [new Date(data.damagedImage)] : [],
  );
}

type Found = Pick<Proposal, "point" | "at" | "reason">;

function firstGuess(damage: Damage, reach: Reach): Found | null {
  const { skewMs } = damage;
  const clock = Math.abs(skewMs) < MARGIN_MS ? "" : ` whose clock may be ${Math.ceil(Math.abs(skewMs) / 1000)} s off`;
  const before = new Date(wholeSecond(damageInterval(damage).from));
  return atOrBefore(before, before, reach, `the second before the first line that counted${clock}`);
}

function stepBack({ rejected }: Damage, reach: Reach): Found | null {
  const oldest = Math.min(...rejected.map(Number));
  const step = STEPS_MS[Math.min(rejected.length, STEPS_MS.length) - 1] ?? 0;
  const bad = new Date(oldest);
  return atOrBefore(new Date(wholeSecond(new Date(oldest - step))), bad, reach, `${bad.toISOString()} was damaged already`);
}

/** That time; the earliest second that can be restored, where that lies before `bad` still; else the newest snapshot from before `bad`. */
function atOrBefore(time: Date, bad: Date, { earliestRestorableTime, snapshots }: Reach, reason: string): Found | null {
  if (earliestRestorableTime !== null) {
    const earliest = new Date(Math.ceil(Date.parse(earliestRestorableTime) / 1000) * 1000);
    if (time >= earliest) return { point: { kind: "time", time }, at: time, reason };
    if (earliest < bad)
      return { point: { kind: "time", time: earliest }, at: earliest, reason: `${reason}; the earliest second that can be restored` };
  }
  const [newest] = snapshots
    .filter(isUsable)
    .map(({ id, takenAt }) => ({ id, at: new Date(takenAt) }))
    .filter(({ at }) => at < bad)
    .toSorted((a, b) => b.at.getTime() - a.at.getTime());
  if (newest === undefined) return null;
  return { point: { kind: "snapshot", snapshot: newest.id }, at: newest.at, reason: `${reason}; the newest snapshot from before it` };
}

function wholeSecond(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000;
}
