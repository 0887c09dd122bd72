/** Where a cut-over stands, as its ledger entries tell. */
import type { Entry } from "@holdfast/actions/domain";
import { CUT_OVER_STEPS } from "@holdfast/actions/domain";

/** The last step that is over; null before the first. */
export type CutOverStep = (typeof CUT_OVER_STEPS)[number]["name"] | null;

export function cutOverStep(entries: readonly Entry[]): CutOverStep {
  return CUT_OVER_STEPS.findLast(({ kind }) => entries.some((entry) => entry.kind === kind))?.name ?? null;
}

/** Between the two renames nothing has the live cluster's name. */
export function isNameless(step: CutOverStep): boolean {
  return step === "old-renamed";
}
