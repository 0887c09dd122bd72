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
  const kept = (verdicts: readonly RetentionVerdict[]) => verdicts.filter(({ keep }) => keep);
  const [today, ...later] = [...dayByDay(snapshots, policy, cadence, now, days)];
  const last = later.at(-1) ?? today;
  if (today === undefined || last === undefined) throw new RangeError(`days is ${days}; allowed: a whole number from 0`);
  return {
    today: picture(today.verdicts, now),
    afterPruning: picture(kept(today.verdicts), now),
    later: picture(kept(last.verdicts), last.at),
  };
}

/**
 * The day on which no rule keeps this snapshot any more, were it not for whatever stops deletion; null where it is kept for longer than `days`, or
 * is none of these.
 */
export function leavesRetention(
  id: string,
  snapshots: readonly RetainedSnapshot[],
  policy: RetentionPolicy,
  cadence: string,
  now: Date,
  days: number,
): Date | null {
  for (const { at, verdicts } of dayByDay(snapshots, policy, cadence, now, days)) {
    if (verdicts.some((each) => each.id === id && !each.keep)) return at;
  }
  return null;
}

/** Day by day from now, as the worker does: what was deleted meanwhile can no longer be kept for being the oldest. */
function* dayByDay(
  snapshots: readonly RetainedSnapshot[],
  policy: RetentionPolicy,
  cadence: string,
  now: Date,
  days: number,
): Generator<{ readonly at: Date; readonly verdicts: readonly RetentionVerdict[] }> {
  let held = snapshots;
  let before = now;
  for (let day = 0; day <= days; day += 1) {
    const at = new Date(now.getTime() + day * DAY_MS);
    held = [...held, ...slotsBetween(cadence, before, at).map(expectedAt)];
    const verdicts = applyRetention(held, policy, at);
    yield { at, verdicts };
    held = keepOnly(held, verdicts);
    before = at;
  }
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
