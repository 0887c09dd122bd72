/** What else happened around an alert: its own moments among the ledger's entries of that time. */
import type { AlertView, Entry } from "@holdfast/actions/domain";
import { ruleTitle } from "./alert-words.ts";

// A migration, a release or an operator's script that caused it lies minutes before; what people did about it, minutes after.
const BEFORE_MS = 60 * 60_000;
const AFTER_MS = 60 * 60_000;
// What began and how it ended; the steps between are on the request's own screen.
const TELLING = /\.(requested|completed|refused|failed|opened|ended|started|acknowledged|resolved|missing)$/;
// More alerts of one rule are a storm that would bury everything else.
const EACH = 3;
const ROUTINE: readonly Entry["kind"][] = ["detect.completed"];

export type Moment =
  | { readonly at: Date; readonly entry: Entry; readonly mark?: never }
  /** What no entry of its own tells; `aside` where it is not this alert's own moment. */
  | { readonly at: Date; readonly mark: string; readonly aside?: boolean; readonly entry?: never };

export function momentsAround({ alert, overSince }: Pick<AlertView, "alert" | "overSince">, entries: readonly Entry[]): readonly Moment[] {
  const from = Date.parse(alert.firstEventAt) - BEFORE_MS;
  const to = Date.parse(overSince ?? alert.lastEventAt) + AFTER_MS;
  const near = entries.filter((entry) => isNear(entry, alert.id, from, to));
  const others = near.filter((entry) => entry.kind === "alert.opened" && entry.incident !== alert.id);
  const told = near.filter((entry) => !others.includes(entry)).map((entry): Moment => ({ at: new Date(entry.at), entry }));
  // The alert's own moments come first where the ledger wrote in the same millisecond.
  return [...marksOf(alert, overSince), ...told, ...othersOf(others)].toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

/** A few other alerts are entries like any; many of one rule are one line. */
function othersOf(opened: readonly Entry[]): readonly Moment[] {
  const rules = [...new Set(opened.map(ruleOf))];
  return rules.flatMap((rule): readonly Moment[] => {
    const entries = opened.filter((entry) => ruleOf(entry) === rule);
    const [first] = entries;
    if (first === undefined || entries.length <= EACH) return entries.map((entry) => ({ at: new Date(entry.at), entry }));
    return [{ at: new Date(first.at), mark: `${entries.length} other alerts: ${ruleTitle(rule)}`, aside: true }];
  });
}

function ruleOf(entry: Entry): string {
  return typeof entry.data.rule === "string" ? entry.data.rule : "unknown";
}

function isNear(entry: Entry, alert: string, from: number, to: number): boolean {
  if (!TELLING.test(entry.kind) || ROUTINE.includes(entry.kind)) return false;
  // Whatever joined its incident belongs here, however much later.
  if (entry.incident === alert) return true;
  const at = Date.parse(entry.at);
  return at >= from && at <= to;
}

function marksOf(alert: AlertView["alert"], overSince: string | null): readonly Moment[] {
  const { firstEventAt, openedAt, lastEventAt, threshold, count } = alert;
  const crossed = threshold === 1 ? "The line that opens the alert" : `The threshold of ${threshold} is crossed`;
  return [
    ...(firstEventAt === openedAt ? [] : [{ at: new Date(firstEventAt), mark: "First that counted" }]),
    { at: new Date(openedAt), mark: crossed },
    ...(lastEventAt === openedAt ? [] : [{ at: new Date(lastEventAt), mark: `Last so far that counted, ${count} together` }]),
    ...(overSince === null ? [] : [{ at: new Date(overSince), mark: "Below the threshold again" }]),
  ];
}
