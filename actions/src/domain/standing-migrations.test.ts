import { expect, test } from "vitest";
import type { EntryKind } from "./ledger.ts";
import { chain, type Draft, EMPTY_HEAD, type Entry, type EntryData } from "./ledger.ts";
import { schemaBefore, standingMigrations, takenBackWith } from "./standing-migrations.ts";

const hex = (digit: string) => digit.repeat(64);
let count = 0;
const draft = (kind: EntryKind, data: EntryData): Draft => {
  count += 1;
  return { id: `entry-${count}`, at: "2026-11-25T10:00:00.000Z", kind, actor: "alice", run: "1/1", reason: "a reason that is long", data };
};
const applied = (requestId: string, version: string, undo?: string) =>
  draft("migration.applied", { requestId, cluster: "app", version, file: `${version}_a.sql`, ...(undo === undefined ? {} : { undo }) });
const planned = (requestId: string, versions: readonly string[], schema: string) =>
  draft("plan.completed", {
    requestId,
    cluster: "app",
    digest: hex("0"),
    schema,
    commit: "c",
    authors: [],
    verdict: "safe",
    migrations: versions.map((version) => ({
      version,
      name: "a",
      file: `${version}_a.sql`,
      digest: hex("0"),
      mode: "transaction",
      wayBack: version !== "2",
      statements: [],
      more: 0,
    })),
  });
const rehearsed = (migration: string, versions: readonly string[]) =>
  draft("rehearsal.checked", {
    migration,
    digest: hex("0"),
    ran: versions.map((version) => ({
      version,
      rows: [],
      changes: [],
      locks: [],
      counts: { before: {}, after: {} },
      checks: [],
      schema: hex(version),
      durationMs: 1,
    })),
  });
const ledger = (...drafts: readonly Draft[]): readonly Entry[] => chain(EMPTY_HEAD, drafts);

const entries = ledger(
  planned("one", ["1", "2"], hex("f")),
  rehearsed("one", ["1", "2"]),
  applied("one", "1"),
  applied("one", "2"),
  planned("two", ["3"], hex("2")),
  applied("two", "3"),
);

test("what was applied stands in its order, says whether there is a way back, and stands no more once it was taken back", () => {
  expect(standingMigrations(entries, "app").map(({ version, wayBack }) => [version, wayBack])).toEqual([
    ["1", true],
    ["2", false],
    ["3", true],
  ]);
  expect(standingMigrations(entries, "other")).toEqual([]);
  const back = ledger(...entries.map(({ v: _v, seq: _seq, prev: _prev, hash: _hash, ...each }) => each), applied("three", "3", "3"));
  expect(standingMigrations(back, "app").map(({ version }) => version)).toEqual(["1", "2"]);
  const anew = ledger(...back.map(({ v: _v, seq: _seq, prev: _prev, hash: _hash, ...each }) => each), applied("four", "3"));
  expect(standingMigrations(anew, "app").map(({ version, requestId }) => [version, requestId])).toEqual([
    ["1", "one"],
    ["2", "one"],
    ["3", "four"],
  ]);
});

test("taking back a request takes along what was applied after it", () => {
  const standing = standingMigrations(entries, "app");
  expect(takenBackWith(standing, "two")).toMatchObject({ from: "3", gone: [{ version: "3" }] });
  expect(takenBackWith(standing, "one")).toMatchObject({ from: "1", gone: [{ version: "1" }, { version: "2" }, { version: "3" }] });
  expect(takenBackWith(standing, "never")).toBeNull();
});

test("the schema before a migration is the one its plan stood on, or what the migration before it left", () => {
  expect(["1", "2", "3", "9"].map((version) => schemaBefore(entries, "app", version))).toEqual([hex("f"), hex("1"), null, null]);
});
