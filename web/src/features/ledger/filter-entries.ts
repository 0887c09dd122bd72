import type { Entry } from "@holdfast/actions/domain";

/** Newest first, those in which every word of the filter occurs: `#128` is a number, anything else is text of kind, actor, incident, reason, id, data. */
export function filterEntries(entries: readonly Entry[], filter: string): readonly Entry[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => words.every((word) => fits(entry, word))).toReversed();
}

function fits(entry: Entry, word: string): boolean {
  if (/^#\d+$/.test(word)) return entry.seq === Number(word.slice(1));
  return searchable(entry).includes(word);
}

// Thousands of entries are searched at every key stroke; what is searched in never changes.
const texts = new WeakMap<Entry, string>();

function searchable(entry: Entry): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const text = [entry.kind, entry.actor, entry.incident ?? "", entry.reason, entry.id, entry.at, JSON.stringify(entry.data)]
    .join("\n")
    .toLowerCase();
  texts.set(entry, text);
  return text;
}
