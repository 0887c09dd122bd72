/** SQL over the rows of a table, written from its catalog facts: names are quoted, and values travel as text, in which they are compared. */
import pg from "pg";
import type { ColumnFacts, TableFacts } from "../../recovery/rewind/judge-table.ts";

export const ident = pg.escapeIdentifier;

/** `schema.table`, quoted. */
export function tableSql({ table }: Pick<TableFacts, "table">): string {
  const dot = table.indexOf(".");
  return `${ident(table.slice(0, dot))}.${ident(table.slice(dot + 1))}`;
}

/** What is compared and brought back: generated columns follow by themselves. */
export function comparedColumns({ columns }: TableFacts): readonly ColumnFacts[] {
  return columns.filter(({ generated }) => !generated);
}

export const list = (names: readonly string[], prefix = ""): string => names.map((name) => `${prefix}${ident(name)}`).join(", ");

/** The values of the key as text, one output column each. */
export function keyText({ key }: TableFacts, alias: string): string {
  return key.map((name, at) => `${alias}.${ident(name)}::text as k${at + 1}`).join(", ");
}

/** One text for the whole key, to be hashed. */
function keyDigestText({ key }: TableFacts, alias: string): string {
  const [first = "", ...others] = key.map((name) => `${alias}.${ident(name)}::text`);
  return others.length === 0 ? `${first} collate "C"` : `row(${[first, ...others].join(", ")})::text collate "C"`;
}

/** Which of `buckets` (a power of two) a row's key falls into: the same in every image. */
export function bucketSql(facts: TableFacts, alias: string, buckets: number): string {
  return `(hashtextextended(${keyDigestText(facts, alias)}, 0) & ${buckets - 1})::int`;
}

export function rowHashSql(facts: TableFacts, alias: string): string {
  const cells = comparedColumns(facts).map(({ name }) => `${alias}.${ident(name)}`);
  return `hashtextextended(row(${cells.join(", ")})::text collate "C", 1)`;
}

/** A cell is known by 128 bits of SHA-256 over its text: enough to tell values apart, and no value leaves the database. */
export function cellHash(expression: string): string {
  return `left(encode(sha256(convert_to(${expression}::text, 'UTF8')), 'hex'), 32)`;
}

/** Parameters `$first`, `$first + 1`, …: one array of text for each column of the key. */
export function keysParameter({ key }: TableFacts, first = 1): string {
  return `unnest(${key.map((_, at) => `$${first + at}::text[]`).join(", ")}) as k (${key.map((_, at) => `k${at + 1}`).join(", ")})`;
}

export function keyArrays({ key }: TableFacts, keys: readonly (readonly string[])[]): readonly (readonly (string | undefined)[])[] {
  return key.map((_, at) => keys.map((each) => each[at]));
}

/** `alias`'s key equals the key texts k1, k2, … of `k`; written so that the primary key's index serves it. */
export function keyMatches(facts: TableFacts, alias: string, k = "k"): string {
  return facts.key
    .map((name, at) => `${alias}.${ident(name)} = ${k}.k${at + 1}::${facts.columns.find((column) => column.name === name)?.type ?? "text"}`)
    .join(" and ");
}
