/** How long what was before the damage can still be gone back to: people who know that decide in peace, or at once. */
import { type ClusterView, isUsable, leavesRetention, type RetainedSnapshot, type RetentionPolicy } from "@holdfast/actions/domain";

export interface LastCleanPoint {
  /** The newest snapshot from before the damage; null where there is none. */
  readonly snapshot: { readonly id: string; readonly takenAt: Date; readonly leaves: Date | null } | null;
  /**
   * The second before the damage in AWS's range. The range's beginning moves on by a second a second at most, so it stays within for `atLeastMs`;
   * negative where it is out of reach already. Null where there is no range.
   */
  readonly range: { readonly from: Date; readonly atLeastMs: number } | null;
}

// No rule of ours keeps a snapshot for its age longer than this, but holds and month after month of others do.
const LOOK_AHEAD_DAYS = 400;

interface Kept {
  readonly snapshots: readonly RetainedSnapshot[];
  readonly policy: RetentionPolicy;
  /** Of scheduled snapshots. */
  readonly cadence: string;
}

export function lastCleanPoint(
  view: Pick<ClusterView, "snapshots" | "earliestRestorableTime">,
  { snapshots, policy, cadence }: Kept,
  damage: Date,
  now: Date,
): LastCleanPoint {
  const before = view.snapshots
    .filter(isUsable)
    // AWS lets its own go by rules of its own.
    .filter(({ automated, takenAt }) => !automated && Date.parse(takenAt) < damage.getTime())
    .toSorted((a, b) => Date.parse(b.takenAt) - Date.parse(a.takenAt))[0];
  const from = view.earliestRestorableTime === null ? null : new Date(view.earliestRestorableTime);
  return {
    snapshot:
      before === undefined
        ? null
        : {
            id: before.id,
            takenAt: new Date(before.takenAt),
            leaves: leavesRetention(before.id, snapshots, policy, cadence, now, LOOK_AHEAD_DAYS),
          },
    range: from === null ? null : { from, atLeastMs: damage.getTime() - from.getTime() },
  };
}
