/** Snapshots laid out as a calendar: weeks from Monday, days of UTC as the rules count them. */
import type { Foreseen } from "@holdfast/actions/domain";

export interface CalendarDay {
  readonly at: Date;
  readonly stays: number;
  readonly goes: number;
}

export interface Calendar {
  /** Oldest first, each of seven days. */
  readonly weeks: readonly (readonly CalendarDay[])[];
  /** Snapshots older than the first week shown. */
  readonly older: number;
}

const DAY_MS = 86_400_000;

/** The weeks up to `end`, at most `most` of them, from the week of the oldest snapshot. */
export function calendarOf(snapshots: readonly Foreseen[], end: Date, most: number): Calendar {
  const days = new Map<number, CalendarDay>();
  for (const { takenAt, keep } of snapshots) {
    if (takenAt === null) continue;
    const at = startOfDay(takenAt);
    const day = days.get(at) ?? { at: new Date(at), stays: 0, goes: 0 };
    days.set(at, { ...day, stays: day.stays + Number(keep), goes: day.goes + Number(!keep) });
  }
  const last = mondayOf(end);
  const first = Math.max(mondayOf(new Date(Math.min(end.getTime(), ...days.keys()))), last - (most - 1) * 7 * DAY_MS);
  const weeks: CalendarDay[][] = [];
  for (let monday = first; monday <= last; monday += 7 * DAY_MS) {
    weeks.push(
      Array.from({ length: 7 }, (_, index) => {
        const at = monday + index * DAY_MS;
        return days.get(at) ?? { at: new Date(at), stays: 0, goes: 0 };
      }),
    );
  }
  const older = snapshots.filter(({ takenAt }) => takenAt !== null && takenAt.getTime() < first).length;
  return { weeks, older };
}

function startOfDay(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS) * DAY_MS;
}

function mondayOf(at: Date): number {
  const day = startOfDay(at);
  return day - ((new Date(day).getUTCDay() + 6) % 7) * DAY_MS;
}
