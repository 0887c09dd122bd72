/** Which moment a restored cluster holds, as the ledger tells of the restore that made it. */
import type { ClusterView, Entry } from "@holdfast/actions/domain";
import { type KnownData, readData } from "./entry-data.ts";

export interface RecoveryMoment {
  readonly point: NonNullable<KnownData["point"]>;
  /** Null where only the snapshot's name is known any more. */
  readonly at: Date | null;
}

/** `madeBy` is the restore's request. Null where the ledger does not know it. */
export function recoveryMoment(
  madeBy: string,
  entries: readonly Entry[],
  { snapshots }: Pick<ClusterView, "snapshots">,
): RecoveryMoment | null {
  const requested = entries.find(({ kind, data }) => kind === "restore.requested" && data.requestId === madeBy);
  const point = requested === undefined ? undefined : readData(requested).point;
  if (point === undefined) return null;
  if ("time" in point) return { point, at: new Date(point.time) };
  const taken = snapshots.find((each) => each.id === point.snapshot)?.takenAt ?? null;
  return { point, at: taken === null ? null : new Date(taken) };
}
