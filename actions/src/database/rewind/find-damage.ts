/** Looks for the commits that did the damage among the writers of the live rows. Reads only, and says nothing of what rows hold. */
import type pg from "pg";
import { chooseDamage, type DamageReport, type DamageSearch, type Findings, type Suspect } from "../../recovery/rewind/damage.ts";
import type { TableFacts } from "../../recovery/rewind/judge-table.ts";
import { describeTable } from "./describe-table.ts";
import type { RewindImage } from "./open-image.ts";
import { commitTime, matchesSql } from "./read-rows.ts";
import { tableSql } from "./row-sql.ts";

/** The commits inside the interval that did the damage, as far as rows of the live database still tell. */
export async function findDamage({ client }: RewindImage, search: DamageSearch): Promise<DamageReport> {
  await client.query("begin isolation level repeatable read read only");
  try {
    return chooseDamage(await gather(client, search), search);
  } finally {
    await client.query("rollback").catch(() => {});
  }
}

/** Where a hint names a table in another way than the catalog. */
export function hintFor<T>(hints: Readonly<Record<string, T>> | undefined, { table }: Pick<TableFacts, "table">): T | undefined {
  return hints?.[table] ?? hints?.[table.slice(table.indexOf(".") + 1)];
}

export async function keepsCommitTimes(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ on: boolean }>("select current_setting('track_commit_timestamp')::boolean as on");
  return rows[0]?.on === true;
}

async function gather(client: pg.Client, search: DamageSearch): Promise<Findings> {
  const commitTimes = await keepsCommitTimes(client);
  const written: Written[] = [];
  for (const asked of search.tables) {
    const facts = await describeTable(client, asked);
    // A table that was dropped has nothing to tell here; the plan refuses it by name.
    if (facts !== null && facts.kind === "r")
      written.push(...(await writersOf(client, facts, search, commitTimes, hintFor(search.hints?.predicates, facts))));
  }
  const inside = written.filter(({ when }) => when !== "since");
  const named = search.hints?.transactions ?? [];
  return {
    commitTimes,
    suspects: bySameCommit(inside.map((each) => ({ ...each, n: each.rows }))),
    named: await namedCommits(client, named, written, commitTimes),
    matching:
      search.hints?.predicates === undefined
        ? null
        : {
            suspects: bySameCommit(inside.filter(({ matching }) => matching > 0).map((each) => ({ ...each, n: each.matching }))),
            writtenSince: written.reduce((sum, { when, matching }) => sum + (when === "since" ? matching : 0), 0),
          },
  };
}

interface Written {
  readonly table: string;
  readonly xid: string;
  readonly committedAt: string | null;
  readonly when: "inside" | "since";
  readonly rows: number;
  readonly matching: number;
}

async function writersOf(
  client: pg.Client,
  facts: TableFacts,
  { from, to }: DamageSearch,
  commitTimes: boolean,
  predicate: string | undefined,
): Promise<readonly Written[]> {
  const matching = predicate === undefined ? "0" : `count(*) filter (where ${matchesSql(facts, predicate)})`;
  const grouped = `select t.xmin as xid, count(*)::int as rows, (${matching})::int as matching from ${tableSql(facts)} t group by t.xmin`;
  const { rows } = commitTimes
    ? await client.query<Omit<Written, "table">>(
        `select g.xid::text, ${commitTime("g.xid")} as "committedAt", g.rows, g.matching,
           case when pg_xact_commit_timestamp(g.xid) <= $2 then 'inside' else 'since' end as when
         from (${grouped}) g where pg_xact_commit_timestamp(g.xid) >= $1`,
        [from, to],
      )
    : await client.query<Omit<Written, "table">>(
        `select g.xid::text, null as "committedAt", g.rows, g.matching, 'inside' as when from (${grouped}) g`,
      );
  return rows.map((row) => ({ ...row, table: facts.table }));
}

/** Subtransactions have ids of their own and one commit time. */
function bySameCommit(written: readonly (Written & { readonly n: number })[]): readonly Suspect[] {
  const commits = new Map<string, { committedAt: string | null; transactions: Set<string>; rows: Map<string, number> }>();
  for (const { table, xid, committedAt, n } of written) {
    const known = commits.get(committedAt ?? xid) ?? { committedAt, transactions: new Set(), rows: new Map() };
    known.transactions.add(xid);
    known.rows.set(table, (known.rows.get(table) ?? 0) + n);
    commits.set(committedAt ?? xid, known);
  }
  return [...commits.values()]
    .map(({ committedAt, transactions, rows }) => ({ committedAt, transactions: [...transactions], rows: Object.fromEntries(rows) }))
    .toSorted((a, b) => (a.committedAt ?? "").localeCompare(b.committedAt ?? ""));
}

/** A transaction that only deleted is carried by no row, and still has a commit time. */
async function namedCommits(
  client: pg.Client,
  named: readonly string[],
  written: readonly Written[],
  commitTimes: boolean,
): Promise<readonly Suspect[]> {
  if (named.length === 0) return [];
  const { rows } = await client.query<{ xid: string; committedAt: string | null }>(
    `select x.id as xid, ${commitTimes ? commitTime("x.id::xid") : "null"} as "committedAt" from unnest($1::text[]) as x (id)`,
    [named],
  );
  const known = rows.filter(({ committedAt }) => committedAt !== null || !commitTimes);
  const carried = written.filter((each) =>
    known.some(({ xid, committedAt }) => xid === each.xid || (committedAt !== null && committedAt === each.committedAt)),
  );
  const bare = known.filter(({ xid }) => !carried.some((each) => each.xid === xid));
  return [
    ...bySameCommit(carried.map((each) => ({ ...each, n: each.rows }))),
    ...bare.map(({ xid, committedAt }) => ({ committedAt, transactions: [xid], rows: {} })),
  ];
}
