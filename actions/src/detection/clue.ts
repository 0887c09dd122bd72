/**
 * What a line that tells of something holds. A large log is searched for these, and a line without them is never made into text: a clue may
 * promise too much, but what a format reads without one of its clues would be lost.
 */
import type { EventKind } from "../domain/index.ts";

export interface Clue {
  /** Of what it may tell; null where other lines are read differently because of it. */
  readonly kinds: readonly EventKind[] | null;
  /** One of each list stands in the line, in any case. The first list is searched for: the rarest. */
  readonly words: readonly (readonly string[])[];
}

export function clue(kinds: Clue["kinds"] | EventKind, ...words: Clue["words"]): Clue {
  return { kinds: typeof kinds === "string" ? [kinds] : kinds, words: words.map(shortest) };
}

/** The words that find all the others: `fail` stands in `failed`. */
function shortest(words: readonly string[]): readonly string[] {
  const all = [...new Set(words)];
  return all.filter((word) => !all.some((other) => other !== word && word.includes(other)));
}

/** Two words of a name or a sentence with what may stand between them. */
export function together(first: string, second: string): readonly string[] {
  return ["", " ", "-", "_", ".", ":", "/"].map((between) => `${first}${between}${second}`);
}

/** Of these, what bears on events of `kinds`; all of them for null. */
export function cluesTo(kinds: ReadonlySet<EventKind> | null, clues: readonly Clue[]): readonly Clue[] {
  const wanted = clues.filter((each) => kinds === null || each.kinds === null || each.kinds.some((kind) => kinds.has(kind)));
  return [...new Map(wanted.map((each) => [JSON.stringify(each.words), each])).values()];
}
