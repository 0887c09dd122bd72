/**
 * What retention has to know of each snapshot: what AWS lists of it beside what the ledger tells. Pure; the worker decides by it and the page
 * shows by it. In doubt a snapshot is not ours, is held, or is in use.
 */
import { type AlertView, alertViews } from "./alert-reading.ts";
import type { SnapshotView } from "./inventory.ts";
import type { Entry } from "./ledger.ts";
import type { RetainedSnapshot } from "./retention.ts";
import { requestsUnderWay } from "./under-way.ts";

/** Those of one cluster; a snapshot that failed is none, because nothing can be restored from it. */
export function retainedSnapshots(listed: readonly SnapshotView[], entries: readonly Entry[], now: Date): readonly RetainedSnapshot[] {
  const told = readHolds(entries);
  const made = makersOf(entries);
  const used = new Set([...usedByWork(entries, now)]);
  const alerts = new Map(alertViews(entries, now).map((view) => [view.alert.id, view]));
  return listed
    .filter(({ status }) => status !== "failed" && status !== "deleting")
    .map((snapshot) => {
      const maker = made.get(snapshot.id);
      const word = told.get(snapshot.id);
      const letGo = snapshot.letGo && word === "let-go";
      return {
        id: snapshot.id,
        takenAt: snapshot.status === "available" && snapshot.takenAt !== null ? new Date(snapshot.takenAt) : null,
        trigger: snapshot.trigger,
        // A tag alone is no proof: whoever may tag could make any snapshot ours, or push ours out with theirs.
        managed: snapshot.managed && maker !== undefined && maker.requestId === snapshot.requestId,
        // Either is enough to keep it, so that neither a lost tag nor a lost entry deletes anything; to let go needs both.
        held: snapshot.held || word === "hold",
        letGo,
        inUse: used.has(snapshot.id) || isOfOpenIncident(maker?.incident, alerts, letGo),
      };
    });
}

interface Maker {
  readonly requestId: string;
  readonly incident: string | undefined;
}

/** The request that the ledger has for each snapshot. */
function makersOf(entries: readonly Entry[]): ReadonlyMap<string, Maker> {
  return new Map(
    entries.flatMap(({ kind, data, incident }) =>
      kind === "snapshot.requested" && typeof data.snapshot === "string" && typeof data.requestId === "string"
        ? [[data.snapshot, { requestId: data.requestId, incident }]]
        : [],
    ),
  );
}

/** What people last said of each snapshot. */
function readHolds(entries: readonly Entry[]): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap(({ kind, data }) =>
      kind === "hold.completed" && typeof data.snapshot === "string" && typeof data.action === "string"
        ? [[data.snapshot, data.action]]
        : [],
    ),
  );
}

// What deletes or tidies up would otherwise keep what it is about to delete.
const DELETING = new Set(["retention", "cleanup"]);

function usedByWork(entries: readonly Entry[], now: Date): readonly string[] {
  return requestsUnderWay(entries, now)
    .filter(({ work }) => !DELETING.has(work))
    .flatMap(({ entries: told }) => told.flatMap(({ data }) => [data.snapshot, pointOf(data.point)]))
    .filter((id) => typeof id === "string");
}

function pointOf(point: Entry["data"][string] | undefined): unknown {
  return typeof point === "object" && point !== null && !Array.isArray(point) ? point.snapshot : undefined;
}

/** An incident that is no alert of ours has nobody to say that it is over, except whoever lets the snapshot go. */
function isOfOpenIncident(incident: string | undefined, alerts: ReadonlyMap<string, AlertView>, letGo: boolean): boolean {
  if (incident === undefined) return false;
  const alert = alerts.get(incident);
  return alert === undefined ? !letGo : alert.status !== "ended";
}
