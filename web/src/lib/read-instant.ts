/** Reads a time that a person typed or pasted from a log. A time without a zone is never guessed: it comes back as the two it may mean. */

export type InstantReading =
  | { readonly kind: "instant"; readonly at: Date; readonly truncated: boolean }
  | { readonly kind: "zone-missing"; readonly utc: Date; readonly local: Date | null; readonly zone: string }
  | { readonly kind: "empty" }
  | { readonly kind: "unreadable"; readonly problem: string };

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
// 20/Nov/2026:14:02:41 +0000, as web servers write it.
const ACCESS_LOG = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2})(.*)$/;
const ALLOWED = "a date and time with its zone, for example 2026-11-20T14:02:41Z or 2026-11-20 15:02:41+01:00";

/** `zone` is the reader's own; aurora restores to whole seconds, so a fraction is cut off, which is the safe side of a bad event. */
export function readInstant(text: string, zone: string): InstantReading {
  const tidy = tidied(text);
  if (tidy === "") return { kind: "empty" };
  try {
    const instant = Temporal.Instant.from(tidy);
    return { kind: "instant", at: wholeSecond(instant), truncated: instant.epochMilliseconds % 1000 !== 0 };
  } catch {
    return withoutZone(tidy, zone);
  }
}

function withoutZone(tidy: string, zone: string): InstantReading {
  let plain: Temporal.PlainDateTime;
  try {
    // A bare date would become midnight: nobody who means a second writes one.
    if (!/\d[T ]\d/i.test(tidy)) throw new RangeError("no time of day");
    plain = Temporal.PlainDateTime.from(tidy);
  } catch {
    return { kind: "unreadable", problem: `Not understood. Allowed: ${ALLOWED}.` };
  }
  return { kind: "zone-missing", utc: wholeSecond(plain.toZonedDateTime("UTC").toInstant()), local: localMeaning(plain, zone), zone };
}

/** Null for an hour that the clock change repeats or skips: it cannot be told which second was meant. */
function localMeaning(plain: Temporal.PlainDateTime, zone: string): Date | null {
  try {
    return wholeSecond(plain.toZonedDateTime(zone, { disambiguation: "reject" }).toInstant());
  } catch {
    return null;
  }
}

function tidied(text: string): string {
  const bare = text
    .trim()
    .replace(/^[["'(]+|[\])"',;]+$/g, "")
    .trim();
  const iso = bare.replace(ACCESS_LOG, (whole, day: string, month: string, year: string, clock: string, rest: string) => {
    const number = MONTHS.indexOf(month) + 1;
    return number === 0 ? whole : `${year}-${String(number).padStart(2, "0")}-${day}T${clock}${rest}`;
  });
  return iso
    .replace(/(\d{2}:\d{2}:\d{2}),(\d+)/, "$1.$2")
    .replace(/\s*(?:UTC|GMT)$/i, "Z")
    .replace(/\s+([+-]\d{2}:?\d{2})$/, "$1");
}

function wholeSecond(instant: Temporal.Instant): Date {
  return new Date(Math.floor(instant.epochMilliseconds / 1000) * 1000);
}
