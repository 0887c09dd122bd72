/** A drill that failed is an alert like any other: told, listed, and over once a drill of that kind passes again. Pure. */
import { type AlertView, alertViews } from "./alert-reading.ts";
import type { Alert } from "./alerts.ts";
import type { DrillRequest, DrillTier } from "./drill-request.ts";
import type { Entry } from "./ledger.ts";
import { excerptOf } from "./redact.ts";
import { nameRequest } from "./schedule.ts";

export const DRILL_RULE = "drill-failed";

/** MEDIUM: nothing is lost yet. The id is of the request, so that a second attempt of it opens nothing new. */
export function drillAlert({ cluster, tier, requestId }: DrillRequest, problem: string, at: Date): Alert {
  const time = at.toISOString();
  return {
    v: 1,
    id: `${DRILL_RULE}-${nameRequest(`${DRILL_RULE} ${requestId}`).replaceAll("-", "").slice(0, 16)}`,
    transition: "opened",
    rule: DRILL_RULE,
    severity: "MEDIUM",
    app: null,
    cluster,
    key: "*",
    openedAt: time,
    firstEventAt: time,
    lastEventAt: time,
    endedAt: null,
    count: 1,
    threshold: 1,
    within: "1s",
    source: sourceOf(tier),
    line: 1,
    excerpt: [excerptOf(problem)],
    hiddenBy: null,
  };
}

/** Those that a drill of this kind opened and none has ended. */
export function openDrillAlerts(cluster: string, tier: DrillTier, entries: readonly Entry[], now: Date): readonly AlertView[] {
  return alertViews(entries, now).filter(
    ({ alert, overSince, resolved }) =>
      alert.rule === DRILL_RULE && alert.cluster === cluster && alert.source === sourceOf(tier) && overSince === null && resolved === null,
  );
}

function sourceOf(tier: DrillTier): string {
  return `drill of the newest ${tier} point`;
}
