/** Whether the images lie on the right sides of the damage: an image that holds it already, or not yet, would call damage good or miss it. */
import type { Damage, DamageHints } from "../../recovery/rewind/damage.ts";
import type { TableFacts } from "../../recovery/rewind/judge-table.ts";
import { hintFor, keepsCommitTimes } from "./find-damage.ts";
import type { RewindImages } from "./open-image.ts";
import { matchesSql } from "./read-rows.ts";
import { tableSql } from "./row-sql.ts";

export interface WrongImage {
  readonly image: "before" | "after";
  readonly problem: string;
}

/** Null where both are right. */
export async function checkImages(
  images: RewindImages,
  tables: readonly TableFacts[],
  damage: Damage,
  hints: DamageHints,
): Promise<WrongImage | null> {
  const transactions = damage.commits.flatMap((commit) => commit.transactions);
  const commitTimes = await keepsCommitTimes(images.before.client);
  let written = 0;
  for (const facts of tables) {
    const early = await images.before.client.query(`select from ${tableSql(facts)} t where t.xmin::text = any ($1) limit 1`, [
      transactions,
    ]);
    const predicate = hintFor(hints.predicates, facts);
    const matching =
      predicate === undefined || !commitTimes
        ? null
        : await images.before.client.query(
            `select from ${tableSql(facts)} t where pg_xact_commit_timestamp(t.xmin) between $1 and $2 and ${matchesSql(facts, predicate)} limit 1`,
            [damage.searched.from, damage.searched.to],
          );
    if (early.rowCount === 1 || matching?.rowCount === 1)
      return {
        image: "before",
        problem: `The image before the damage has damaged rows in ${facts.table} already. Restore an earlier time.`,
      };
    const { rows } = await images.after.client.query<{ n: number }>(
      `select count(*)::int as n from ${tableSql(facts)} t where t.xmin::text = any ($1)`,
      [transactions],
    );
    written += rows[0]?.n ?? 0;
  }
  const expected = damage.commits.reduce((sum, { rows }) => sum + Object.values(rows).reduce((all, count) => all + count, 0), 0);
  return expected > 0 && written === 0 && tables.length > 0
    ? { image: "after", problem: "No row of the image after the damage was written by it. Restore a later time." }
    : null;
}
