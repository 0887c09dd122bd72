/** The instant that a line means: its own offset, else the zone that configuration names, else the time its container's engine read it. */
import type { Clock } from "./grammar/clock.ts";

export interface TimeSources {
  /** IANA name; null where nobody configured one. */
  readonly timezone: string | null;
  readonly stamp: number | null;
  /** An instant that no line can be later than, give or take: now, or when a file was last written. Null where unknown. */
  readonly reference: number | null;
}

export interface ResolvedTime {
  readonly at: number | null;
  /** The line's own time cannot be right; it was not used, or is told apart. */
  readonly problem: boolean;
}

// A container's engine reads a line at once; clocks of machines that synchronise differ by far less.
const TOLERANCE_MS = 5 * 60_000;
// The offsets of zones are multiples of a quarter of an hour, at most 14 hours.
const QUARTER_MS = 15 * 60_000;
const LARGEST_OFFSET_MS = 14 * 3_600_000;
const DAY_MS = 86_400_000;

export function resolveTime(clock: Clock | null, sources: TimeSources): ResolvedTime {
  const { stamp, reference } = sources;
  if (clock === null) return { at: stamp, problem: false };
  const own = instantOf(clock, sources);
  if (own === null) return { at: stamp, problem: true };
  if (stamp !== null) {
    const ahead = own - stamp;
    if (Math.abs(ahead) <= TOLERANCE_MS) return { at: own, problem: false };
    // From the future, or off as a wrong zone is: the stamp is the truth. Merely old, it came late, and its own time is.
    const wrongZone = clock.zone === "local" && Math.abs(ahead) <= LARGEST_OFFSET_MS + TOLERANCE_MS && nearQuarter(ahead);
    return { at: ahead > 0 || wrongZone ? stamp : own, problem: true };
  }
  if (reference === null || own <= reference + TOLERANCE_MS) return { at: own, problem: false };
  // A zone that nobody configured puts a line some hours ahead; anything further is no time to count by.
  return { at: own <= reference + LARGEST_OFFSET_MS + TOLERANCE_MS ? own : null, problem: true };
}

function instantOf(clock: Clock, { timezone, stamp, reference }: TimeSources): number | null {
  if (!clock.hasYear) return withYear(clock.ms, timezone ?? "UTC", stamp ?? reference);
  if (clock.zone === "offset") return clock.ms;
  if (timezone !== null) return toInstant(clock.ms, timezone);
  return stamp ?? clock.ms;
}

/** The year that puts the line nearest before `before`, a day of tolerance for clocks and zones. */
function withYear(ms: number, timezone: string, before: number | null): number | null {
  if (before === null) return null;
  const local = new Date(ms);
  // 29 February may be up to eight years back.
  for (let year = new Date(before).getUTCFullYear() + 1, tries = 0; tries < 10; year--, tries++) {
    const candidate = Date.UTC(year, local.getUTCMonth(), local.getUTCDate()) + (ms % DAY_MS);
    if (new Date(candidate).getUTCDate() !== local.getUTCDate()) continue;
    const at = toInstant(candidate, timezone);
    if (at <= before + DAY_MS) return at;
  }
  return null;
}

function nearQuarter(ms: number): boolean {
  const rest = Math.abs(ms) % QUARTER_MS;
  return rest <= 60_000 || QUARTER_MS - rest <= 60_000;
}

/** The instant of a local time. Where clocks are put back it is the earlier of the two; where they skip an hour, that much later. */
export function toInstant(localMs: number, timezone: string): number {
  if (timezone === "UTC") return localMs;
  const before = localMs - offsetAt(localMs - DAY_MS, timezone);
  if (offsetAt(before, timezone) === localMs - before) return before;
  const after = localMs - offsetAt(localMs + DAY_MS, timezone);
  return offsetAt(after, timezone) === localMs - after ? after : before;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
// Asking Intl costs microseconds; lines of the same quarter of an hour share the answer.
const offsets = new Map<string, number>();
const OFFSETS_KEPT = 10_000;

function offsetAt(instant: number, timezone: string): number {
  const slot = Math.floor(instant / QUARTER_MS);
  const key = `${timezone} ${slot}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const offset = localTime(slot * QUARTER_MS, timezone) - slot * QUARTER_MS;
  if (offsets.size >= OFFSETS_KEPT) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

function localTime(instant: number, timezone: string): number {
  const formatter =
    formatters.get(timezone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  formatters.set(timezone, formatter);
  const part = new Map(formatter.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const get = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
  return Date.UTC(get("year"), get("month") - 1, get("day"), get("hour"), get("minute"), get("second"));
}
