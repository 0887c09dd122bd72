/** Takes what happened to alerts into the groups by which people are told. The same transition again changes nothing. Pure. */
import type { Alert } from "../domain/index.ts";
import type { ToldAlert } from "./notice.ts";
import { destinationsFor, type Route } from "./routes.ts";
import type { Group, NotifierState, Tracked } from "./state.ts";

/** What a flood can make the notifier remember one by one, for each group; the rest is counted and the notice says so. */
const ALERTS_OF_A_GROUP = 2_000;
// Notices quote the newest lines; the alert's own page has all of them.
const QUOTED_LINES = 5;

export interface Tracking {
  readonly state: NotifierState;
  /** Alerts that no route matches: nobody is told of them. */
  readonly unrouted: readonly Alert[];
}

export function trackAlerts(state: NotifierState, alerts: readonly Alert[], routes: readonly Route[], now: number): Tracking {
  const groups = new Map(state.groups.map((group) => [keyOf(group), group]));
  const touched = new Map<string, OpenGroup>();
  const over = new Set(state.over.map(({ id, destination }) => `${destination} ${id}`));
  const unrouted: Alert[] = [];
  for (const alert of alerts) {
    const destinations = destinationsFor(alert, routes);
    if (destinations.length === 0 && alert.transition === "opened") unrouted.push(alert);
    for (const destination of destinations) {
      if (over.has(`${destination} ${alert.id}`)) continue;
      const { rule, app, cluster } = alert;
      const key = keyOf({ destination, rule, app, cluster });
      const group = touched.get(key) ?? open(groups.get(key) ?? emptyGroup(destination, alert));
      touched.set(key, group);
      take(group, alert, now);
    }
  }
  for (const [key, group] of touched) groups.set(key, close(group));
  return { state: { ...state, groups: [...groups.values()] }, unrouted };
}

/** A group while transitions are taken in: found by id, so that thousands cost no search. */
interface OpenGroup {
  readonly group: Group;
  readonly tracked: Map<string, Tracked>;
  uncounted: number;
}

function open(group: Group): OpenGroup {
  return { group, tracked: new Map(group.alerts.map((each) => [each.alert.id, each])), uncounted: group.uncounted };
}

function close({ group, tracked, uncounted }: OpenGroup): Group {
  return { ...group, alerts: [...tracked.values()], uncounted };
}

function take(group: OpenGroup, alert: Alert, now: number): void {
  const known = group.tracked.get(alert.id);
  if (known === undefined && group.tracked.size >= ALERTS_OF_A_GROUP) {
    if (alert.transition === "opened") group.uncounted += 1;
    return;
  }
  // A replay after a crash brings older transitions again.
  if (known !== undefined && !isNews(known.alert, alert)) return;
  group.tracked.set(alert.id, {
    alert: toldAlert(alert),
    declared: alert.hiddenBy,
    hiddenBy: known === undefined ? alert.hiddenBy : known.hiddenBy,
    told: known?.told ?? false,
    changedAt: known?.changedAt ?? now,
  });
}

function isNews(known: ToldAlert, alert: Alert): boolean {
  if (known.endedAt !== null) return false;
  return alert.endedAt !== null || alert.count > known.count || alert.lastEventAt > known.lastEventAt;
}

export function toldAlert({ v: _v, transition: _transition, hiddenBy: _hiddenBy, ...alert }: Alert): ToldAlert {
  return { ...alert, excerpt: alert.excerpt.slice(-QUOTED_LINES) };
}

function emptyGroup(destination: string, { rule, app, cluster }: Alert): Group {
  return { destination, rule, app, cluster, alerts: [], uncounted: 0, lastNoticeAt: null, notices: 0, firstNotice: null };
}

function keyOf({ destination, rule, app, cluster }: Pick<Group, "destination" | "rule" | "app" | "cluster">): string {
  return JSON.stringify([destination, rule, app, cluster]);
}
