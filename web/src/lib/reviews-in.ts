/** The decisions about a request that the ledger holds, in the order in which they were written down. */
import type { Entry } from "@holdfast/actions/domain";
import type { Decision } from "./github.ts";

export interface RecordedReview {
  readonly decision: Decision;
  readonly login: string;
  readonly comment: string;
}

const DECISIONS: ReadonlyMap<string, Decision> = new Map([
  ["request.approved", "approved"],
  ["request.rejected", "rejected"],
]);

export function reviewsIn(entries: readonly Entry[]): readonly RecordedReview[] {
  return entries.flatMap(({ kind, actor, reason }) => {
    const decision = DECISIONS.get(kind);
    return decision === undefined ? [] : [{ decision, login: actor, comment: reason }];
  });
}
