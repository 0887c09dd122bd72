/** What alerts and overrides make of a cluster's state. */
import { type AlertView, alertViews } from "./alert-reading.ts";
import { formatDuration } from "./duration.ts";
import type { Entry } from "./ledger.ts";
import type { StateReason } from "./state-reasons.ts";
import { describeMatcher, overridesInForce, type Suppression } from "./suppressions.ts";

export function alertReasons(cluster: string, entries: readonly Entry[], now: Date): readonly StateReason[] {
  // Logs that belong to no cluster of the configuration concern every one of them.
  const views = alertViews(entries, now).filter(({ alert }) => alert.cluster === null || alert.cluster === cluster);
  const isUrgent = ({ alert, status }: AlertView) => status === "open" && alert.severity === "HIGH";
  const urgent = views.filter(isUrgent);
  const other = views.filter((view) => (view.status === "open" || view.status === "acknowledged") && !isUrgent(view));
  return [...unacknowledged(urgent, now), ...overridesInForce(entries, now).map(overrideReason), ...stillOpen(other, now)];
}

function unacknowledged(views: readonly AlertView[], now: Date): StateReason[] {
  if (views.length === 0) return [];
  const sentence = `${countOf(views.length, "HIGH alert is", "HIGH alerts are")} open and nobody has acknowledged ${views.length === 1 ? "it" : "them"}: ${nameAll(views, now)}.`;
  return [
    { code: "alert-unacknowledged", state: "blocked", sentence, next: "Open the alert, follow its first steps, and acknowledge it." },
  ];
}

function stillOpen(views: readonly AlertView[], now: Date): StateReason[] {
  if (views.length === 0) return [];
  return [
    {
      code: "alert-open",
      state: "degraded",
      sentence: `${countOf(views.length, "alert is", "alerts are")} not resolved: ${nameAll(views, now)}.`,
      next: "Open it; resolve it with a note when it is dealt with.",
    },
  ];
}

function overrideReason({ by, until, reason, matcher, bill }: Suppression): StateReason {
  return {
    code: "override-in-force",
    state: "override",
    sentence: `${by} overrides ${describeMatcher(matcher)} until ${until}: ${reason.replace(/\.$/, "")}. It has hidden ${countOf(bill.alerts, "alert", "alerts")} so far.`,
    next: "End it as soon as the work is over, and read its bill.",
  };
}

// One line is enough to know where to look; the page lists them all.
const NAMED = 3;

function nameAll(views: readonly AlertView[], now: Date): string {
  const named = views.slice(0, NAMED).map(({ alert, acknowledged }) => {
    const age = formatDuration(now.getTime() - Date.parse(alert.openedAt));
    const who = acknowledged === null ? "" : `, acknowledged by ${acknowledged.by}`;
    return `${alert.rule}${alert.app === null ? "" : ` in ${alert.app}`} ${age} ago${who}`;
  });
  return views.length > NAMED ? `${named.join("; ")}; and ${views.length - NAMED} more` : named.join("; ");
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
