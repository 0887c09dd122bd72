/** What became of applying a plan: counts, and keys of what was left out; never a value. */
import type { Key } from "./plan.ts";

export interface LeftRow {
  readonly table: string;
  readonly key: Key;
  /** `changed`: written since the plan or the answer. `gone`: deleted since. */
  readonly why: "changed" | "gone";
}

export interface Applied {
  /** Rows that got old values back now. */
  readonly changed: number;
  /** Deleted rows that came back now. */
  readonly returned: number;
  /** Rows that the damage had made and that were removed now, because a person said so. */
  readonly removed: number;
  /** Rows that were already as the plan wants them: an earlier run did them. */
  readonly already: number;
  /** Set aside under the lock, untouched. */
  readonly left: readonly LeftRow[];
  readonly unanswered: number;
  /** The transaction that did it; null where there was nothing to do. */
  readonly transaction: string | null;
  /** Rows read again after the commit that hold the old values, and rows that somebody else has written by then. */
  readonly verified: { readonly right: number; readonly writtenSince: number };
}
