/** What retention leaves: today, once what may go is gone, and after a time in which the schedule is kept. Pure; a forecast, and nothing is deleted by it. */
import { applyRetention, type RetainedSnapshot, type RetentionPolicy, type RetentionVerdict } from "./retention.ts";
import { slotsBetween } from "./schedule.ts";

export interface Forecast {
  readonly at: Date;
  /** Newest first. Of the first picture all, of the others those that stay. */
  readonly snapshots: readonly Foreseen[];
}

export interface Foreseen extends RetentionVerdict {
  /** The schedule will take it; nobody has yet. */
  readonly expected: boolean;
}

export interface Forecasts {
  readonly today: Forecast;
  readonly afterPruning: Forecast;
  readonly later: Forecast;
}

const DAY_MS = 86_400_000;

/** `cadence` is that of scheduled snapshots. Holds and uses are taken to last as they are now. */
export function forecastRetention(
  snapshots: readonly RetainedSnapshot[],
  policy: RetentionPolicy,
  cadence: string,
  now: Date,
  days: number,
): Forecasts {
  const real = new Set(snapshots.map(({ id }) => id));
  const picture = (verdicts: readonly RetentionVerdict[], at: Date): Forecast => ({
    at,
    snapshots: verdicts.map((each) => ({ ...each, expected: !real.has(each.id) })),
  });
  const today = applyRetention(snapshots, policy, now);
  const kept = (verdicts: readonly RetentionVerdict[]) => verdicts.filter(({ keep }) => keep);
  // Day by day, as the worker does: what was deleted meanwhile can no longer be kept for being the oldest.
  let held = keepOnly(snapshots, today);
  let at = now;
  let verdicts = kept(today);
  for (let day = 1; day <= days; day += 1) {
    const next = new Date(now.getTime() + day * DAY_MS);
    held = [...held, ...slotsBetween(cadence, at, next).map(expectedAt)];
    at = next;
    const judged = applyRetention(held, policy, at);
    held = keepOnly(held, judged);
    verdicts = kept(judged);
  }
  return { today: picture(today, now), afterPruning: picture(kept(today), now), later: picture(verdicts, at) };
}

function keepOnly(snapshots: readonly RetainedSnapshot[], verdicts: readonly RetentionVerdict[]): readonly RetainedSnapshot[] {
  const kept = new Set(verdicts.flatMap(({ id, keep }) => (keep ? [id] : [])));
  return snapshots.filter(({ id }) => kept.has(id));
}

function expectedAt(takenAt: Date): RetainedSnapshot {
  return {
    id: `scheduled ${takenAt.toISOString()}`,
    takenAt,
    trigger: "scheduled",
    managed: true,
    held: false,
    inUse: false,
    letGo: false,
  };
}
