/** Why no snapshot of a cluster may be deleted now: while an incident is open, yesterday's clean snapshot may be the one that is needed. Pure. */
import { alertViews } from "./alert-reading.ts";
import type { Entry } from "./ledger.ts";
import { recoveryUnderWay } from "./under-way.ts";

/** One sentence, or null where nothing is open. */
export function whyDeletionStops(cluster: string, entries: readonly Entry[], now: Date): string | null {
  const alert = alertViews(entries, now).find(
    (view) =>
      view.alert.severity === "HIGH" &&
      (view.status === "open" || view.status === "acknowledged") &&
      (view.alert.cluster === null || view.alert.cluster === cluster),
  );
  if (alert !== undefined) return `The HIGH alert ${alert.alert.id} is not resolved.`;
  const recovery = recoveryUnderWay(cluster, entries, now);
  if (recovery === undefined) return null;
  return `The ${recovery.work} ${recovery.requestId} is under way; its last entry is ${recovery.last.kind} of ${recovery.last.at}.`;
}
