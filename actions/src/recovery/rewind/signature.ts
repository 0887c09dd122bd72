/** What the damage leaves behind in a table, learnt from the rows that its transactions wrote: by it other rows are told apart. Pure. */
import type { RowView } from "./judge-row.ts";

export interface Signature {
  /** Columns that the damage wrote. */
  readonly damaged: ReadonlySet<number>;
  /** Columns that changed in too many rows for chance and too few for certainty. */
  readonly doubtful: ReadonlySet<number>;
  /** Columns that changed in every row that the damage is known to have written. */
  readonly always: ReadonlySet<number>;
  /** Where the damage leaves the same few values everywhere: which, and whether no row had them before. */
  readonly values: ReadonlyMap<number, { readonly left: ReadonlySet<string | null>; readonly novel: boolean }>;
  readonly deletions: "damage" | "good" | "unclear";
}

export interface Tally {
  /** Rows that the damage changed. */
  rows: number;
  readonly changed: number[];
  /** The values left, until they are more than a few. */
  readonly left: (Set<string | null> | null)[];
}

// Good writers reach a row in the seconds between two images one time in hundreds; half of all rows is no chance.
const DAMAGED_SHARE = 0.5;
const DOUBTFUL_SHARE = 0.1;
// A reset to one value, or to one for each kind of account; more are no sign.
const FEW_VALUES = 3;
// Of fewer rows it may be chance that all of them have the same value.
const ENOUGH_ROWS = 10;

export function newTally(columns: number): Tally {
  return { rows: 0, changed: new Array<number>(columns).fill(0), left: Array.from({ length: columns }, () => new Set<string | null>()) };
}

/** Counts a row of B that a damaging transaction wrote, beside what it was in A. */
export function tallyRow(tally: Tally, before: RowView, after: RowView): void {
  tally.rows += 1;
  for (const [column, cell] of after.cells.entries()) {
    if (cell === before.cells[column]) continue;
    tally.changed[column] = (tally.changed[column] ?? 0) + 1;
    tally.left[column]?.add(cell);
    if ((tally.left[column]?.size ?? 0) > FEW_VALUES) tally.left[column] = null;
  }
}

/** Columns whose values may be a sign: then it is worth asking A whether any row had them before. */
export function valuesOf(tally: Tally, damaged: ReadonlySet<number>): ReadonlyMap<number, ReadonlySet<string | null>> {
  if (tally.rows < ENOUGH_ROWS) return new Map();
  return new Map(
    [...damaged].flatMap((column) => {
      const left = tally.left[column];
      return left === null || left === undefined || left.size === 0 ? [] : [[column, left] as const];
    }),
  );
}

/** `given`: what somebody who knows says that the damage wrote; null lets the share of rows decide. */
export function damagedColumns(tally: Tally, given: ReadonlySet<number> | null): Pick<Signature, "damaged" | "doubtful" | "always"> {
  const share = (column: number) => (tally.changed[column] ?? 0) / Math.max(tally.rows, 1);
  const columns = tally.changed.map((_, column) => column);
  const damaged = given ?? new Set(columns.filter((column) => share(column) >= DAMAGED_SHARE));
  return {
    damaged,
    doubtful: given === null ? new Set(columns.filter((column) => share(column) >= DOUBTFUL_SHARE && !damaged.has(column))) : new Set(),
    always: new Set([...damaged].filter((column) => tally.rows > 0 && tally.changed[column] === tally.rows)),
  };
}
