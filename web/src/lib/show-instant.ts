/** One instant, three ways to read it. Copied text is always RFC 3339 in UTC. */
import { formatDuration } from "@holdfast/actions/domain";

export type TimeView = "utc" | "local";

// Beyond two days "51 h ago" no longer helps; the date does.
const RELATIVE_LIMIT_MS = 48 * 3_600_000;
const TICK_MS = 1_500;

export const LOCAL_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** RFC 3339 without a fraction. */
export function rfc3339(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, "Z");
}

export function showUtc(at: Date): string {
  return `${at.toISOString().slice(0, 10)} ${at.toISOString().slice(11, 19)} UTC`;
}

/** The same order of fields as in UTC, in the reader's zone, named. */
export function showLocal(at: Date, zone: string = LOCAL_ZONE): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")}:${part("second")} ${part("timeZoneName")}`;
}

export function showInstant(at: Date, view: TimeView): string {
  return view === "utc" ? showUtc(at) : showLocal(at);
}

/** `5 h 12 m`, never broken across lines. */
export function showDuration(ms: number): string {
  return formatDuration(ms).replaceAll(" ", "\u00a0");
}

/** `12 s ago`, `in 3 h 10 m`, or null where only the date helps. */
export function showRelative(at: Date, now: Date): string | null {
  // A clock that ticks once a second may lie a moment behind what just happened.
  const lead = at.getTime() - now.getTime();
  const distance = lead > 0 && lead < TICK_MS ? 0 : -lead;
  if (Math.abs(distance) >= RELATIVE_LIMIT_MS) return null;
  return distance >= 0 ? `${showDuration(distance)} ago` : `in ${showDuration(-distance)}`;
}
