import type pg from "pg";
import type { RowView } from "../../recovery/rewind/judge-row.ts";
import type { TableFacts } from "../../recovery/rewind/judge-table.ts";
import type { Key } from "../../recovery/rewind/plan.ts";
import { cellHash, comparedColumns, ident, keyArrays, keyMatches, keysParameter, tableSql } from "./row-sql.ts";

export interface ReadRow extends RowView {
  /** When its writer committed; null where that is not known or was not asked for. */
  readonly committedAt: string | null;
  /** Whether it fulfils the condition; null where none was asked about. */
  readonly matches: boolean | null;
}

export interface Reading {
  readonly commitTimes: boolean;
  readonly predicate?: string | undefined;
}

/** RFC 3339 with microseconds: a JavaScript date would make two commits one. */
export const commitTime = (xid: string) => `to_char(pg_xact_commit_timestamp(${xid}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The rows of these keys, by `JSON.stringify` of the key, as fingerprints of their cells. */
export async function readRows(
  client: pg.Client,
  facts: TableFacts,
  keys: readonly Key[],
  { commitTimes, predicate }: Reading,
): Promise<ReadonlyMap<string, ReadRow>> {
  const cells = comparedColumns(facts).map(({ name }) => cellHash(`t.${ident(name)}`));
  const { rows } = await client.query<ReadRow & Record<string, string>>(
    `select ${facts.key.map((_, at) => `k.k${at + 1}`).join(", ")}, t.xmin::text as version, array[${cells.join(", ")}]::text[] as cells,
       ${commitTimes ? commitTime("t.xmin") : "null"} as "committedAt", ${predicate === undefined ? "null::boolean" : `coalesce(${matchesSql(facts, predicate)}, false)`} as matches
     from ${keysParameter(facts)} join ${tableSql(facts)} t on ${keyMatches(facts, "t")}`,
    [...keyArrays(facts, keys)],
  );
  return new Map(
    rows.map((row) => [
      JSON.stringify(facts.key.map((_, at) => row[`k${at + 1}`])),
      { cells: row.cells, version: row.version, committedAt: row.committedAt, matches: row.matches },
    ]),
  );
}

/** The condition over the row's own columns; the line end keeps a comment in it from swallowing what follows. */
export function matchesSql(facts: TableFacts, predicate: string): string {
  return `(select (${predicate}\n) from (select t.*) as ${ident(facts.table.slice(facts.table.indexOf(".") + 1))})`;
}
