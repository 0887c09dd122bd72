/**
 * What is to be told now, and why. Pure: the same state and time give the same notices, with the same ids, so that a crash between deciding
 * and sending repeats a notice instead of inventing another.
 *
 * One notice for an alert, updates at most every ten minutes, one at its end. Alerts of one rule on one app are told together: the first at once,
 * those that follow after a wait that doubles while it goes on. A destination gets three notices a minute at most; where more would be due,
 * one tells them all. A silence or an override that is over presents its bill.
 */
import { type Suppression, suppressionOf } from "../domain/index.ts";
import { composeBill, composeNotice } from "./compose-notice.ts";
import type { Notice, NoticeReason, ToldAlert } from "./notice.ts";
import { type Destination, destinationsHiddenBy, type Route } from "./routes.ts";
import type { Group, NotifierState, Queued, Tracked } from "./state.ts";

export interface Timing {
  /** How long the first alert waits for others like it. */
  readonly waitMs: number;
  /** Between two notices about a group, doubled with each until `updateMs`. */
  readonly intervalMs: number;
  /** Between notices that only tell that it goes on. */
  readonly updateMs: number;
}

// Half a second keeps "told within a second of the line" and still gathers a burst.
export const TIMING: Timing = { waitMs: 500, intervalMs: 60_000, updateMs: 600_000 };

const NOTICES_A_MINUTE = 3;
const MINUTE = 60_000;
/** A replay reaches as far back as a collector's cursors; a day is longer than any log source keeps it waiting. */
const REMEMBER_MS = 86_400_000;

export interface Circumstances {
  readonly now: number;
  readonly destinations: readonly Destination[];
  readonly routes: readonly Route[];
  /** Also those that are over. */
  readonly suppressions: readonly Suppression[];
  /** An alert's key as the ledger's matchers hold it. */
  readonly keyOf: (alert: Pick<ToldAlert, "key" | "app">) => string;
  readonly timing: Timing;
  /** `seq:hash` of the ledger's newest entry; null where it is not known. */
  readonly head: string | null;
}

export interface Hidden {
  readonly alert: string;
  readonly by: string;
}

export interface Decision {
  readonly state: NotifierState;
  /** Alerts that a silence or an override has begun to hide since the last decision. */
  readonly hidden: readonly Hidden[];
}

export function decideNotices(before: NotifierState, circumstances: Circumstances): Decision {
  const { now, destinations } = circumstances;
  const looked = before.groups.map((group) => hide(group, circumstances));
  // A destination that left the configuration would stay due for ever.
  const groups = looked.map(({ group }) => group).filter(({ destination }) => destinations.some(({ id }) => id === destination));
  const hidden = new Map(looked.flatMap((each) => each.hidden).map((each) => [`${each.by} ${each.alert}`, each]));
  const queued = destinations.flatMap((destination) => queueFor(destination, groups, before.sent, circumstances));
  const told = new Map(queued.flatMap(({ entry, groups: those }) => those.map((group) => [group, entry.notice.id] as const)));
  const { bills, watching } = presentBills(before.watching, circumstances);
  const kept = groups.map((group) => settle(group, told.get(group), circumstances));
  const sent = [...before.sent, ...queued.map(({ entry }) => ({ destination: entry.destination, at: now }))];
  return {
    state: {
      ...before,
      groups: kept.flatMap(({ group }) => (group === null ? [] : [group])),
      outbox: queued.length + bills.length === 0 ? before.outbox : [...before.outbox, ...bills, ...queued.map(({ entry }) => entry)],
      watching,
      sent: sent.filter(({ at }) => now - at < MINUTE),
      over: [...before.over.filter(({ at }) => now - at < REMEMBER_MS), ...kept.flatMap(({ over }) => over)],
    },
    hidden: [...hidden.values()],
  };
}

/** The bills of those that have ended since the last decision; the same list where nobody began or ended anything. */
function presentBills(watching: NotifierState["watching"], circumstances: Circumstances) {
  const { suppressions, destinations, routes } = circumstances;
  const begun = suppressions.filter(({ id, ended }) => ended === null && !watching.includes(id)).map(({ id }) => id);
  const over = suppressions.filter(({ id, ended }) => ended !== null && watching.includes(id));
  const bills = over.flatMap((suppression) => {
    const told = destinationsHiddenBy(suppression.matcher, routes);
    const notice = composeBill(suppression, suppression.ended?.at ?? suppression.until, circumstances);
    return destinations.filter(({ id }) => told.includes(id)).map((destination) => queuedFor(destination, notice, circumstances.now));
  });
  const changed = begun.length + over.length > 0;
  return { bills, watching: changed ? [...watching.filter((id) => !over.some((each) => each.id === id)), ...begun] : watching };
}

/** When the next decision could find something to say; null while nothing waits. Suppressions that end are not foreseen here. */
export function nextDecision({ groups, sent }: NotifierState, { timing }: Pick<Circumstances, "timing">): number | null {
  const times = groups.flatMap((group) => {
    const due = dueOf(group, timing);
    return due === null ? [] : Math.max(due.at, freeAt(group.destination, sent));
  });
  return times.length === 0 ? null : Math.min(...times);
}

/** From when on a destination may be given something new. */
function freeAt(destination: string, sent: NotifierState["sent"]): number {
  const last = sent.filter((each) => each.destination === destination).slice(-NOTICES_A_MINUTE);
  return last.length < NOTICES_A_MINUTE ? 0 : (last[0]?.at ?? 0) + MINUTE;
}

