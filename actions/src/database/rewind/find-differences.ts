/**
 * The keys of the rows that differ between two images of a table. The databases themselves count and hash their rows by bucket of the key; only
 * the rows of buckets that differ are listed, and only those that differ are named. Memory is bounded by a bucket and a batch.
 */
import type pg from "pg";
import type { TableFacts } from "../../recovery/rewind/judge-table.ts";
import type { Key } from "../../recovery/rewind/plan.ts";
import { readCursor } from "./read-cursor.ts";
import { bucketSql, keyText, rowHashSql, tableSql } from "./row-sql.ts";

export interface Difference {
  readonly key: Key;
  readonly in: "both" | "before" | "after";
}

export interface Differences {
  /** In no order. */
  readonly rows: AsyncIterable<Difference>;
  /** How many rows A has; known once all differences were read. */
  readonly rowsBefore: () => number;
}

// A few rows a bucket: with 5,000 scattered changes in a million rows 92 of 100 buckets are equal, and the list of buckets stays far below the list of rows.
const ROWS_A_BUCKET = 16;
const MOST_BUCKETS = 2 ** 20;

export async function findDifferences(before: pg.Client, after: pg.Client, facts: TableFacts): Promise<Differences> {
  const wanted = Math.max(...(await Promise.all([estimateRows(before, facts), estimateRows(after, facts)]))) / ROWS_A_BUCKET;
  const buckets = Math.min(MOST_BUCKETS, 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, wanted)))));
  const counted = { before: 0 };
  return { rows: differingRows(before, after, facts, buckets, counted), rowsBefore: () => counted.before };
}

/** As the planner does: rows a page when it last looked, times the pages there are now. A table that it never looked at is counted. */
async function estimateRows(client: pg.Client, facts: TableFacts): Promise<number> {
  const { rows } = await client.query<{ n: number | null }>(
    `select reltuples / nullif(relpages, 0) * (pg_relation_size(oid) / current_setting('block_size')::int) as n from pg_class where oid = $1::regclass`,
    [tableSql(facts)],
  );
  const estimate = rows[0]?.n ?? 0;
  if (estimate > 0) return estimate;
  const { rows: counted } = await client.query<{ n: string }>(`select count(*) as n from ${tableSql(facts)}`);
  return Number(counted[0]?.n);
}

async function* differingRows(
  before: pg.Client,
  after: pg.Client,
  facts: TableFacts,
  buckets: number,
  counted: { before: number },
): AsyncGenerator<Difference> {
  const differing: number[] = [];
  const sums = (client: pg.Client) => readCursor<{ b: number; n: string; h: string }>(client, sumsSql(facts, buckets), []);
  for await (const [one, other] of sideBySide(sums(before), sums(after), (row) => row.b)) {
    counted.before += Number(one?.n ?? 0);
    if (one === null || other === null || one.n !== other.n || one.h !== other.h) {
      const bucket = (one ?? other)?.b;
      if (bucket !== undefined) differing.push(bucket);
    }
  }
  if (differing.length === 0) return;
  const listed = (client: pg.Client) => inGroups(readCursor<HashedRow>(client, rowsSql(facts, buckets), [differing]));
  for await (const [one, other] of sideBySide(listed(before), listed(after), (group) => group.b)) {
    yield* compareBucket(facts, one?.rows ?? [], other?.rows ?? []);
  }
}

const sumsSql = (facts: TableFacts, buckets: number) =>
  `select b, count(*)::text as n, sum(h)::text as h from (select ${bucketSql(facts, "t", buckets)} as b, ${rowHashSql(facts, "t")} as h from ${tableSql(facts)} t) s group by b order by b`;

const rowsSql = (facts: TableFacts, buckets: number) =>
  `select d.b, ${keyText(facts, "t")}, ${rowHashSql(facts, "t")}::text as h from ${tableSql(facts)} t join unnest($1::int[]) as d (b) on d.b = ${bucketSql(facts, "t", buckets)} order by d.b`;

type HashedRow = Readonly<Record<string, string>> & { readonly b: unknown; readonly h: string };

async function* inGroups(rows: AsyncIterable<HashedRow>): AsyncGenerator<{ readonly b: number; readonly rows: readonly HashedRow[] }> {
  let group: HashedRow[] = [];
  for await (const row of rows) {
    const [first] = group;
    if (first !== undefined && first.b !== row.b) {
      yield { b: Number(first.b), rows: group };
      group = [];
    }
    group.push(row);
  }
  const [first] = group;
  if (first !== undefined) yield { b: Number(first.b), rows: group };
}

function* compareBucket(facts: TableFacts, before: readonly HashedRow[], after: readonly HashedRow[]): Generator<Difference> {
  const keyOf = (row: HashedRow): Key => facts.key.map((_, at) => row[`k${at + 1}`] ?? "");
  const others = new Map(after.map((row) => [JSON.stringify(keyOf(row)), row]));
  for (const row of before) {
    const key = keyOf(row);
    const text = JSON.stringify(key);
    const other = others.get(text);
    others.delete(text);
    if (other === undefined) yield { key, in: "before" };
    else if (other.h !== row.h) yield { key, in: "both" };
  }
  for (const row of others.values()) yield { key: keyOf(row), in: "after" };
}

/** Two streams in rising order, paired where they have the same place. */
async function* sideBySide<T>(
  one: AsyncIterable<T>,
  other: AsyncIterable<T>,
  placeOf: (item: T) => number,
): AsyncGenerator<readonly [T | null, T | null]> {
  const [left, right] = [one[Symbol.asyncIterator](), other[Symbol.asyncIterator]()];
  let [a, b] = await Promise.all([left.next(), right.next()]);
  while (!(a.done && b.done)) {
    const [x, y] = [a.done ? null : a.value, b.done ? null : b.value];
    const order = x === null ? 1 : y === null ? -1 : placeOf(x) - placeOf(y);
    yield [order <= 0 ? x : null, order >= 0 ? y : null];
    [a, b] = await Promise.all([order <= 0 ? left.next() : a, order >= 0 ? right.next() : b]);
  }
}
