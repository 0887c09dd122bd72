/** What a rewind would cost instead of a restore, as far as one was planned for the incident. */
import type { Entry } from "@holdfast/actions/domain";
import { planIn } from "./read-rewind.ts";

export interface RewindOffer {
  readonly requestId: string;
  readonly at: Date;
  /** Rows that a person decides about. */
  readonly asked: number;
  /** Tables about which it can do nothing. */
  readonly refused: readonly string[];
  /** Its rows are back already. */
  readonly completed: boolean;
}

/** The newest plan of the incident; null where none was made, or where nobody said which incident. */
export function rewindOffer(incident: string, entries: readonly Entry[]): RewindOffer | null {
  if (incident === "") return null;
  const planned = entries.findLast((entry) => entry.kind === "rewind.planned" && entry.incident === incident);
  const plan = planned === undefined ? null : planIn([planned]);
  const requestId = planned?.data.requestId;
  if (planned === undefined || plan === null || typeof requestId !== "string") return null;
  return {
    requestId,
    at: new Date(planned.at),
    asked: plan.asked,
    refused: plan.refusals.map(({ table }) => table),
    completed: entries.some(({ kind, data }) => kind === "rewind.completed" && data.requestId === requestId),
  };
}
