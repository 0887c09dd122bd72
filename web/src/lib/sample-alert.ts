/** Alerts for tests, as a collector publishes them. */
import { type Alert, type AlertView, alertDraft, alertViews, type Draft } from "@holdfast/actions/domain";
import { ledgerOf } from "./sample-ledger.ts";

export function sampleAlert(changes: Partial<Alert> = {}): Alert {
  return {
    v: 1,
    id: "bulk-deletion-0123456789abcdef",
    transition: "opened",
    rule: "bulk-deletion",
    severity: "HIGH",
    app: "web",
    cluster: "app-prod",
    key: "svc_batch",
    openedAt: "2026-11-20T14:00:30.000Z",
    firstEventAt: "2026-11-20T14:00:00.000Z",
    lastEventAt: "2026-11-20T14:00:48.000Z",
    endedAt: null,
    count: 214,
    threshold: 20,
    within: "60s",
    source: "flask_web_1",
    line: 210,
    excerpt: ["deleted order 7", "deleted order 8"],
    hiddenBy: null,
    ...changes,
  };
}

export function alertEntry(alert: Alert): Draft {
  const draft = alertDraft(alert, { actor: "collector", run: "local", now: new Date(alert.openedAt) }, { mode: "private" });
  if (draft === null) throw new Error("an update is no entry");
  return draft;
}

/** As the ledger tells them afterwards, newest first. */
export function viewsOf(...drafts: readonly Draft[]): readonly AlertView[] {
  return alertViews(ledgerOf(drafts).flat(), new Date("2026-11-20T15:00:00Z"));
}