/** Why and when a group is due; null while all is told or hidden. */
export function dueOf(group: Group, timing: Timing): { readonly reason: NoticeReason; readonly at: number } | null {
  const waiting = group.alerts.filter(({ hiddenBy, changedAt }) => hiddenBy === null && changedAt !== null);
  const since = (some: readonly Tracked[]) => Math.min(...some.map(({ changedAt }) => changedAt ?? 0)) + timing.waitMs;
  const interval = Math.min(timing.intervalMs * 2 ** Math.max(0, group.notices - 1), timing.updateMs);
  const later = (at: number, ms: number) => (group.lastNoticeAt === null ? at : onGrid(Math.max(at, group.lastNoticeAt + ms)));
  const first = waiting.filter(({ told }) => !told);
  if (first.length > 0) return { reason: "first", at: isWorse(first, group) ? since(first) : later(since(first), interval) };
  if (group.uncounted > 0) return { reason: "first", at: later(0, interval) };
  const ended = waiting.filter(({ alert }) => alert.endedAt !== null);
  if (ended.length > 0) return { reason: "end", at: later(since(ended), interval) };
  return waiting.length === 0 ? null : { reason: "update", at: later(since(waiting), timing.updateMs) };
}

/** What follows up is said at whole steps of time, so that groups which began together are told together. */
const GRID_MS = 10_000;

function onGrid(at: number): number {
  return Math.ceil(at / GRID_MS) * GRID_MS;
}

const RANK = { HIGH: 0, MEDIUM: 1, LOW: 2 } as const;

/** Worse than anything told here: it does not wait for its turn. */
function isWorse(first: readonly Tracked[], group: Group): boolean {
  const worst = (some: readonly Tracked[]) => Math.min(...some.map(({ alert }) => RANK[alert.severity]));
  const told = group.alerts.filter((each) => each.told);
  return told.length > 0 && worst(first) < worst(told);
}

/** What a silence or an override hides now; when it ends, what still goes on is told after all. */
function hide(group: Group, circumstances: Circumstances): { readonly group: Group; readonly hidden: readonly Hidden[] } {
  const hidden: Hidden[] = [];
  const alerts = group.alerts.map((tracked) => {
    const by = hiderOf(tracked, circumstances);
    if (by === tracked.hiddenBy) return tracked;
    if (by !== null) hidden.push({ alert: tracked.alert.id, by });
    return { ...tracked, hiddenBy: by };
  });
  return { group: { ...group, alerts }, hidden };
}

function hiderOf({ alert, declared }: Tracked, { suppressions, keyOf, now }: Circumstances): string | null {
  const ofLedger = suppressionOf({ ...alert, key: keyOf(alert) }, suppressions, new Date(now))?.id ?? null;
  // What only the logs declared is not in the ledger, and hides until a transition says otherwise; what the ledger knows hides while it is in force.
  const known = suppressions.some(({ id }) => id === declared);
  return ofLedger ?? (known ? null : declared);
}

interface Decided {
  readonly entry: Queued;
  readonly groups: readonly Group[];
}

function queueFor(
  destination: Destination,
  groups: readonly Group[],
  sent: NotifierState["sent"],
  circumstances: Circumstances,
): Decided[] {
  const { now, timing } = circumstances;
  const due = groups
    .filter((group) => group.destination === destination.id)
    .flatMap((group) => {
      const found = dueOf(group, timing);
      return found !== null && found.at <= now ? [{ group, at: found.at }] : [];
    })
    .toSorted((a, b) => severityOf(a.group) - severityOf(b.group) || a.at - b.at)
    .map(({ group }) => group);
  if (freeAt(destination.id, sent) > now || due.length === 0) return [];
  const room = NOTICES_A_MINUTE - sent.filter((each) => each.destination === destination.id && now - each.at < MINUTE).length;
  return (due.length <= room ? due.map((group) => [group]) : [due]).map((some) => ({
    groups: some,
    entry: queuedFor(destination, composeNotice(some, circumstances), now),
  }));
}

function queuedFor(destination: Destination, notice: Notice, now: number): Queued {
  return {
    destination: destination.id,
    notice,
    queuedAt: now,
    attempts: 0,
    nextAttemptAt: now,
    problem: null,
    refused: false,
    fallback: destination.kind === "slack" && destination.fallback !== null ? "open" : "none",
    fallbackAttempts: 0,
    nextFallbackAt: now,
  };
}

function severityOf(group: Group): number {
  return Math.min(...group.alerts.map(({ alert }) => RANK[alert.severity]));
}

/** The group as it is once the notice is in the outbox; null once nothing in it goes on and its waiting time is over. */
function settle(group: Group, notice: string | undefined, { now, timing }: Circumstances) {
  const told = notice === undefined ? group.alerts : group.alerts.map(markTold);
  // What ended while it was hidden is in the bill of what hid it.
  const isOver = ({ alert, hiddenBy, changedAt, told: wasTold }: Tracked) =>
    alert.endedAt !== null && (changedAt === null || (hiddenBy !== null && !wasTold));
  const alerts = told.filter((each) => !isOver(each));
  const over = told.filter(isOver).map(({ alert }) => ({ id: alert.id, destination: group.destination, at: now }));
  const after =
    notice === undefined ? {} : { lastNoticeAt: now, notices: group.notices + 1, uncounted: 0, firstNotice: group.firstNotice ?? notice };
  const kept: Group = { ...group, alerts, ...after };
  const quiet = alerts.length === 0 && now - (kept.lastNoticeAt ?? 0) >= timing.updateMs;
  return { group: quiet ? null : kept, over };
}

function markTold(tracked: Tracked): Tracked {
  return tracked.hiddenBy === null ? { ...tracked, told: true, changedAt: null } : tracked;
}
