/** When changes are expected: windows by the wall clock of a place, so that daylight saving moves them as it moves the people. */
import type { Config } from "./config.ts";

export type MaintenanceWindow = Config["maintenance"][number];

const WEEK: readonly string[] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MINUTES_A_DAY = 1_440;
const clocks = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether the window covers the instant. One that ends before it begins goes over midnight and belongs to the day it began on; one that ends
 * when it begins lasts a day. In the hour that the clock repeats it is open twice, in the hour that the clock skips not at all.
 */
export function isInside({ days, from, to, timezone }: MaintenanceWindow, at: number): boolean {
  const { day, minute } = wallClock(at, timezone);
  const begin = minutesOf(from);
  const length = (minutesOf(to) - begin + MINUTES_A_DAY) % MINUTES_A_DAY || MINUTES_A_DAY;
  const sinceBegin = minute - begin;
  if (sinceBegin >= 0) return sinceBegin < length && includes(days, day);
  return sinceBegin + MINUTES_A_DAY < length && includes(days, (day + 6) % 7);
}

function includes(days: MaintenanceWindow["days"], day: number): boolean {
  return days.some((each) => each === WEEK[day]);
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

function wallClock(at: number, timezone: string): { readonly day: number; readonly minute: number } {
  const parts = new Map(
    clockOf(timezone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return { day: WEEK.indexOf(parts.get("weekday") ?? ""), minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")) };
}

function clockOf(timezone: string): Intl.DateTimeFormat {
  const known = clocks.get(timezone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  clocks.set(timezone, clock);
  return clock;
}
