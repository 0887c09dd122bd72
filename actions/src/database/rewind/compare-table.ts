/** Holds one table's three images against each other and collects, for each row that differs, what the pure rule says of it. */
import type { Damage, DamageHints } from "../../recovery/rewind/damage.ts";
import { judgeRow, type RowVerdict } from "../../recovery/rewind/judge-row.ts";
import type { TableFacts } from "../../recovery/rewind/judge-table.ts";
import type { Key, Refusal } from "../../recovery/rewind/plan.ts";
import { damagedColumns, newTally, type Signature, type Tally, tallyRow, valuesOf } from "../../recovery/rewind/signature.ts";
import { hintFor } from "./find-damage.ts";
import { type Difference, findDifferences } from "./find-differences.ts";
import type { RewindImages } from "./open-image.ts";
import { type Reading, type ReadRow, readRows } from "./read-rows.ts";
import { cellHash, comparedColumns, ident, tableSql } from "./row-sql.ts";

export interface JudgedRow {
  readonly key: Key;
  readonly verdict: RowVerdict;
  /** The transaction that wrote the live row; null where there is none. */
  readonly version: string | null;
}

export type Comparison =
  | { readonly refusal: Refusal }
  | { readonly refusal: null; readonly damaged: readonly string[]; readonly rows: readonly JudgedRow[]; readonly vanished: number };

export interface ComparisonRequest {
  readonly damage: Damage;
  readonly hints: DamageHints;
  readonly commitTimes: boolean;
  /** The file of the table is not the same before and after the damage, as after a TRUNCATE. */
  readonly otherFile: boolean;
}

/** A plan is read whole by people and machines; more rows than this are a case for restoring the table. */
const MOST_ROWS = 250_000;
const BATCH = 1_000;

export async function compareTable(images: RewindImages, facts: TableFacts, request: ComparisonRequest): Promise<Comparison> {
  const refuse = (kind: Refusal["kind"], reason: string): Comparison => ({ refusal: { kind, table: facts.table, reason } });
  const found = await findDifferences(images.before.client, images.after.client, facts);
  const differences: Difference[] = [];
  for await (const difference of found.rows) {
    differences.push(difference);
    if (differences.length > MOST_ROWS)
      return refuse("too-many-rows", `More than ${MOST_ROWS} rows differ. Restore the cluster to a new one and copy the table from there.`);
  }
  const wrote = damagedBy(request.damage);
  const vanished = differences.filter((each) => each.in === "before").length;
  if (request.otherFile && vanished > 0 && vanished === found.rowsBefore())
    return refuse("truncated", "It was truncated. Restore the cluster to a new one and copy the table from there.");

  const learnt = await learn(images, facts, differences, request, wrote);
  if (learnt.movedKeys)
    return refuse(
      "changed-keys",
      "The damage changed values of the primary key: nobody can tell which row became which. Restore the table instead.",
    );
  const signature = await signatureOf(images, facts, learnt.tally, request);
  const rows: JudgedRow[] = [];
  for (const batch of batches(differences)) {
    const [before, after] = await readBoth(images, facts, batch, request);
    const live = await readRows(images.live.client, facts, keysOf(batch), { commitTimes: false });
    for (const { key } of batch) {
      const place = JSON.stringify(key);
      const now = live.get(place) ?? null;
      const b = after.get(place) ?? null;
      const sight = {
        before: before.get(place) ?? null,
        after: b,
        live: now,
        byDamage: wrote(b),
        matches: b?.matches ?? null,
      };
      const verdict = judgeRow(sight, signature);
      if (verdict.change.length > 0 || verdict.comesBack || verdict.asks.length > 0 || verdict.setAside !== null)
        rows.push({ key, verdict, version: now?.version ?? null });
    }
  }
  const names = comparedColumns(facts).map(({ name }) => name);
  return { refusal: null, damaged: [...signature.damaged].map((column) => names[column] ?? ""), rows, vanished };
}

/** Whether a damaging transaction wrote a row of B. */
function damagedBy({ commits, toldBy, first, last }: Damage): (row: ReadRow | null) => boolean {
  const transactions = new Set(commits.flatMap((commit) => commit.transactions));
  // Subtransactions whose rows were all overwritten since are not among them, but committed at the same instant.
  const times = new Set(commits.flatMap(({ committedAt }) => (committedAt === null ? [] : [committedAt])));
  return (row) => {
    if (row === null || row.matches === false) return false;
    if (transactions.has(row.version) || (row.committedAt !== null && times.has(row.committedAt))) return true;
    return (
      toldBy === "predicate" && row.matches === true && row.committedAt !== null && row.committedAt >= first && row.committedAt <= last
    );
  };
}

