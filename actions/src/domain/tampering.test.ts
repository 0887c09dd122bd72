/** A ledger changed in any of 200 random ways, its tail cut off included, is found, and the place is named. */
import { expect, test } from "vitest";
import {
  chain,
  type Draft,
  EMPTY_HEAD,
  type Entry,
  formatSegment,
  headOf,
  type Segment,
  segmentPath,
  segmentStart,
  type Verdict,
  verify,
} from "./ledger.ts";

const CHANGES = 200;
const SEED = 20_261_120;

/** A repeatable source of numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(SEED);
const below = (count: number) => Math.floor(random() * count);
function pick<T>(list: readonly T[]): T {
  const found = list[below(list.length)];
  if (found === undefined) throw new RangeError("nothing to pick from");
  return found;
}

function draft(step: number): Draft {
  return {
    id: `request-${step}:completed`,
    at: new Date(Date.UTC(2026, 10, 18 + Math.floor(step / 20), 11, step % 60)).toISOString(),
    kind: "snapshot.completed",
    actor: pick(["alice", "bob"]),
    run: `${step}/1`,
    reason: "Because of a test",
    data: { cluster: "app-prod", step },
  };
}

function segmentsOf(entries: readonly Entry[]): readonly Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at < entries.length; ) {
    const group = entries.slice(at, at + 1 + below(3));
    const [first] = group;
    if (first !== undefined) segments.push({ path: segmentPath(first), text: formatSegment(group) });
    at += group.length;
  }
  return segments;
}

interface Change {
  readonly what: string;
  readonly segments: readonly Segment[];
}

/** One way to change a ledger; the segment it begins in is where the break must be found, or the one that now follows. */
type Tamper = (segments: readonly Segment[], index: number) => readonly Segment[];

const linesOf = (segment: Segment) => segment.text.slice(0, -1).split("\n");
const withText = (segments: readonly Segment[], index: number, change: (text: string) => string) =>
  segments.map((segment, at) => (at === index ? { ...segment, text: change(segment.text) } : segment));
const withLines = (segments: readonly Segment[], index: number, change: (lines: string[]) => string[]) =>
  withText(segments, index, (text) =>
    change(text.slice(0, -1).split("\n"))
      .map((line) => `${line}\n`)
      .join(""),
  );

const TAMPERS: Readonly<Record<string, Tamper>> = {
  "another character in its text": (segments, index) =>
    withText(segments, index, (text) => {
      const at = below(text.length - 1);
      const other = pick([...'0123456789abcdefXYZ{}", \n\u0000é'].filter((char) => char !== text[at]));
      return text.slice(0, at) + other + text.slice(at + 1);
    }),
  "a character gone": (segments, index) =>
    withText(segments, index, (text) => {
      const at = below(text.length);
      return text.slice(0, at) + text.slice(at + 1);
    }),
  "a character more": (segments, index) =>
    withText(segments, index, (text) => {
      const at = below(text.length - 1);
      return `${text.slice(0, at)}${pick(["0", "x", "}", '"', "\n"])}${text.slice(at)}`;
    }),
  "a space more": (segments, index) => withText(segments, index, (text) => text.replace(pick([/,/, /:/, /^/, /$/m]), "$& ")),
  "a key given twice, the first time with a lie": (segments, index) =>
    withText(segments, index, (text) => text.replace('"actor"', '"actor":"mallory","actor"')),
  "its last bytes cut": (segments, index) => withText(segments, index, (text) => text.slice(0, below(text.length))),
  "a line gone": (segments, index) => withLines(segments, index, (lines) => lines.toSpliced(below(lines.length), 1)),
  "a line twice": (segments, index) =>
    withLines(segments, index, (lines) => {
      const at = below(lines.length);
      return lines.toSpliced(at, 0, lines[at] ?? "");
    }),
  "its file gone": (segments, index) => segments.toSpliced(index, 1),
  "its file under another name": (segments, index) =>
    segments.map((segment, at) =>
      at === index
        ? { ...segment, path: segment.path.replace(/\d{12}/, (digits) => String(Number(digits) + 1 + below(50)).padStart(12, "0")) }
        : segment,
    ),
  "its file on another day": (segments, index) =>
    segments.map((segment, at) => (at === index ? { ...segment, path: segment.path.replace(/^2026/, "2025") } : segment)),
  "a field changed and the entry hashed anew": (segments, index) => rewritten(segments, index, 1),
  "a field changed and everything after it hashed anew": (segments, index) => rewritten(segments, index, Number.POSITIVE_INFINITY),
  "the tail cut off": (segments, index) => segments.slice(0, index),
  "the tail cut off inside a file": (segments, index) => {
    const [segment] = segments.slice(index);
    const lines = segment === undefined ? [] : linesOf(segment);
    const kept = segments.slice(0, index + 1);
    return lines.length === 1 ? segments.slice(0, index) : withLines(kept, index, (all) => all.slice(0, 1 + below(all.length - 1)));
  },
};

