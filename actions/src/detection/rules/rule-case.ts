import type { Event } from "../event.ts";
import { makeEvent } from "../make-event.ts";
import type { ApprovedMigration } from "../rule.ts";

/** What every rule must be tried with; a rule may have more. */
export const REQUIRED_CASES = ["fires", "just under", "just outside the window", "late line", "injection attempt"] as const;

/** A timed sequence and what comes of it. */
export interface RuleCase {
  readonly name: (typeof REQUIRED_CASES)[number] | (string & {});
  /** In the order of their arrival. */
  readonly events: readonly Event[];
  /** How many alerts open and are told. */
  readonly opens: number;
  /** How many open and are hidden by an override. */
  readonly hidden?: number;
  readonly approved?: readonly ApprovedMigration[];
}

/** Monday, at noon in London and everywhere that keeps UTC. */
export const NOON = Date.UTC(2026, 0, 5, 12);

/** One event, so many seconds after noon. */
export function at(seconds: number, changes: Partial<Event>): Event {
  return makeEvent({ line: Math.round(seconds * 1000) + 1, ...changes, at: NOON + seconds * 1000 });
}

/** `count` events, one every so many seconds, the first at `from`. */
export function each(count: number, seconds: number, changes: Partial<Event>, from = 0): readonly Event[] {
  return Array.from({ length: count }, (_, index) => at(from + index * seconds, changes));
}
