import { expect, test } from "vitest";
import { draft, ledgerOf } from "../../lib/sample-ledger.ts";
import { filterEntries } from "./filter-entries.ts";

const entries = ledgerOf([
  draft("restore.requested", "2026-11-18T10:00:00.000Z", { data: { target: "app-prod-copy" } }),
  draft("snapshot.completed", "2026-11-19T10:00:00.000Z"),
]).flat();

test.each([
  ["", [2, 1]],
  ["  snapshot ", [2]],
  ["RESTORE copy", [1]],
  ["restore nobody", []],
  ["#1", [1]],
  ["2026-11-19", [2]],
])("%j finds %j", (filter, seqs) => {
  expect(filterEntries(entries, filter).map((entry) => entry.seq)).toEqual(seqs);
});