/** A first pass over what differs: what the damage wrote, and whether it moved rows to other keys. */
async function learn(
  images: RewindImages,
  facts: TableFacts,
  differences: readonly Difference[],
  request: ComparisonRequest,
  wrote: (row: ReadRow | null) => boolean,
): Promise<{ readonly tally: Tally; readonly movedKeys: boolean }> {
  const columns = comparedColumns(facts);
  const tally = newTally(columns.length);
  const keyColumns = new Set(columns.flatMap(({ name }, at) => (facts.key.includes(name) ? [at] : [])));
  // Of a row that is nothing but its key, nothing is left to recognise it by.
  const contentOf = (row: ReadRow) => JSON.stringify(row.cells.filter((_, at) => !keyColumns.has(at)));
  const vanished = new Set<string>();
  const added: string[] = [];
  for (const batch of batches(differences)) {
    const [before, after] = await readBoth(images, facts, batch, request);
    for (const { key } of batch) {
      const place = JSON.stringify(key);
      const [a, b] = [before.get(place), after.get(place)];
      const bad = wrote(b ?? null);
      if (a !== undefined && b !== undefined) {
        if (bad) tallyRow(tally, a, b);
      } else if (a !== undefined) vanished.add(contentOf(a));
      else if (b !== undefined && bad) added.push(contentOf(b));
    }
  }
  return { tally, movedKeys: added.some((content) => vanished.has(content)) };
}

async function signatureOf(
  images: RewindImages,
  facts: TableFacts,
  tally: Tally,
  { damage, hints }: ComparisonRequest,
): Promise<Signature> {
  const columns = comparedColumns(facts);
  const hinted = hintFor(hints.columns, facts);
  const unknown = hinted?.find((name) => !columns.some((column) => column.name === name));
  if (unknown !== undefined)
    throw new RangeError(
      `${unknown} is not a column of ${facts.table} that can be compared; allowed: ${columns.map(({ name }) => name).join(", ")}`,
    );
  // With no transaction to learn from, every column that differs may be the damage's work.
  const everything = damage.toldBy === "interval" ? new Set(columns.keys()) : null;
  const given = hinted === undefined ? everything : new Set(hinted.map((name) => columns.findIndex((column) => column.name === name)));
  const learnt = damagedColumns(tally, given);
  const values = new Map<number, { readonly left: ReadonlySet<string | null>; readonly novel: boolean }>();
  for (const [column, left] of valuesOf(tally, learnt.damaged)) {
    const name = columns[column]?.name;
    if (name !== undefined) values.set(column, { left, novel: !(await anyRowHas(images, facts, name, left)) });
  }
  return { ...learnt, values, deletions: hints.deletions ?? "unclear" };
}

async function anyRowHas(
  { before }: RewindImages,
  facts: TableFacts,
  column: string,
  values: ReadonlySet<string | null>,
): Promise<boolean> {
  const cell = `t.${ident(column)}`;
  const { rows } = await before.client.query<{ found: boolean }>(
    `select exists (select from ${tableSql(facts)} t where ${cellHash(cell)} = any ($1) or ($2 and ${cell} is null)) as found`,
    [[...values].filter((value) => value !== null), values.has(null)],
  );
  return rows[0]?.found === true;
}

function readBoth(
  { before, after }: RewindImages,
  facts: TableFacts,
  batch: readonly Difference[],
  { commitTimes, hints }: ComparisonRequest,
): Promise<[ReadonlyMap<string, ReadRow>, ReadonlyMap<string, ReadRow>]> {
  const reading: Reading = { commitTimes, predicate: hintFor(hints.predicates, facts) };
  return Promise.all([
    readRows(before.client, facts, keysOf(batch), { commitTimes: false }),
    readRows(after.client, facts, keysOf(batch), reading),
  ]);
}

const keysOf = (batch: readonly Difference[]): readonly Key[] => batch.map(({ key }) => key);

function* batches(all: readonly Difference[]): Generator<readonly Difference[]> {
  for (let at = 0; at < all.length; at += BATCH) yield all.slice(at, at + BATCH);
}
