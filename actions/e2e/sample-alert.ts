import { randomBytes } from "node:crypto";
import { type Alert, alertDraft, type Draft } from "../src/domain/index.ts";

/** An alert as a collector writes it, with an id of its own. */
export function sampleAlert(changes: Partial<Alert> = {}): Alert {
  const rule = changes.rule ?? "mass-password-reset";
  const at = new Date(Date.now() - 60_000).toISOString();
  return {
    v: 1,
    id: `${rule}-${randomBytes(8).toString("hex")}`,
    transition: "opened",
    rule,
    severity: "HIGH",
    app: "web",
    cluster: "app-prod",
    key: "web",
    openedAt: at,
    firstEventAt: at,
    lastEventAt: at,
    endedAt: null,
    count: 10,
    threshold: 10,
    within: "60s",
    source: "flask_web_1",
    line: 210,
    excerpt: ["Password changed for user 'bob' by 'bob' from 203.0.113.10"],
    hiddenBy: null,
    ...changes,
  };
}

export function alertEntry(alert: Alert): Draft {
  const draft = alertDraft(alert, { actor: "collector", run: "local", now: new Date() }, { mode: "private" });
  if (draft === null) throw new Error("an update is no entry");
  return draft;
}
