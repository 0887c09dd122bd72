/** What can be said against putting a restored cluster in the place of the live one without asking AWS, by the page and by the worker alike. Pure. */
import type { CutOverRequest } from "./cut-over-request.ts";
import type { RestoredView } from "./inventory.ts";
import type { Entry } from "./ledger.ts";
import { recoveryUnderWay } from "./under-way.ts";

/** The restored cluster as somebody last saw it: the inventory for the page, AWS for the worker. */
type Successor = Pick<RestoredView, "id" | "status" | "instances" | "requestId">;

export function whyNotTakeOver(
  { cluster, requestId }: Pick<CutOverRequest, "cluster" | "requestId">,
  restored: Successor,
  entries: readonly Entry[],
  now: Date,
): string | null {
  const { id, status, instances } = restored;
  const proven = entries.some(
    ({ kind, data }) => kind === "restore.completed" && data.target === id && data.requestId === restored.requestId,
  );
  if (!proven) return `The restore that made ${id} never completed: it was not proven sound.`;
  const other = recoveryUnderWay(cluster, entries, now, requestId);
  if (other !== undefined) return `The ${other.work} ${other.requestId} of ${cluster} is under way.`;
  if (status !== "available") return `${id} is ${status}, not available.`;
  return instances > 0 ? null : `${id} has no instance that could serve.`;
}
