/** What the tables ought to hold had the damage never happened: every good commit of the journal, each by the columns that it set. */
import { isDeepStrictEqual } from "node:util";
import type { Row, Tables } from "../sandbox/demo-app/database.ts";
import type { JournalEntry } from "../sandbox/demo-app/journal.ts";

interface GoodRow {
  readonly row: Row;
  /** Columns that a good commit wrote since the beginning. */
  readonly written: ReadonlySet<string>;
}

export type GoodWorld = ReadonlyMap<string, ReadonlyMap<unknown, GoodRow | null>>;

/** `bad` are the ids of the damage's transactions. Entries may come in any order. */
export function goodWorld(initial: Tables, entries: readonly JournalEntry[], bad: ReadonlySet<string>): GoodWorld {
  const world = new Map(
    Object.entries(initial).map(([table, rows]) => [
      table,
      new Map<unknown, GoodRow | null>(rows.map((row) => [row.id, { row, written: new Set<string>() }])),
    ]),
  );
  for (const entry of entries.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    if (bad.has(entry.xid)) continue;
    const table = world.get(entry.table) ?? new Map<unknown, GoodRow | null>();
    world.set(entry.table, table);
    for (const row of entry.rows) table.set(row.id, after(table.get(row.id) ?? null, row, entry));
  }
  return world;
}

function after(before: GoodRow | null, row: Row, { op, columns }: JournalEntry): GoodRow | null {
  if (op === "delete") return null;
  if (op === "insert" || before === null) return { row, written: new Set(Object.keys(row)) };
  if (columns === undefined) throw new Error("an update without its columns cannot be told apart from the damage that it was written over");
  const set = Object.fromEntries(columns.map((column) => [column, row[column]]));
  return { row: { ...before.row, ...set }, written: new Set([...before.written, ...columns]) };
}

export interface Comparison {
  readonly total: number;
  /** Rows that are missing, foreign or different. */
  readonly wrong: readonly { readonly table: string; readonly id: unknown; readonly expected: Row | null; readonly actual: Row | null }[];
  /** Values that a good commit wrote and that are not there. */
  readonly goodWritesLost: number;
}

export function compareWithGoodWorld(world: GoodWorld, actual: Tables): Comparison {
  const wrong: { table: string; id: unknown; expected: Row | null; actual: Row | null }[] = [];
  let goodWritesLost = 0;
  let total = 0;
  for (const [table, expected] of world) {
    const found = new Map((actual[table] ?? []).map((row) => [row.id, row]));
    total += found.size;
    for (const id of new Set([...expected.keys(), ...found.keys()])) {
      const good = expected.get(id) ?? null;
      const row = found.get(id) ?? null;
      if (isDeepStrictEqual(good?.row ?? null, row)) continue;
      wrong.push({ table, id, expected: good?.row ?? null, actual: row });
      // A good deletion that is undone is a write that is lost, too.
      if (good === null) goodWritesLost += 1;
      else goodWritesLost += [...good.written].filter((column) => !isDeepStrictEqual(good.row[column], row?.[column])).length;
    }
  }
  return { total, wrong, goodWritesLost };
}
