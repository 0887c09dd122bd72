/** What the damage of a rewind is: asked of the live database once, by its first attempt, and from then on read from the ledger. */
import * as z from "zod/mini";
import { findDamage } from "../database/rewind/find-damage.ts";
import { openImage } from "../database/rewind/open-image.ts";
import { durationMs, type EntryData, parse, type RewindRequest } from "../domain/index.ts";
import type { Damage, DamageHints, Suspect } from "../recovery/rewind/damage.ts";
import type { Journal } from "./journal.ts";
import { accessOf, type Reach } from "./open-images.ts";
import { Refusal } from "./outcome.ts";

const damageSchema = z.object({
  toldBy: z.enum(["transactions", "predicate", "interval"]),
  commits: z.array(
    z.object({ committedAt: z.nullable(z.string()), transactions: z.array(z.string()), rows: z.record(z.string(), z.number()) }),
  ),
  complete: z.boolean(),
  first: z.string(),
  last: z.string(),
  searched: z.object({ from: z.string(), to: z.string() }),
});

/** Rows that are written to meanwhile tell less and less of the damage, so what was found first stands. Throws Refusal when it cannot be told. */
export async function damageOf(request: RewindRequest, work: Reach & { readonly journal: Journal }): Promise<Damage> {
  const { journal } = work;
  const known = journal.recorded("requested")?.data.damage;
  if (known !== undefined) return parse(damageSchema, known, "The damage in the ledger");
  const damage = await search(request, work);
  const { cluster, mode, tables, from, to, hints } = request;
  await journal.record("requested", "rewind.requested", {
    cluster,
    mode,
    tables: [...tables],
    from: from.toISOString(),
    to: to.toISOString(),
    hints: {
      ...hints,
      columns: Object.fromEntries(Object.entries(hints.columns).map(([table, columns]) => [table, [...columns]])),
      transactions: [...hints.transactions],
      fire: [...hints.fire],
    },
    damage: entryOf(damage),
  });
  return damage;
}

export function hintsOf({ hints }: Pick<RewindRequest, "hints">): DamageHints {
  return {
    ...(hints.transactions.length === 0 ? {} : { transactions: hints.transactions }),
    ...(Object.keys(hints.columns).length === 0 ? {} : { columns: hints.columns }),
    ...(hints.deletions === null ? {} : { deletions: hints.deletions }),
  };
}

async function search(request: RewindRequest, reach: Reach): Promise<Damage> {
  const skew = durationMs(request.hints.skew);
  const live = await openImage(await accessOf(request.cluster, reach));
  try {
    const report = await findDamage(live, {
      tables: request.tables,
      from: new Date(request.from.getTime() - skew),
      to: new Date(request.to.getTime() + skew),
      hints: hintsOf(request),
    });
    if (report.found) return report.damage;
    throw new Refusal(
      `The damage cannot be told from good writes: ${report.problem}${describe(report.suspects)}`,
      "Name the transactions of the damage in the hints, or a narrower interval, and ask again with a new request id.",
    );
  } finally {
    await live.close();
  }
}

// So many are worth reading; a longer list says that the interval is too wide.
const SUSPECTS_SHOWN = 10;

function describe(suspects: readonly Suspect[]): string {
  if (suspects.length === 0) return "";
  const shown = suspects.slice(0, SUSPECTS_SHOWN).map(({ committedAt, transactions, rows }) => {
    const counts = Object.entries(rows).map(([table, count]) => `${count} rows of ${table}`);
    return `transaction ${transactions.join(", ")}${committedAt === null ? "" : ` at ${committedAt}`} (${counts.join(", ")})`;
  });
  const more = suspects.length > SUSPECTS_SHOWN ? `; and ${suspects.length - SUSPECTS_SHOWN} more` : "";
  return ` Suspects: ${shown.join("; ")}${more}.`;
}

function entryOf({ toldBy, commits, complete, first, last, searched }: Damage): EntryData {
  return {
    toldBy,
    commits: commits.map(({ committedAt, transactions, rows }) => ({ committedAt, transactions: [...transactions], rows: { ...rows } })),
    complete,
    first,
    last,
    searched: { ...searched },
  };
}
