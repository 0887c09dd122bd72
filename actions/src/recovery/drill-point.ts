/** Which recovery point a drill restores: the newest of its tier, because that is the one an accident would ask for. */
import type { DrillTier, RecoveryPoint } from "../domain/index.ts";

export interface DrillCluster {
  readonly id: string;
  readonly latestRestorableTime: Date | null;
}

export interface DrillSnapshot {
  readonly id: string;
  readonly status: string;
  readonly createdAt: Date | null;
}

/** The point, or why there is none. */
export function newestPointOf(
  tier: DrillTier,
  cluster: DrillCluster,
  snapshots: readonly DrillSnapshot[],
): { readonly point: RecoveryPoint; readonly at: Date } | { readonly problem: string } {
  if (tier === "continuous") {
    const at = cluster.latestRestorableTime;
    return at === null
      ? { problem: `${cluster.id} has no range that could be restored to a second.` }
      : { point: { kind: "time", time: at }, at };
  }
  const usable = snapshots.flatMap(({ id, status, createdAt }) =>
    status === "available" && createdAt !== null ? [{ id, at: createdAt }] : [],
  );
  const [newest] = usable.toSorted((a, b) => b.at.getTime() - a.at.getTime());
  return newest === undefined
    ? { problem: `${cluster.id} has no snapshot that could be restored.` }
    : { point: { kind: "snapshot", snapshot: newest.id }, at: newest.at };
}
