import type { Entry } from "@holdfast/actions/domain";

/** Newest first, those in which every word of the filter occurs: `#128` is a number, anything else is text of kind, actor, reason, id, data. */
export function filterEntries(entries: readonly Entry[], filter: string): readonly Entry[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => words.every((word) => fits(entry, word))).toReversed();
}

function fits(entry: Entry, word: string): boolean {
  if (/^#\d+$/.test(word)) return entry.seq === Number(word.slice(1));
  return [entry.kind, entry.actor, entry.reason, entry.id, entry.at, JSON.stringify(entry.data)].some((text) =>
    text.toLowerCase().includes(word),
  );
}
