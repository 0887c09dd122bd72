/** Which alerts are looked at: written into the address, so that a view can be sent to somebody. */
import { ALERT_STATUSES, type AlertStatus, type AlertView, SEVERITIES } from "@holdfast/actions/domain";
import { needsSomebody } from "./alert-words.ts";

type Severity = (typeof SEVERITIES)[number];

export interface AlertFilter {
  /** `todo`: those that still need somebody. */
  readonly status: AlertStatus | "todo" | "any";
  readonly severity: Severity | "any";
  readonly app: string;
  readonly rule: string;
}

export const NO_FILTER: AlertFilter = { status: "todo", severity: "any", app: "any", rule: "any" };

/** What an address holds; anything unknown in it counts as not given. */
export function readFilter(search: string): AlertFilter {
  const given = new URLSearchParams(search);
  return {
    status: ([...ALERT_STATUSES, "any"] as const).find((each) => each === given.get("status")) ?? NO_FILTER.status,
    severity: SEVERITIES.find((each) => each === given.get("severity")) ?? NO_FILTER.severity,
    app: given.get("app") ?? NO_FILTER.app,
    rule: given.get("rule") ?? NO_FILTER.rule,
  };
}

/** Only what differs from looking at everything that needs somebody. */
export function writeFilter(filter: AlertFilter): string {
  const given = (["status", "severity", "app", "rule"] as const).filter((name) => filter[name] !== NO_FILTER[name]);
  return new URLSearchParams(given.map((name) => [name, filter[name]])).toString();
}

export function filterAlerts(views: readonly AlertView[], filter: AlertFilter): readonly AlertView[] {
  return views.filter(
    (view) =>
      fitsStatus(view, filter.status) &&
      (filter.severity === "any" || view.alert.severity === filter.severity) &&
      (filter.app === "any" || (view.alert.app ?? "") === filter.app) &&
      (filter.rule === "any" || view.alert.rule === filter.rule),
  );
}

function fitsStatus(view: AlertView, status: AlertFilter["status"]): boolean {
  if (status === "any") return true;
  return status === "todo" ? needsSomebody(view) : view.status === status;
}
