/** Alerts as the ledger tells them: what opened, who looked, what it came to. Pure; page, state and workers read them through here. */
import * as z from "zod/mini";
import { type Alert, alertSchema } from "./alerts.ts";
import type { Entry } from "./ledger.ts";
import { type Suppression, suppressionOf, suppressionsOf } from "./suppressions.ts";

/**
 * `open`: nobody has looked. `acknowledged`: a person has, and it is not over. `ended`: a person resolved it, or it was not HIGH and what it
 * counted stopped, or it was withdrawn. `hidden`: a silence or an override keeps it from being told. A HIGH alert never ends by itself: a burst
 * that stopped has still done its damage.
 */
export const ALERT_STATUSES = ["open", "acknowledged", "ended", "hidden"] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/** Who did something about an alert, when, and in which words. */
export interface Act {
  readonly by: string;
  readonly at: string;
  readonly note: string;
}

export interface AlertView {
  /** As the newest entry knows it. */
  readonly alert: Alert;
  readonly status: AlertStatus;
  /** When the ledger first knew of it. */
  readonly recordedAt: string;
  /** When what it counts fell below the threshold again; null while it goes on. */
  readonly overSince: string | null;
  readonly acknowledged: Act | null;
  readonly resolved: Act | null;
  /** The silence or override in force now that matches it, whether or not it came before the alert. */
  readonly mutedBy: Suppression | null;
}

/** Every alert in the ledger, newest first. */
export function alertViews(entries: readonly Entry[], now: Date): readonly AlertView[] {
  const stories = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (!entry.kind.startsWith("alert.") || entry.incident === undefined) continue;
    stories.set(entry.incident, [...(stories.get(entry.incident) ?? []), entry]);
  }
  const suppressions = suppressionsOf(entries, now);
  return [...stories.values()]
    .flatMap((story) => viewOf(story, suppressions, now) ?? [])
    .toSorted((a, b) => b.alert.openedAt.localeCompare(a.alert.openedAt) || a.alert.id.localeCompare(b.alert.id));
}

function viewOf(story: readonly Entry[], suppressions: readonly Suppression[], now: Date): AlertView | null {
  const told = story.flatMap((entry) => {
    const alert = z.safeParse(alertSchema, entry.data);
    return alert.success && alert.data.id === entry.incident ? [{ entry, alert: alert.data }] : [];
  });
  const ended = told.find(({ entry }) => entry.kind === "alert.ended");
  const [first] = told;
  const newest = ended ?? told.at(-1);
  if (first === undefined || newest === undefined) return null;
  // What it is about was fixed when it opened: a later word, perhaps out of somebody's artifact, may only count further.
  const { rule, severity, app, cluster, key } = first.alert;
  const alert: Alert = { ...newest.alert, rule, severity, app, cluster, key };
  // Late lines showed that it never was. Only who told of it can say so: another's artifact could otherwise make a HIGH alert go away.
  const withdrawn = ended?.alert.withdrawn !== undefined && ended.entry.actor === first.entry.actor;
  const acknowledged = actOf(story, "alert.acknowledged");
  const resolved = actOf(story, "alert.resolved");
  const overSince = ended === undefined ? null : (ended.alert.endedAt ?? ended.entry.at);
  const mutedBy = suppressionOf(alert, suppressions, now);
  // What hid it may be over while it goes on: then it is everybody's again. An override that a log line declared is nobody's entry here; whoever
  // reads that log says when it ended.
  const outlived = suppressions.some((each) => each.id === alert.hiddenBy && each.ended !== null);
  const hidden = alert.hiddenBy !== null && (overSince !== null || !outlived);
  return {
    alert,
    status: statusOf(alert, {
      hidden,
      acknowledged: acknowledged !== null,
      resolved: resolved !== null || withdrawn,
      over: overSince !== null,
    }),
    recordedAt: story[0]?.at ?? newest.entry.at,
    overSince,
    acknowledged,
    resolved,
    mutedBy,
  };
}

interface Facts {
  readonly hidden: boolean;
  readonly acknowledged: boolean;
  readonly resolved: boolean;
  readonly over: boolean;
}

function statusOf(alert: Alert, { hidden, acknowledged, resolved, over }: Facts): AlertStatus {
  if (resolved) return "ended";
  if (hidden) return "hidden";
  if (over && alert.severity !== "HIGH") return "ended";
  return acknowledged ? "acknowledged" : "open";
}

function actOf(story: readonly Entry[], kind: "alert.acknowledged" | "alert.resolved"): Act | null {
  const entry = story.find((each) => each.kind === kind);
  return entry === undefined ? null : { by: entry.actor, at: entry.at, note: entry.reason };
}
