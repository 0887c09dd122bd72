/** Turns groups that are due into one notice. Pure; its id follows from what it tells. */
import { describeMatcher, excerptOf, SEVERITIES, type Suppression } from "../domain/index.ts";
import type { Notice, NoticeReason, NoticeSection, ToldAlert } from "./notice.ts";
import type { Group, Tracked } from "./state.ts";

// A phone shows little more; the rest is counted, named and one link away.
const SHOWN_ALERTS = 3;
const SHOWN_KEYS = 10;
const KEY_LENGTH = 80;

export interface Composing {
  readonly now: number;
  readonly head: string | null;
}

export function composeNotice(groups: readonly Group[], { now, head }: Composing): Notice {
  const sections = groups.map((group) => composeSection(group, groups.length === 1 ? SHOWN_ALERTS : 1));
  const severities = sections.flatMap(({ alerts }) => alerts.map(({ severity }) => severity));
  const [first] = groups;
  return {
    id: idOf(first, now),
    severity: SEVERITIES.find((severity) => severities.includes(severity)) ?? "LOW",
    at: new Date(now).toISOString(),
    after: groups.length === 1 ? (first?.firstNotice ?? null) : null,
    sections,
    bills: [],
    head,
  };
}

/** The bill of a silence or an override that is over: one notice, with one id wherever it goes. */
export function composeBill(suppression: Suppression, endedAt: string, { now, head }: Composing): Notice {
  const { id, kind, matcher, by, reason, startedAt, ended, bill } = suppression;
  const { alerts, occurrences, byRule } = bill;
  const told = { kind, hides: describeMatcher(matcher), by, reason, startedAt, endedAt, endedBy: ended?.by ?? null };
  return {
    id: `${id}.bill`,
    severity: "LOW",
    at: new Date(now).toISOString(),
    after: null,
    sections: [],
    bills: [{ ...told, alerts, occurrences, byRule }],
    head,
  };
}

/** Unique at its destination: the oldest alert that it tells, how many notices came before, and when. */
function idOf(first: Group | undefined, now: number): string {
  const told = first?.alerts.find(isTellable) ?? first?.alerts[0];
  return `${told?.alert.id ?? "holdfast"}.${(first?.notices ?? 0) + 1}.${now.toString(36)}`;
}

function isTellable({ hiddenBy, changedAt }: Tracked): boolean {
  return hiddenBy === null && changedAt !== null;
}

function composeSection(group: Group, shown: number): NoticeSection {
  const tellable = group.alerts.filter(({ hiddenBy }) => hiddenBy === null);
  const opened = tellable.filter(({ told }) => !told);
  const ended = tellable.filter(({ alert, changedAt }) => alert.endedAt !== null && changedAt !== null);
  const changed = tellable.filter(isTellable).map(({ alert }) => alert);
  // The gravest and newest first; what did not change since it was told comes last, as a count.
  const alerts = changed.toSorted(byWeight);
  return {
    rule: group.rule,
    app: group.app,
    cluster: group.cluster,
    reason: reasonOf(opened.length, ended.length),
    opened: opened.length + group.uncounted,
    ended: ended.length,
    ongoing: tellable.filter(({ alert }) => alert.endedAt === null).length + group.uncounted,
    alerts: alerts.slice(0, shown),
    otherKeys: alerts.slice(shown, shown + SHOWN_KEYS).map(({ key }) => excerptOf(key, KEY_LENGTH)),
  };
}

function reasonOf(opened: number, ended: number): NoticeReason {
  if (opened > 0) return "first";
  return ended > 0 ? "end" : "update";
}

function byWeight(a: ToldAlert, b: ToldAlert): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.count - a.count || b.openedAt.localeCompare(a.openedAt);
}