/** Somebody who knows the format: changes one entry and makes its hash, and those of `more` entries behind it, fit. */
function rewritten(segments: readonly Segment[], index: number, more: number): readonly Segment[] {
  let previous: Entry | undefined;
  let changed = 0;
  return segments.map((segment, at) => {
    const lines = linesOf(segment).map((line) => {
      const entry: Entry = JSON.parse(line);
      const { v: _v, seq: _seq, prev: _prev, hash: _hash, ...asDraft } = entry;
      const touch = (at === index && changed === 0) || (changed > 0 && changed < more);
      const [again = entry] = touch
        ? chain(previous === undefined ? EMPTY_HEAD : { seq: previous.seq, hash: previous.hash }, [
            changed === 0 ? { ...asDraft, actor: "mallory" } : asDraft,
          ])
        : [entry];
      if (touch) changed += 1;
      previous = again;
      return again;
    });
    return { ...segment, text: formatSegment(lines) };
  });
}

const entries = chain(
  EMPTY_HEAD,
  Array.from({ length: 60 }, (_, at) => draft(at + 1)),
);
const segments = segmentsOf(entries);

test("the ledger that is changed below verifies while nobody changed it", () => {
  expect(verify(segments, headOf(entries))).toMatchObject({ ok: true, head: headOf(entries) });
});

test(`each of ${CHANGES} random changes is found and its place named (seed ${SEED})`, () => {
  const missed: string[] = [];
  const met = new Set<string>();
  for (let round = 0; round < CHANGES; round += 1) {
    const [what, tamper] = pick(Object.entries(TAMPERS));
    const index = below(segments.length);
    const change: Change = { what: `${what}, segment ${segments[index]?.path}`, segments: tamper(segments, index) };
    met.add(what);
    const verdict = verify(change.segments, headOf(entries));
    if (verdict.ok) {
      missed.push(`${change.what}: not found`);
      continue;
    }
    const wrong = misplaced(change.segments, verdict);
    if (wrong !== null) missed.push(`${change.what}: found as ${JSON.stringify(verdict.broken)}, but ${wrong}`);
  }
  expect(missed).toEqual([]);
  expect([...met].sort()).toEqual(Object.keys(TAMPERS).sort());
});

/**
 * What is wrong with the place that was named, or null. It lies in the file of the first difference, at the different line or at the one behind
 * it, which is the first to contradict an entry that was hashed anew.
 */
function misplaced(changed: readonly Segment[], { broken, entries: sound }: Extract<Verdict, { ok: false }>): string | null {
  if (/history was replaced/.test(broken.problem)) {
    // A chain that is whole again contradicts nothing but the head that was remembered, so that is the place.
    return sound.length === entries.length && broken.path === segments.at(-1)?.path ? null : "the remembered entry is elsewhere";
  }
  if (!changed.some((segment) => segment.path === broken.path) && changed.length > 0) return "there is no such file";
  const was = placed(segments);
  const is = placed(changed);
  const first = was.findIndex((line, at) => line !== is[at]);
  const difference = first === -1 ? was.length : first;
  const fileStart = segments.map((segment) => Number(segment.path.slice(11, 23)) - 1).findLast((start) => start <= difference) ?? 0;
  if (sound.length < fileStart) return `only ${sound.length} entries are called sound; the first difference is behind ${difference}`;
  return sound.length <= difference + 1 ? null : `${sound.length} entries are called sound; the first difference is behind ${difference}`;
}

function placed(list: readonly Segment[]): readonly string[] {
  return list
    .toSorted((a, b) => (segmentStart(a.path) ?? 0) - (segmentStart(b.path) ?? 0))
    .flatMap((segment) => segment.text.split("\n").flatMap((line) => (line === "" ? [] : [`${segment.path} ${line}`])));
}
