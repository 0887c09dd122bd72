/** Times as log lines write them, read digit by digit: this runs for every line. Nothing here knows a time zone by name or what time it is. */

export interface Clock {
  /** Milliseconds of the epoch; for a local time, as if the place were UTC. */
  readonly ms: number;
  /** `offset`: the line says its zone. `local`: the zone must come from somewhere else. */
  readonly zone: "offset" | "local";
  /** Syslog's old head has none; `ms` then stands in 1972, which has every day. */
  readonly hasYear: boolean;
}

export interface ClockAt extends Clock {
  /** Where the text after it begins. */
  readonly end: number;
}

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** The number that `count` digits at `at` make, or -1. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const code = text.charCodeAt(index) - 48;
    if (!(code >= 0 && code <= 9)) return -1;
    value = value * 10 + code;
  }
  return value;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Null for what is no date, as 31 February, of which Date.UTC makes one. */
function epoch(year: number, month: number, day: number, seconds: number): number | null {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day < 1 || day > (DAYS[month - 1] ?? 0) + (leap ? 1 : 0)) return null;
  return Date.UTC(year, month - 1, day) + seconds * 1000;
}

/** Seconds of the day of `HH:MM:SS` at `at`, or -1. 24:00:00 and a leap second are times. */
function timeOfDay(text: string, at: number): number {
  const hour = text.charCodeAt(at) === 32 ? digits(text, at + 1, 1) : digits(text, at, 2);
  const minute = digits(text, at + 3, 2);
  const second = digits(text, at + 6, 2);
  if (text.charCodeAt(at + 2) !== 58 || text.charCodeAt(at + 5) !== 58 || hour < 0 || minute < 0 || second < 0) return -1;
  if (hour > 24 || minute > 59 || second > 60 || (hour === 24 && minute + second > 0)) return -1;
  return hour * 3600 + minute * 60 + second;
}

interface Part {
  readonly value: number;
  readonly end: number;
}

/** Milliseconds of `.123`, `,123` or `.123456789` at `at`. */
function fraction(text: string, at: number): Part {
  const separator = text.charCodeAt(at);
  if (separator !== 46 && separator !== 44) return { value: 0, end: at };
  let value = 0;
  let end = at + 1;
  for (let digit = digits(text, end, 1); end < at + 10 && digit >= 0; digit = digits(text, ++end, 1))
    if (end < at + 4) value = value * 10 + digit;
  for (let places = end - at - 1; places < 3; places++) value *= 10;
  return end === at + 1 ? { value: 0, end: at } : { value, end };
}

/** The offset in milliseconds of `Z`, `+01:00`, `+0100`, ` +0000`, ` UTC` at `at`; null where there is none. Other abbreviations name several zones. */
function offset(text: string, at: number): Part | null {
  const start = text.charCodeAt(at) === 32 ? at + 1 : at;
  const sign = text.charCodeAt(start);
  if (sign === 90) return { value: 0, end: start + 1 };
  if (text.startsWith("UTC", start) || text.startsWith("GMT", start)) return { value: 0, end: start + 3 };
  if (sign !== 43 && sign !== 45) return null;
  const hours = digits(text, start + 1, 2);
  const colon = text.charCodeAt(start + 3) === 58 ? 1 : 0;
  const minutes = digits(text, start + 3 + colon, 2);
  if (hours < 0 || hours > 15) return null;
  // PostgreSQL writes whole hours as "+02".
  const whole = minutes < 0 && colon === 0;
  if (!whole && (minutes < 0 || minutes > 59)) return null;
  const value = (hours * 60 + (whole ? 0 : minutes)) * 60_000 * (sign === 45 ? -1 : 1);
  return { value, end: whole ? start + 3 : start + 5 + colon };
}

/** `2025-11-03T08:04:49.123Z`, `2025-11-03 08:04:49,123`, `2025-11-08  9:01:40`, at `at`; null for anything else. */
export function readIso(text: string, at: number): ClockAt | null {
  if (text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 7) !== 45) return null;
  const separator = text.charCodeAt(at + 10);
  if (separator !== 84 && separator !== 32 && separator !== 116) return null;
  const seconds = timeOfDay(text, at + 11);
  const day = epoch(digits(text, at, 4), digits(text, at + 5, 2), digits(text, at + 8, 2), seconds);
  if (seconds < 0 || day === null || digits(text, at, 4) < 1970) return null;
  const part = fraction(text, at + 19);
  const zone = offset(text, part.end);
  if (zone === null) return { ms: day + part.value, zone: "local", hasYear: true, end: part.end };
  return { ms: day + part.value - zone.value, zone: "offset", hasYear: true, end: zone.end };
}

/** `03/Nov/2025:08:05:38 +0000` (servers) and `03/Nov/2025 08:05:38` (Werkzeug), at `at`. */
export function readHttpDate(text: string, at: number): ClockAt | null {
  if (text.charCodeAt(at + 2) !== 47 || text.charCodeAt(at + 6) !== 47) return null;
  const month = monthAt(text, at + 3);
  const seconds = timeOfDay(text, at + 12);
  const day = epoch(digits(text, at + 7, 4), month, digits(text, at, 2), seconds);
  if (seconds < 0 || day === null) return null;
  const part = fraction(text, at + 20);
  const zone = offset(text, part.end);
  if (zone === null) return { ms: day + part.value, zone: "local", hasYear: true, end: part.end };
  return { ms: day + part.value - zone.value, zone: "offset", hasYear: true, end: zone.end };
}

/** `Nov 20 12:16:22` or `Nov  3 …`, at `at`. */
export function readSyslogDate(text: string, at: number): ClockAt | null {
  const month = monthAt(text, at);
  if (month < 1) return null;
  const day = text.charCodeAt(at + 4) === 32 ? digits(text, at + 5, 1) : digits(text, at + 4, 2);
  const seconds = timeOfDay(text, at + 7);
  const ms = epoch(1972, month, day, seconds);
  return seconds < 0 || ms === null ? null : { ms, zone: "local", hasYear: false, end: at + 15 };
}

/** `20251108 09:00:00` and `251108  9:09:42`, at `at`. */
export function readCompactDate(text: string, at: number): ClockAt | null {
  const short = text.charCodeAt(at + 6) === 32;
  const year = short ? 2000 + digits(text, at, 2) : digits(text, at, 4);
  const place = at + (short ? 2 : 4);
  const seconds = timeOfDay(text, place + 5);
  const ms = epoch(year, digits(text, place, 2), digits(text, place + 2, 2), seconds);
  return seconds < 0 || ms === null || year < 1970 ? null : { ms, zone: "local", hasYear: true, end: place + 13 };
}

/** A number that is an instant in seconds, milli-, micro- or nanoseconds of the epoch; the size tells which. */
export function readEpoch(value: number): Clock | null {
  if (!Number.isFinite(value) || value <= 0) return null;
  const ms = value < 1e11 ? value * 1000 : value < 1e14 ? value : value < 1e17 ? value / 1000 : value / 1e6;
  return { ms: Math.floor(ms), zone: "offset", hasYear: true };
}

function monthAt(text: string, at: number): number {
  const index = MONTHS.indexOf(text.slice(at, at + 3));
  return index === -1 || index % 3 !== 0 || text.length < at + 3 ? -1 : index / 3 + 1;
}
