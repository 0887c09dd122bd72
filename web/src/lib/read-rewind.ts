/** A rewind's plan and result as its ledger entries hold them. Null where there is none, or where another version wrote it. */
import {
  type Entry,
  type RewindPlanSummary,
  type RewindResult,
  rewindPlanSummarySchema,
  rewindResultSchema,
} from "@holdfast/actions/domain";
import * as z from "zod/mini";

export function planIn(entries: readonly Entry[]): RewindPlanSummary | null {
  const read = z.safeParse(rewindPlanSummarySchema, entries.find((entry) => entry.kind === "rewind.planned")?.data);
  return read.success ? read.data : null;
}

export function resultIn(entries: readonly Entry[]): RewindResult | null {
  const read = z.safeParse(rewindResultSchema, entries.find((entry) => entry.kind === "rewind.completed")?.data);
  return read.success ? read.data : null;
}
