import { expect, test } from "vitest";
import { chain, type Draft, EMPTY_HEAD, type Entry, formatSegment, headOf, type Segment, segmentPath, verify } from "./ledger.ts";

function draft(step: number): Draft {
  return {
    id: `request-${step}:completed`,
    at: `2026-11-20T11:${String(step).padStart(2, "0")}:00.000Z`,
    kind: "snapshot.completed",
    actor: "alice",
    run: "1/1",
    reason: "Because of a test",
    data: { cluster: "app-prod", step },
  };
}

function segmentsOf(...groups: readonly (readonly Entry[])[]): Segment[] {
  return groups.flatMap((entries) => {
    const [first] = entries;
    return first === undefined ? [] : [{ path: segmentPath(first), text: formatSegment(entries) }];
  });
}

const entries = chain(EMPTY_HEAD, [1, 2, 3, 4, 5].map(draft));
const segments = segmentsOf(entries.slice(0, 2), entries.slice(2, 3), entries.slice(3));

test("the hash is SHA-256 of the RFC 8785 form without the hash", () => {
  // Computed by an independent implementation: Python's json.dumps(sort_keys=True, separators=(",", ":")) and hashlib.
  expect(chain(EMPTY_HEAD, [draft(1)])[0]?.hash).toBe("04f9553b80dfd2db2db918ccafc8e7ec8bff81855d6973586a6a50fc0d75deeb");
});

test("an untouched ledger verifies, in whatever order its files are listed", () => {
  expect(verify([...segments].reverse())).toEqual({ ok: true, entries, head: headOf(entries) });
  expect(verify([])).toMatchObject({ ok: true, head: EMPTY_HEAD });
});

test("entries continue where the last append stopped", () => {
  const more = chain(headOf(entries), [draft(6)]);
  expect(verify([...segments, ...segmentsOf(more)]).ok).toBe(true);
});

const replaceIn = (index: number, from: string | RegExp, to: string): Segment[] =>
  segments.map((segment, at) => (at === index ? { ...segment, text: segment.text.replace(from, to) } : segment));

test.each<[string, Segment[], number, RegExp]>([
  ["a changed actor", replaceIn(0, "alice", "mallory"), 1, /content was changed/],
  ["changed data", replaceIn(2, '"step":5', '"step":6'), 2, /content was changed/],
  ["a removed line", replaceIn(0, /^.*\n/, ""), 1, /seq is 2, expected 1/],
  ["swapped lines", replaceIn(2, /^(.*\n)(.*\n)$/, "$2$1"), 1, /seq is 5, expected 4/],
  ["a missing segment", segments.toSpliced(1, 1), 0, /a segment is missing/],
  ["a cut line", replaceIn(2, /.{10}\n$/, ""), 0, /cut off/],
  ["a line that is not JSON", replaceIn(1, /^\{/, "["), 1, /not JSON/],
  ["an unknown kind", replaceIn(1, "snapshot.completed", "snapshot.invented"), 1, /kind/],
  ["an extra field", replaceIn(1, '"v":1', '"v":1,"x":1'), 1, /x/],
  ["a foreign file name", segments.map((each, at) => (at === 1 ? { ...each, path: "notes.jsonl" } : each)), 0, /not a segment/],
])("%s is found and its place named", (_what, changed, line, problem) => {
  const verdict = verify(changed);
  expect(verdict.ok).toBe(false);
  if (!verdict.ok) {
    expect(verdict.broken.line).toBe(line);
    expect(verdict.broken.problem).toMatch(problem);
  }
});

test("an id used twice is found", () => {
  const twice = chain(EMPTY_HEAD, [draft(1), draft(1)]);
  expect(verify(segmentsOf(twice))).toMatchObject({
    ok: false,
    broken: { line: 2, problem: expect.stringContaining("already used by entry 1") },
  });
});

test("a tail that was cut off is found only with the head that was remembered", () => {
  const shortened = segments.slice(0, 2);
  expect(verify(shortened).ok).toBe(true);
  expect(verify(shortened, headOf(entries))).toMatchObject({ ok: false, broken: { problem: expect.stringContaining("tail was cut off") } });
});

test("a history that was rewritten from the start is found with the head that was remembered", () => {
  const rewritten = chain(
    EMPTY_HEAD,
    [1, 2, 3, 4, 5, 6].map((step) => ({ ...draft(step), actor: "mallory" })),
  );
  expect(verify(segmentsOf(rewritten), headOf(entries))).toMatchObject({
    ok: false,
    broken: { problem: expect.stringContaining("history was replaced") },
  });
});
