/**
 * What a cut-over makes of the system's state: from its first entry until it is over nothing else may change the cluster, and one that stopped
 * between its two renames leaves nothing under the live cluster's name. The ledger tells the steps, a newer inventory where the names are. Pure.
 */
import { keptName } from "./cut-over-request.ts";
import type { Inventory } from "./inventory.ts";
import type { Entry } from "./ledger.ts";
import { blocked, degraded, type Reading, type StateReason } from "./state-reasons.ts";
import { CUT_OVER_STEPS } from "./steps.ts";
import { requestsUnderWay } from "./under-way.ts";

/** The last step that is over; null before the first. */
export type CutOverStep = (typeof CUT_OVER_STEPS)[number]["name"] | null;

export function cutOverStep(entries: readonly Entry[]): CutOverStep {
  return CUT_OVER_STEPS.findLast(({ kind }) => entries.some((entry) => entry.kind === kind))?.name ?? null;
}

interface Told {
  readonly cluster: string;
  readonly restored: string;
  readonly requestId: string;
  readonly last: Entry;
  readonly underWay: boolean;
}

/** At most one: a second cut-over of a cluster is refused while the first is not over. */
export function cutOverReason(
  cluster: string,
  entries: readonly Entry[],
  inventory: Reading<Inventory | null>,
  now: Date,
): StateReason | null {
  const requested = entries.findLast(({ kind, data }) => kind === "cut-over.requested" && data.cluster === cluster);
  if (requested === undefined) return null;
  const requestId = String(requested.data.requestId);
  const own = entries.filter(({ id }) => id.startsWith(`${requestId}:`));
  const last = own.at(-1) ?? requested;
  const underWay = requestsUnderWay(own, now).length > 0;
  const told = { cluster, restored: String(requested.data.restored), requestId, last, underWay };
  const step = cutOverStep(own);
  if (step === "completed") return null;
  const names = namesAfter(told, inventory);
  if (step === "requested" || step === "carried") return beforeTheSwap(told, names);
  if (names === "as-before" || names === "restored-gone") return null;
  return names === "swapped" || (names === null && step === "new-renamed") ? unfinished(told) : nameless(told);
}

function beforeTheSwap({ cluster, restored, last, underWay }: Told, names: Names | null): StateReason | null {
  if (underWay) {
    return blocked(
      "cut-over-under-way",
      `${restored} is on its way to take the place of ${cluster}; the last of it is ${last.kind} of ${last.at}.`,
      "Follow it on its run's page; migrations wait until it is over.",
    );
  }
  // A reviewer's no, and a wait that nobody ended, are no failure; and what was removed needs no second attempt.
  if (!/^cut-over\.|\.lost$/.test(last.kind) || names === "restored-gone") return null;
  return degraded(
    "cut-over-failed",
    `The last cut-over ended at ${last.at} before any name was changed; ${cluster} serves as before.`,
    `Open ledger entry ${last.seq}: it says what to do. It counts until a cut-over completes, or ${restored} is removed.`,
  );
}

function nameless({ cluster, restored, requestId, last, underWay }: Told): StateReason {
  if (underWay) {
    return blocked(
      "cut-over-under-way",
      `Nothing has the name ${cluster} since ${last.at}: the cut-over to ${restored} is between its two renames.`,
      "It takes a minute or two; follow it on its run's page. If its job is over there, run that again: it goes on where it stopped.",
    );
  }
  return blocked(
    "cut-over-stopped",
    `A cut-over stopped between its two renames at ${last.at}: nothing serves under the name ${cluster}.`,
    `Run its failed job again, or go back by renaming ${keptName({ cluster, requestId })} to ${cluster}; its run's page has the command.`,
  );
}

function unfinished({ cluster, restored, last, underWay }: Told): StateReason {
  if (underWay) {
    return blocked(
      "cut-over-under-way",
      `${restored} has the name ${cluster}, and the cut-over is not over; the last of it is ${last.kind} of ${last.at}.`,
      "Follow it on its run's page. If its job is over there, run that again: it takes our tags off what serves.",
    );
  }
  return blocked(
    "cut-over-stopped",
    `A cut-over stopped at ${last.at} before its last step: what serves as ${cluster} carries the tags by which it could be taken for a left-over.`,
    "Run its failed job again: it takes them off.",
  );
}

/** `restored-gone`: as before, and the restored cluster exists no more. */
type Names = "as-before" | "restored-gone" | "nobodys" | "swapped";

/** Where the names are, if AWS was asked after the last entry; null where it was not. A person who goes back by hand writes no entry. */
function namesAfter({ cluster, restored, last }: Told, inventory: Reading<Inventory | null>): Names | null {
  if (!inventory.ok || inventory.value === null || Date.parse(inventory.value.at) <= Date.parse(last.at)) return null;
  const view = inventory.value.clusters.find((each) => each.id === cluster);
  if (view === undefined) return null;
  if (view.status === null) return "nobodys";
  if (view.restored.some(({ id }) => id === cluster)) return "swapped";
  return view.restored.some(({ id }) => id === restored) ? "as-before" : "restored-gone";
}
