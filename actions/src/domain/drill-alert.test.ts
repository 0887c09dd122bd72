import { expect, test } from "vitest";
import { alertDraft } from "./alert-entries.ts";
import type { Alert } from "./alerts.ts";
import { drillAlert, openDrillAlerts } from "./drill-alert.ts";
import type { DrillRequest } from "./drill-request.ts";
import { chain, EMPTY_HEAD } from "./ledger.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const request: DrillRequest = {
  cluster: "app-prod",
  tier: "snapshot",
  reason: "Weekly",
  requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
};
const entriesOf = (...alerts: readonly Alert[]) =>
  chain(
    EMPTY_HEAD,
    alerts.flatMap((alert) => alertDraft(alert, { actor: "bot", run: "1/1", now: NOW }, { mode: "private" }) ?? []),
  );

test("a failed drill is open for its cluster and tier until one of that kind ends it; a second attempt is the same alert", () => {
  const alert = drillAlert(request, 'The check "users" returned false, password=hunter2secret', NOW);
  expect(alert.excerpt.join()).not.toContain("hunter2secret");
  expect(drillAlert(request, "Another problem", new Date(0)).id).toBe(alert.id);
  const open = (entries: ReturnType<typeof entriesOf>, tier: DrillRequest["tier"], cluster = "app-prod") =>
    openDrillAlerts(cluster, tier, entries, NOW).map((view) => view.alert.id);
  expect(open(entriesOf(alert), "snapshot")).toEqual([alert.id]);
  expect(open(entriesOf(alert), "continuous")).toEqual([]);
  expect(open(entriesOf(alert), "snapshot", "other")).toEqual([]);
  expect(open(entriesOf(alert, { ...alert, transition: "ended", endedAt: NOW.toISOString() }), "snapshot")).toEqual([]);
});
