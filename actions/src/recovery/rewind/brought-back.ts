/** What earlier rewinds mean for a new one of the same damage, as the ledger tells it. Pure. */
import type { Entry, RewindHints } from "../../domain/index.ts";
import { type Damage, microseconds } from "./damage.ts";

interface About {
  readonly cluster: string;
  readonly requestId: string;
  readonly damage: Pick<Damage, "first" | "last">;
}

/** What may be taken for granted of rows that vanished: what the request says, unless rows of this damage may have been back already and gone again. */
export function deletionsSaid(entries: readonly Entry[], about: About & { readonly hints: Pick<RewindHints, "deletions"> }) {
  const { deletions } = about.hints;
  return deletions === "damage" && broughtBackBefore(entries, about) ? null : deletions;
}

/**
 * Whether a rewind may have brought rows of this damage back before. Then a row that is missing may be one that somebody deleted since it came
 * back, which no image can tell: deletions have to be asked about, whatever the request says of them. A transaction that was begun counts, however it ended.
 */
function broughtBackBefore(entries: readonly Entry[], { cluster, requestId, damage }: About): boolean {
  const begun = entries.filter(({ kind, data }) => kind === "rewind.applying" && data.cluster === cluster && data.requestId !== requestId);
  return begun.some(({ data }) => {
    const planned = entries.findLast((each) => each.kind === "rewind.planned" && each.data.requestId === data.requestId)?.data;
    const { first, last } = planned ?? {};
    // A plan that cannot be read is no proof that the damage was another.
    if (typeof first !== "string" || typeof last !== "string") return true;
    return microseconds(first) <= microseconds(damage.last) && microseconds(damage.first) <= microseconds(last);
  });
}
