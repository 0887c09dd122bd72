/** How a reader gets the whole ledger with few requests: roll-ups where they cover a segment, the segments themselves for the rest. */
import * as z from "zod/mini";
import { type Segment, segmentStart } from "./ledger.ts";

export interface SegmentFile {
  readonly path: string;
  /** The blob's id in git: immutable, so a blob is never fetched twice. */
  readonly sha: string;
}

const numbered = z.object({ seq: z.int() });

/** The segments among a branch's files, in the order of their entries. */
export function segmentFiles(files: readonly SegmentFile[]): readonly SegmentFile[] {
  return files.filter((file) => segmentStart(file.path) !== null).toSorted((a, b) => startOf(a) - startOf(b));
}

/**
 * Cuts roll-ups back into the segments they were made of. A segment is covered when every number from its own up to the next segment's is
 * there. Where the last segment ends no roll-up can tell, so that one is always read itself.
 */
export function splitRollups(
  files: readonly SegmentFile[],
  rollups: readonly string[],
): { readonly covered: readonly Segment[]; readonly missing: readonly SegmentFile[] } {
  const lines = new Map(rollups.flatMap((text) => text.split("\n").flatMap(numberedLine)));
  const covered: Segment[] = [];
  const missing: SegmentFile[] = [];
  const ordered = segmentFiles(files);
  for (const [index, file] of ordered.entries()) {
    const next = ordered[index + 1];
    const text = next === undefined ? null : linesBetween(lines, startOf(file), startOf(next));
    if (text === null) missing.push(file);
    else covered.push({ path: file.path, text });
  }
  return { covered, missing };
}

function startOf(file: SegmentFile): number {
  return segmentStart(file.path) ?? 0;
}

function numberedLine(line: string): (readonly [number, string])[] {
  if (line === "") return [];
  try {
    const parsed = z.safeParse(numbered, JSON.parse(line));
    return parsed.success ? [[parsed.data.seq, line]] : [];
  } catch {
    // A broken roll-up covers nothing; the segments decide.
    return [];
  }
}

function linesBetween(lines: ReadonlyMap<number, string>, from: number, to: number): string | null {
  const wanted = Array.from({ length: to - from }, (_, offset) => lines.get(from + offset));
  return wanted.length > 0 && wanted.every((line) => line !== undefined) ? wanted.map((line) => `${line}\n`).join("") : null;
}
