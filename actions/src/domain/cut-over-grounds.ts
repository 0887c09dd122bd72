/** What the ledger alone can say against putting a restored cluster in the place of the live one; AWS is asked by the worker. Pure. */
import type { CutOverRequest } from "./cut-over-request.ts";
import type { Entry } from "./ledger.ts";
import { recoveryUnderWay } from "./under-way.ts";

/** `madeBy` is the request of the restore that made it, as the cluster's tag says. */
export function whyNotTakeOver(
  { cluster, restored, requestId }: Pick<CutOverRequest, "cluster" | "restored" | "requestId">,
  madeBy: string,
  entries: readonly Entry[],
  now: Date,
): string | null {
  const proven = entries.some(({ kind, data }) => kind === "restore.completed" && data.target === restored && data.requestId === madeBy);
  if (!proven) return `The restore that made ${restored} never completed: it was not proven sound.`;
  const other = recoveryUnderWay(cluster, entries, now, requestId);
  return other === undefined ? null : `The ${other.work} ${other.requestId} of ${cluster} is under way.`;
}
