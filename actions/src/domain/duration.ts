import * as z from "zod/mini";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;
const PATTERN = /^([1-9]\d{0,5})(ms|s|m|h|d)$/;

/** A length of time as configuration writes it: a whole number and a unit, `60s`, `24h`, `14d`. */
export const durationText = z.string().check(z.regex(PATTERN, "a whole number and a unit (ms, s, m, h, d), for example 60s, 24h or 14d"));

/** Milliseconds of a duration text; throws RangeError on text that `durationText` refuses. */
export function durationMs(text: string): number {
  const match = PATTERN.exec(text);
  const unit = match?.[2];
  if (match === null || !isUnit(unit)) throw new RangeError(`not a duration: ${text}`);
  return Number(match[1]) * UNITS[unit];
}

function isUnit(text: string | undefined): text is Unit {
  return text !== undefined && text in UNITS;
}

/** The two largest units that say how long: `37 s`, `5 h 12 m`, `6 d 21 h`. Negative lengths count as zero. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}
