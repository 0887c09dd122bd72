import { formatSegment } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { nextRemembered, readLedger } from "./read-ledger.ts";
import { draft, ledgerOf, sourceOf } from "./sample-ledger.ts";

const groups = ledgerOf(
  [draft("snapshot.requested", "2026-11-18T10:00:00.000Z"), draft("snapshot.creating", "2026-11-18T10:00:02.000Z")],
  [draft("snapshot.completed", "2026-11-18T10:02:00.000Z")],
  [draft("promotion.completed", "2026-11-19T09:00:00.000Z", { id: "promotion" })],
);
const rollups = { "ledger/2026-11-18.jsonl": formatSegment(groups.slice(0, 2).flat()) };

test("a roll-up stands for its segments; the rest is read itself", async () => {
  const source = sourceOf(groups, rollups);
  const { verdict, segments } = await readLedger(source, "c0ffee");
  expect(verdict).toMatchObject({ ok: true, head: { seq: 4 } });
  expect(segments).toBe(3);
  expect(source.read).toHaveLength(2);
});

test("a roll-up that does not verify is put aside", async () => {
  const source = sourceOf(groups, { "ledger/2026-11-18.jsonl": rollups["ledger/2026-11-18.jsonl"].replace("alice", "mallory") });
  expect((await readLedger(source, "c0ffee")).verdict).toMatchObject({ ok: true, head: { seq: 4 } });
  expect(source.read).toHaveLength(5);
});

test("other files on the status branch are not roll-ups", async () => {
  const source = sourceOf(groups, { "inventory.json": "{}", "ledger/2026-11-18.jsonl.bak": "nonsense" });
  await readLedger(source, "c0ffee");
  expect(source.read).toHaveLength(3);
});

test("a changed segment is named with its line", async () => {
  const changed = groups.map((group, index) => (index === 1 ? group.map((entry) => ({ ...entry, actor: "mallory" })) : group));
  const { verdict } = await readLedger(sourceOf(changed, {}), "c0ffee");
  expect(verdict).toMatchObject({ ok: false, broken: { path: "2026/11/18/000000000003.jsonl", line: 1 }, head: { seq: 2 } });
});

test("a tail that was cut off shows against the head seen before", async () => {
  const { verdict: before } = await readLedger(sourceOf(groups, {}), "c0ffee");
  const { verdict } = await readLedger(sourceOf(groups.slice(0, 2), {}), "decade", before.head);
  expect(verdict.ok === false && verdict.broken.problem).toContain("its tail was cut off");
  expect(nextRemembered(verdict, before.head)).toEqual(before.head);
});

test("a ledger that is gone altogether shows too", async () => {
  const { verdict } = await readLedger(sourceOf([], {}), null, { seq: 4, hash: "a".repeat(64) });
  expect(verdict.ok).toBe(false);
});

test("no ledger yet is empty, sound, and nothing to remember", async () => {
  const { verdict } = await readLedger(sourceOf([], {}), null);
  expect(verdict).toMatchObject({ ok: true, entries: [] });
  expect(nextRemembered(verdict, undefined)).toBeUndefined();
});
