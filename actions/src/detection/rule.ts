/** What a rule is: which events count, for whom, how much, and from how many on. Rules are data; the detector is the only engine. */
import type { ADMIN_TREATMENTS, EventKind, KEYS, OVERRIDE_TREATMENTS, SEVERITIES } from "../domain/index.ts";
import type { Event } from "./event.ts";

export type KeyBy = (typeof KEYS)[number];
export type AdminTreatment = (typeof ADMIN_TREATMENTS)[number];
export type OverrideTreatment = (typeof OVERRIDE_TREATMENTS)[number];

/** A migration that people approved, by the name its tool gives it, and the time in which it may run. */
export interface ApprovedMigration {
  readonly migration: string;
  readonly from: number;
  readonly until: number;
}

export interface Rule {
  readonly id: string;
  readonly severity: (typeof SEVERITIES)[number];
  readonly threshold: number;
  /** As configuration writes it, `60s`. */
  readonly within: string;
  readonly key: KeyBy;
  readonly kinds: readonly EventKind[];
  /** `rows`: every row that the line says was touched counts, one where it does not say. `times`: every line's occurrence counts once. */
  readonly weigh: "rows" | "times";
  /** Whose events count; an actor of whom the line cannot tell counts wherever non-admins do, and not where only admins do. */
  readonly admin: AdminTreatment;
  /** Whose events a declared override hides. */
  readonly override: OverrideTreatment;
  /** What else must hold. `approved` is null while nobody knows what was approved. */
  readonly matches: (event: Event, approved: readonly ApprovedMigration[] | null) => boolean;
}

export const always = (): boolean => true;

export function countsFor(rule: Rule, event: Event, approved: readonly ApprovedMigration[] | null): boolean {
  if (rule.admin === "except" && event.admin === true) return false;
  if (rule.admin === "only" && event.admin !== true) return false;
  return rule.matches(event, approved);
}

export function weightOf(rule: Rule, event: Event): number {
  const weight = rule.weigh === "rows" ? event.times * (event.rows ?? 1) : event.times;
  // A parser's slip must not make a window's sum something that no longer compares.
  return Number.isSafeInteger(weight) && weight > 0 ? weight : 0;
}

/** What the event counts under, or null where the line does not say. */
export function keyOf(rule: Rule, event: Pick<Event, "actor" | "ip" | "target" | "source">, app: string | null): string | null {
  switch (rule.key) {
    case "none":
      return "*";
    case "app":
      return app ?? "*";
    case "ip":
      return event.ip;
    case "actor":
      return event.actor;
    case "target":
      return event.target;
    case "source":
      return event.source;
  }
}
