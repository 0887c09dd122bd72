import { expect, test } from "vitest";
import { cutOverReason } from "./cut-over-state.ts";
import type { ClusterView, Inventory, RestoredView } from "./inventory.ts";
import { chain, type Draft, EMPTY_HEAD, type EntryKind } from "./ledger.ts";
import type { Reading } from "./state-reasons.ts";

const REQUEST = "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871";
const NOW = new Date("2026-11-20T12:00:00Z");
const minute = (value: number) => `2026-11-20T11:${String(value).padStart(2, "0")}:00.000Z`;
const SWAPPING: readonly EntryKind[] = ["cut-over.requested", "cut-over.carried", "cut-over.old-renamed"];

/** One entry a minute, from 11:00. */
function ledgerOf(kinds: readonly EntryKind[], requestId = REQUEST, from = 0): readonly Draft[] {
  return kinds.map((kind, index) => ({
    id: `${requestId}:${kind}`,
    at: minute(from + index),
    kind,
    actor: "alice",
    run: "1/1",
    reason: "The table is gone",
    data: { requestId, cluster: "app-prod", restored: "app-new" },
  }));
}

const restored = (id: string): RestoredView => ({
  id,
  status: "available",
  sourceCluster: "app-prod",
  requestId: "r",
  createdAt: null,
  instances: 1,
});

function inventory(at: string, view: Partial<ClusterView>): Reading<Inventory> {
  const cluster = { id: "app-prod", status: "available", earliestRestorableTime: null, latestRestorableTime: null, snapshots: [] };
  return { ok: true, at: NOW, value: { v: 1, at, clusters: [{ ...cluster, restored: [], ...view }], orphans: [], quota: null } };
}
const UNREAD: Reading<Inventory> = { ok: false, problem: "offline" };

const reasonOf = (drafts: readonly Draft[], read: Reading<Inventory> = UNREAD, cluster = "app-prod") =>
  cutOverReason(cluster, chain(EMPTY_HEAD, drafts), read, NOW);
const codeOf = (...args: Parameters<typeof reasonOf>) => {
  const reason = reasonOf(...args);
  return reason === null ? null : `${reason.state} ${reason.code}`;
};

test.each<[string, readonly EntryKind[], string | null]>([
  ["nothing asked for", [], null],
  ["a refused request, which never began", ["cut-over.refused"], null],
  ["settings being carried over", ["cut-over.requested"], "blocked cut-over-under-way"],
  ["the swap waiting for a person", ["cut-over.requested", "cut-over.carried"], "blocked cut-over-under-way"],
  ["between the renames", SWAPPING, "blocked cut-over-under-way"],
  ["renamed, not finished", [...SWAPPING, "cut-over.new-renamed"], "blocked cut-over-under-way"],
  ["completed", [...SWAPPING, "cut-over.new-renamed", "cut-over.completed"], null],
  ["failed before a name was changed", ["cut-over.requested", "cut-over.failed"], "degraded cut-over-failed"],
  ["failed between the renames", [...SWAPPING, "cut-over.failed"], "blocked cut-over-stopped"],
  ["failed before the last step", [...SWAPPING, "cut-over.new-renamed", "cut-over.failed"], "blocked cut-over-stopped"],
  ["failed between the renames, then completed", [...SWAPPING, "cut-over.failed", "cut-over.new-renamed", "cut-over.completed"], null],
  ["a swap that a reviewer rejected", ["cut-over.requested", "cut-over.carried", "request.rejected"], null],
  ["a swap that nobody let in", ["cut-over.requested", "cut-over.carried", "request.lapsed"], null],
  ["a run that ended without a word", ["cut-over.requested", "request.lost"], "degraded cut-over-failed"],
])("%s", (_what, kinds, expected) => {
  expect(codeOf(ledgerOf(kinds))).toBe(expected);
});

test("between the renames it says that nothing has the name, and how to finish or go back", () => {
  const stopped = reasonOf(ledgerOf([...SWAPPING, "cut-over.failed"]));
  expect(stopped?.sentence).toContain("nothing serves under the name app-prod");
  expect(stopped?.next).toContain("renaming app-prod-before-3f0e1c52 to app-prod");
});

test.each<[string, Reading<Inventory>, string | null]>([
  ["an inventory from before says nothing", inventory(minute(1), { restored: [restored("app-new")] }), "blocked cut-over-stopped"],
  ["nothing has the name", inventory(minute(9), { status: null, restored: [restored("app-new")] }), "blocked cut-over-stopped"],
  ["the old one has its name again", inventory(minute(9), { restored: [restored("app-new")] }), null],
  ["it has, and the restored one was removed", inventory(minute(9), {}), null],
  ["the restored one has the name, unrecorded", inventory(minute(9), { restored: [restored("app-prod")] }), "blocked cut-over-stopped"],
])("stopped between the renames, where the inventory shows that %s", (_what, read, expected) => {
  expect(codeOf(ledgerOf([...SWAPPING, "cut-over.failed"]), read)).toBe(expected);
});

test("the restored one with the name still carries our tags, and that is what is said", () => {
  const read = inventory(minute(9), { restored: [restored("app-prod")] });
  expect(reasonOf(ledgerOf([...SWAPPING, "cut-over.failed"]), read)?.sentence).toContain("before its last step");
});

test("a failure before any rename counts until the restored cluster is removed", () => {
  const failed = ledgerOf(["cut-over.requested", "cut-over.failed"]);
  expect(codeOf(failed, inventory(minute(9), { restored: [restored("app-new")] }))).toBe("degraded cut-over-failed");
  expect(codeOf(failed, inventory(minute(9), {}))).toBeNull();
});

test("the last cut-over of a cluster is what counts, and another cluster's never", () => {
  const other = "00000000-0000-4000-8000-000000000000";
  const completed = ledgerOf([...SWAPPING, "cut-over.new-renamed", "cut-over.completed"], other, 10);
  expect(codeOf([...ledgerOf(["cut-over.requested", "cut-over.failed"]), ...completed])).toBeNull();
  expect(codeOf(ledgerOf(SWAPPING), UNREAD, "other-prod")).toBeNull();
});
