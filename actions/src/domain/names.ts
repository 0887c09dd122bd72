/** The shapes of names and free text that reach GitHub, AWS and the ledger. */
import * as z from "zod/mini";
import { HIDDEN_CHARACTERS } from "./visible.ts";

/** RDS identifiers: 1–63 letters, digits, hyphens; first a letter; no double or trailing hyphen; we keep them lower case as RDS stores them. */
export const identifier = z
  .string()
  .check(
    z.regex(
      /^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      "1 to 63 lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen",
    ),
  );

/** A UUID that the dispatching client made: what makes a dispatch, a snapshot, a cluster and a ledger entry happen once. */
export const requestId = z
  .string()
  .check(
    z.regex(
      /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      "a UUID in lower case, for example 3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
    ),
  );

/** The incident that work belongs to, as whoever opened it named it. */
export const incidentId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9-]{1,64}$/, "the id of an incident: 1 to 64 letters, digits and hyphens, or nothing"));

export function isIncident(text: string): boolean {
  return z.safeParse(incidentId, text).success;
}

export const REASON_LIMITS = { min: 10, max: 500 } as const;

/**
 * Why a person did it, in their words. Plain text of one line: it is shown in summaries, chat and the page, so markup is refused
 * rather than escaped differently in each of them.
 */
export const reason = z.string().check(
  z.trim(),
  z.minLength(REASON_LIMITS.min, `a reason of at least ${REASON_LIMITS.min} characters`),
  z.maxLength(REASON_LIMITS.max, `a reason of at most ${REASON_LIMITS.max} characters`),
  z.refine((text) => !/[<>`]/.test(text) && !/\]\s*\(/.test(text), "plain text without markup (no <, >, backticks or links in brackets)"),
  z.refine((text) => text.search(HIDDEN_CHARACTERS) === -1, "one line of visible characters (no line breaks, control or direction marks)"),
);

/** What AWS allows in a tag's value: letters, digits, space and _ . : / = + - @ */
export const appVersion = z
  .string()
  .check(z.regex(/^[\p{L}\p{N} _.:/=+\-@]{1,128}$/u, "1 to 128 letters, digits, spaces or _ . : / = + - @ (what an AWS tag may hold)"));

/** An instant with its zone written out; a time without a zone is refused because nobody can know which one was meant. */
export const instant = z.iso.datetime({
  offset: true,
  error: "a time with its zone, for example 2026-11-20T14:02:41Z or 2026-11-20T15:02:41+01:00",
});
