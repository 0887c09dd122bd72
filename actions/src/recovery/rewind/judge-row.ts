/**
 * What a rewind does about one row, decided from what its cells were before the damage (A), after it (B) and are now (L). A cell is known by a
 * fingerprint of its text. The rule: A comes back only where A differs from B, the damage wrote B, and nobody wrote since. Whatever cannot be
 * told is asked; what a good transaction wrote is never taken back. Pure.
 */
import type { QuestionKind, SetAsideKind } from "./plan.ts";
import type { Signature } from "./signature.ts";

/** A row of one image. */
export interface RowView {
  /** In the order of the table's columns; null for SQL's null. */
  readonly cells: readonly (string | null)[];
  /** The transaction that wrote it. */
  readonly version: string;
}

export interface RowSight {
  readonly before: RowView | null;
  readonly after: RowView | null;
  readonly live: RowView | null;
  /** A damaging transaction wrote what is in B, and where a condition was given, B fulfils it. */
  readonly byDamage: boolean;
  /** Whether B fulfils the operator's condition; null where none was given. */
  readonly matches: boolean | null;
}

/** Columns are indexes into the cells. */
export interface RowVerdict {
  /** Cells that get their old value back. */
  readonly change: readonly number[];
  /** The whole row comes back. */
  readonly comesBack: boolean;
  readonly asks: readonly { readonly kind: QuestionKind; readonly columns: readonly number[] }[];
  readonly setAside: { readonly kind: SetAsideKind; readonly columns: readonly number[] } | null;
}

const NOTHING: RowVerdict = { change: [], comesBack: false, asks: [], setAside: null };

export function judgeRow(sight: RowSight, signature: Signature): RowVerdict {
  const { before, after, live } = sight;
  if (before !== null && after !== null) return judgeChanged({ ...sight, before, after }, signature);
  if (before !== null) return judgeVanished(before, live, signature);
  if (after !== null) return judgeAdded(after, live, sight.byDamage);
  return NOTHING;
}

type Changed = RowSight & { readonly before: RowView; readonly after: RowView };

function judgeChanged(sight: Changed, signature: Signature): RowVerdict {
  const { before, after, live } = sight;
  const differing = indexesOf(before).filter((column) => before.cells[column] !== after.cells[column]);
  const writers = new Map(differing.map((column) => [column, writerOf(column, sight, signature)]));
  const damaged = differing.filter((column) => writers.get(column) === "damage");
  const unclear = differing.filter((column) => writers.get(column) === "unclear");
  if (live === null) return damaged.length > 0 ? { ...NOTHING, setAside: { kind: "deleted-since", columns: damaged } } : NOTHING;

  const notYetBack = (column: number) => live.cells[column] !== before.cells[column];
  const untouched = (column: number) => live.cells[column] === after.cells[column];
  const open = damaged.filter(notYetBack);
  const change = open.filter(untouched);
  const changedSince = open.filter((column) => !untouched(column));
  // Written since, and nothing in it differs but what came back: somebody may have meant the very value that the damage had left.
  const explained = (column: number) => untouched(column) || !notYetBack(column);
  const sameValueSince = change.length > 0 && live.version !== after.version && indexesOf(after).every(explained);
  // One question a column: a good writer may have written one of them and the damage another.
  const ask = (kind: QuestionKind, columns: readonly number[]) => columns.map((column) => ({ kind, columns: [column] }));
  return {
    ...NOTHING,
    change: sameValueSince ? [] : change,
    asks: [
      ...ask("changed-since", changedSince),
      ...(sameValueSince ? ask("same-value-since", change) : []),
      ...ask("unclear-writer", unclear.filter(notYetBack)),
    ],
  };
}

/** Who wrote a cell of B that differs from A. */
function writerOf(column: number, { before, after, byDamage, matches }: Changed, signature: Signature): "damage" | "good" | "unclear" {
  const doubtful = signature.doubtful.has(column);
  if (!doubtful && !signature.damaged.has(column)) return "good";
  if (byDamage && !doubtful) return "damage";
  // The condition is about rows: of a column that the damage may not write at all it says nothing.
  const looks = (doubtful ? null : matches) ?? looksDamaged(column, after, signature);
  if (looks === true) return "damage";
  if (looks === false) return "good";
  // The damage changes these columns in every row that it reaches, so it has not reached this one.
  if (!byDamage && [...signature.always].some((each) => before.cells[each] === after.cells[each])) return "good";
  return "unclear";
}

function looksDamaged(column: number, after: RowView, { values }: Signature): boolean | null {
  const known = values.get(column);
  if (known === undefined) return null;
  const left = known.left.has(after.cells[column] ?? null);
  // A value that rows had before the damage too could have been written by anyone; a value that the damage never leaves was not its work.
  if (left) return known.novel ? true : null;
  return false;
}

function judgeVanished(before: RowView, live: RowView | null, { deletions }: Signature): RowVerdict {
  if (deletions === "good") return NOTHING;
  const all = indexesOf(before);
  if (live !== null) {
    if (all.every((column) => live.cells[column] === before.cells[column])) return NOTHING;
    return { ...NOTHING, asks: [{ kind: "key-used-again", columns: all }] };
  }
  return deletions === "damage" ? { ...NOTHING, comesBack: true } : { ...NOTHING, asks: [{ kind: "unclear-deletion", columns: all }] };
}

function judgeAdded(after: RowView, live: RowView | null, byDamage: boolean): RowVerdict {
  if (!byDamage || live === null) return NOTHING;
  const all = indexesOf(after);
  const same = live.version === after.version && all.every((column) => live.cells[column] === after.cells[column]);
  return same
    ? { ...NOTHING, asks: [{ kind: "added-by-damage", columns: all }] }
    : { ...NOTHING, setAside: { kind: "added-and-used", columns: all } };
}

function indexesOf({ cells }: RowView): readonly number[] {
  return cells.map((_, column) => column);
}
