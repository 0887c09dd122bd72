/** What going back to a point would cost, both ways: the good writes since it that would be lost, and how far the range reaches. */
import type { ClusterView, SnapshotView } from "./inventory.ts";
import type { RecoveryPoint } from "./requests.ts";

export interface PointChoice {
  readonly point: RecoveryPoint;
  readonly at: Date;
  /** Milliseconds of writes after the point that the restored cluster will not hold. */
  readonly losesMs: number;
}

export type PointVerdict = { readonly ok: true; readonly choice: PointChoice } | { readonly ok: false; readonly problem: string };

/** Whether a time can be restored, from what the inventory knew; AWS is asked again by the worker. */
export function choosePoint(view: ClusterView, point: RecoveryPoint, now: Date): PointVerdict {
  return point.kind === "time" ? chooseTime(view, point.time, now) : chooseSnapshot(view, point.snapshot, now);
}

function chooseTime(view: ClusterView, time: Date, now: Date): PointVerdict {
  const earliest = view.earliestRestorableTime;
  if (time > now) return refuse(`${time.toISOString()} is in the future.`);
  if (earliest === null) return refuse("The cluster has no continuous range yet.");
  if (time < new Date(earliest)) return refuse(`${time.toISOString()} is before the earliest restorable time, ${earliest}.`);
  return { ok: true, choice: { point: { kind: "time", time }, at: time, losesMs: now.getTime() - time.getTime() } };
}

function chooseSnapshot(view: ClusterView, id: string, now: Date): PointVerdict {
  const snapshot = view.snapshots.find((each) => each.id === id);
  if (snapshot === undefined) return refuse(`There is no snapshot ${id}.`);
  if (!isUsable(snapshot)) return refuse(`The snapshot ${id} is ${snapshot.status}, not available.`);
  const at = new Date(snapshot.takenAt);
  return { ok: true, choice: { point: { kind: "snapshot", snapshot: id }, at, losesMs: now.getTime() - at.getTime() } };
}

export function isUsable(snapshot: SnapshotView): snapshot is SnapshotView & { readonly takenAt: string } {
  return snapshot.status === "available" && snapshot.takenAt !== null;
}

function refuse(problem: string): PointVerdict {
  return { ok: false, problem };
}
