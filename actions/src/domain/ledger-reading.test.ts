import { expect, test } from "vitest";
import { chain, EMPTY_HEAD, formatSegment, segmentPath } from "./ledger.ts";
import { segmentFiles, splitRollups } from "./ledger-reading.ts";

const entries = chain(
  EMPTY_HEAD,
  [1, 2, 3, 4].map((step) => ({
    id: `r:${step}`,
    at: "2026-11-20T11:00:00.000Z",
    kind: "snapshot.requested" as const,
    actor: "alice",
    run: "1/1",
    reason: "Because of a test",
    data: {},
  })),
);
const groups = [entries.slice(0, 2), entries.slice(2, 3), entries.slice(3)];
const files = groups.flatMap(([first], index) => (first === undefined ? [] : [{ path: segmentPath(first), sha: `blob-${index}` }]));

test("a roll-up stands for every segment whose end it can tell; the last one is read itself", () => {
  const { covered, missing } = splitRollups(files, [formatSegment(entries)]);
  expect(covered).toEqual(groups.slice(0, 2).map((group, index) => ({ path: files[index]?.path, text: formatSegment(group) })));
  expect(missing.map((file) => file.sha)).toEqual(["blob-2"]);
});

test("a roll-up with a hole covers nothing around the hole", () => {
  const holed = formatSegment(entries.filter((entry) => entry.seq !== 2));
  expect(splitRollups(files, [holed]).missing.map((file) => file.sha)).toEqual(["blob-0", "blob-2"]);
});

test("a broken roll-up is ignored", () => {
  expect(splitRollups(files, ["{not json\n"]).covered).toEqual([]);
});

test("files that are not segments are left aside", () => {
  expect(segmentFiles([...files, { path: "README.md", sha: "x" }]).map((file) => file.sha)).toEqual(["blob-0", "blob-1", "blob-2"]);
});
