/** How alerts are named and where they stand, in words and shapes: the same wherever they are shown. */
import { type AlertStatus, type AlertView, guideOf, type StateWord } from "@holdfast/actions/domain";
import { showDuration } from "./show-instant.ts";
import { visibleText } from "./visible-text.ts";

/** What a rule is called in lists and headings. */
export function ruleTitle(rule: string): string {
  return guideOf(rule).title;
}

/** "Many passwords changed at once: svc_batch" */
export function alertTitle({ alert }: Pick<AlertView, "alert">): string {
  const about = alert.key === "*" || alert.key === alert.app ? (alert.app ?? "all logs") : alert.key;
  return visibleText(`${ruleTitle(alert.rule)}: ${about}`);
}

/** "214 in 48 s, where 10 in 60s open an alert" */
export function alertSentence({ alert }: Pick<AlertView, "alert">): string {
  const span = Date.parse(alert.lastEventAt) - Date.parse(alert.firstEventAt);
  const counted = span === 0 ? `${alert.count} at once` : `${alert.count} in ${showDuration(span)}`;
  return `${counted}, where ${alert.threshold} in ${alert.within} ${alert.threshold === 1 ? "opens" : "open"} an alert`;
}

const NAMES = { silence: "a silence", override: "an override" } as const;

export function statusWords({ status, acknowledged, resolved, mutedBy, alert }: AlertView): string {
  switch (status) {
    case "open":
      return "open, nobody has looked";
    case "acknowledged":
      return `acknowledged by ${visibleText(acknowledged?.by ?? "somebody")}`;
    case "hidden":
      return mutedBy !== null && mutedBy.id === alert.hiddenBy ? `hidden by ${NAMES[mutedBy.kind]}` : "hidden from people";
    case "ended":
      if (resolved !== null) return `resolved by ${visibleText(resolved.by)}`;
      return alert.withdrawn === undefined ? "ended by itself" : "withdrawn";
  }
}

/** The state that an alert which stands so makes of its cluster. */
export function statusShape({
  status,
  alert,
}: {
  readonly status: AlertStatus;
  readonly alert: Pick<AlertView["alert"], "severity">;
}): StateWord {
  if (status === "ended") return "normal";
  if (status === "hidden") return "override";
  return status === "open" && alert.severity === "HIGH" ? "blocked" : "degraded";
}

/** Whether somebody still has to do something about it. */
export function needsSomebody({ status }: Pick<AlertView, "status">): boolean {
  return status === "open" || status === "acknowledged";
}
