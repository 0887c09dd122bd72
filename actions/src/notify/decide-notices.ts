/**
 * What is to be told now, and why. Pure: the same state and time give the same notices, with the same ids, so that a crash between deciding
 * and sending repeats a notice instead of inventing another.
 *
 * One notice for an alert, updates at most every ten minutes, one at its end. Alerts of one rule on one app are told together: the first at once,
 * those that follow after a wait that doubles while it goes on. Of what falls due together at one destination, three notices a minute are
 * sent at most; the last of them tells all the rest.
 */
import { type Suppression, suppressionOf } from "../domain/index.ts";
import { composeNotice } from "./compose-notice.ts";
import type { NoticeReason } from "./notice.ts";
import type { Destination } from "./routes.ts";
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
  readonly suppressions: readonly Suppression[];
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
  const groups = looked.map(({ group }) => group);
  const hidden = new Map(looked.flatMap((each) => each.hidden).map((each) => [`${each.by} ${each.alert}`, each]));
  const queued = destinations.flatMap((destination) => queueFor(destination, groups, before.sent, circumstances));
  const told = new Map(queued.flatMap(({ entry, groups: those }) => those.map((group) => [group, entry.notice.id] as const)));
  const kept = groups.map((group) => settle(group, told.get(group), circumstances));
  const sent = [...before.sent, ...queued.map(({ entry }) => ({ destination: entry.destination, at: now }))];
  return {
    state: {
      ...before,
      groups: kept.flatMap(({ group }) => (group === null ? [] : [group])),
      outbox: queued.length === 0 ? before.outbox : [...before.outbox, ...queued.map(({ entry }) => entry)],
      sent: sent.filter(({ at }) => now - at < MINUTE),
      over: [...before.over.filter(({ at }) => now - at < REMEMBER_MS), ...kept.flatMap(({ over }) => over)],
    },
    hidden: [...hidden.values()],
  };
}

/** When the next decision could find something due; null where nothing waits. */
export function nextDecision({ groups }: NotifierState, { timing }: Pick<Circumstances, "timing">): number | null {
  const times = groups.flatMap((group) => dueOf(group, timing)?.at ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

/** Why and when a group is due; null while all is told or hidden. */
export function dueOf(group: Group, timing: Timing): { readonly reason: NoticeReason; readonly at: number } | null {
  const waiting = group.alerts.filter(({ hiddenBy, changedAt }) => hiddenBy === null && changedAt !== null);
  const since = (some: readonly Tracked[]) => Math.min(...some.map(({ changedAt }) => changedAt ?? 0)) + timing.waitMs;
  const interval = Math.min(timing.intervalMs * 2 ** Math.max(0, group.notices - 1), timing.updateMs);
  const after = (ms: number) => (group.lastNoticeAt === null ? 0 : group.lastNoticeAt + ms);
  const first = waiting.filter(({ told }) => !told);
  if (first.length > 0) return { reason: "first", at: isWorse(first, group) ? since(first) : Math.max(since(first), after(interval)) };
  if (group.uncounted > 0) return { reason: "first", at: after(interval) };
  const ended = waiting.filter(({ alert }) => alert.endedAt !== null);
  if (ended.length > 0) return { reason: "end", at: Math.max(since(ended), after(interval)) };
  return waiting.length === 0 ? null : { reason: "update", at: Math.max(since(waiting), after(timing.updateMs)) };
}

const RANK = { HIGH: 0, MEDIUM: 1, LOW: 2 } as const;

/** Worse than anything told here: it does not wait for its turn. */
function isWorse(first: readonly Tracked[], group: Group): boolean {
  const worst = (some: readonly Tracked[]) => Math.min(...some.map(({ alert }) => RANK[alert.severity]));
  const told = group.alerts.filter((each) => each.told);
  return told.length > 0 && worst(first) < worst(told);
}

/** What a silence or an override hides now; when it ends, what still goes on is told after all. */
function hide(group: Group, { now, suppressions }: Circumstances): { readonly group: Group; readonly hidden: readonly Hidden[] } {
  const hidden: Hidden[] = [];
  const alerts = group.alerts.map((tracked) => {
    const by = hiderOf(tracked, suppressions, new Date(now));
    if (by === tracked.hiddenBy) return tracked;
    if (by !== null) hidden.push({ alert: tracked.alert.id, by });
    return { ...tracked, hiddenBy: by };
  });
  return { group: { ...group, alerts }, hidden };
}

function hiderOf({ alert, hiddenBy }: Tracked, suppressions: readonly Suppression[], now: Date): string | null {
  const ofLedger = suppressionOf(alert, suppressions, now)?.id ?? null;
  if (ofLedger !== null || hiddenBy === null) return ofLedger;
  // Hidden by something that only the logs declared stays so; the next transition says when that is over.
  return suppressions.some(({ id }) => id === hiddenBy) ? null : hiddenBy;
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
  const room = NOTICES_A_MINUTE - sent.filter((each) => each.destination === destination.id && now - each.at < MINUTE).length;
  if (room <= 0 || due.length === 0) return [];
  const alone = due.length <= room ? due : due.slice(0, room - 1);
  const together = due.slice(alone.length);
  return [...alone.map((group) => [group]), ...(together.length === 0 ? [] : [together])].map((some) => ({
    groups: some,
    entry: {
      destination: destination.id,
      notice: composeNotice(some, circumstances),
      queuedAt: now,
      attempts: 0,
      nextAttemptAt: now,
      problem: null,
      refused: false,
      fallback: destination.kind === "slack" && destination.fallback !== null ? "open" : "none",
      fallbackAttempts: 0,
      nextFallbackAt: now,
    },
  }));
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
