/** The overrides in force by event time: declared by a log line, or by people through a workflow. Each has an end. */
import { type Alert, type Matcher, matches } from "../domain/index.ts";
import type { Event } from "./event.ts";
import type { Rule } from "./rule.ts";

export interface Override {
  /** What an alert says hid it. */
  readonly name: string;
  readonly from: number;
  readonly until: number;
  /** Of those that people declared: what they chose to hide. Null for a line's, which hides what each rule lets it hide. */
  readonly matcher: Matcher | null;
}

// Enough to be read in an alert; a reason is somebody's free text.
const NAME_LENGTH = 160;

interface Limits {
  /** What lies before it is final. */
  readonly watermark: number;
  /** How long an override lasts at most, whatever its line says. */
  readonly longest: number;
}

/** The override that a line declares, or null for one that is over before it begins. */
export function overrideOf(event: Event, at: number, limits: Limits, show: (text: string) => string): Override | null {
  const from = Math.max(at, limits.watermark);
  const until = Math.min(event.override?.until ?? Number.POSITIVE_INFINITY, at + limits.longest);
  if (until <= from) return null;
  const reason = event.override?.reason ?? null;
  const name = show(`override by ${event.actor ?? "somebody"} since ${new Date(at).toISOString()}${reason === null ? "" : `: ${reason}`}`);
  return { name: name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}…` : name, from, until, matcher: null };
}

/**
 * What an `override-off` leaves of them. It comes too late for what was already judged: `judged` is the newest event so far, and what an
 * override hid up to there stays hidden.
 */
export function endOverrides(overrides: readonly Override[], at: number, judged: number): readonly Override[] {
  const end = at >= judged ? at : judged + 1;
  return overrides.map((each) => (each.matcher === null && each.from <= at && each.until > end ? { ...each, until: end } : each));
}

/** The name of the override that hides such an event of the rule at this time; of several, the one that began first. */
export function hiding(
  overrides: readonly Override[],
  about: Pick<Alert, "rule" | "severity" | "key" | "app">,
  at: number,
  coverable: boolean,
): string | null {
  let found: Override | null = null;
  for (const each of overrides) {
    if (at < each.from || at >= each.until) continue;
    if (each.matcher === null ? !coverable : !matches(each.matcher, about)) continue;
    if (found === null || each.from < found.from || (each.from === found.from && each.name < found.name)) found = each;
  }
  return found?.name ?? null;
}

/** Whether an override that a line declared hides this event. */
export function isCoverable(rule: Rule, event: Event): boolean {
  return rule.override === "all" || (rule.override === "admins" && event.admin === true);
}
