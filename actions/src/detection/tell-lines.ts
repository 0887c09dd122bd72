/** For tests: what a reader tells of a few lines. */
import type { Event } from "./event.ts";
import { openReader, type ReaderOptions } from "./reader.ts";

export const READER_DEFAULTS: ReaderOptions = {
  source: "web",
  format: "auto",
  timezone: null,
  reference: Date.UTC(2027, 0, 1),
  admin: { actors: [], paths: [] },
  overridesFrom: [],
};

export function tellLines(text: string, more: Partial<ReaderOptions> = {}, stamp: number | null = null): readonly Event[] {
  const reader = openReader({ ...READER_DEFAULTS, ...more });
  return [
    ...text.split("\n").flatMap((line, index) => reader.read({ text: line, source: "web", number: index + 1, stamp })),
    ...reader.flush(),
  ];
}
