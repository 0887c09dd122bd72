import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import type { Inventory, SnapshotView } from "./inventory.ts";
import { chain, EMPTY_HEAD, type EntryKind, headOf, type Verdict } from "./ledger.ts";
import { systemState } from "./state.ts";
import type { Reading, StateInputs } from "./state-reasons.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const config = parseConfig({ clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }], schedule: { snapshot: "off" } });
const [cluster] = config.clusters;

function snapshot(takenAt: string, status = "available"): SnapshotView {
  return {
    id: `s-${takenAt}`,
    cluster: "app-prod",
    status,
    takenAt,
    trigger: "manual",
    appVersion: "1",
    requestId: null,
    managed: true,
    automated: false,
    held: false,
    letGo: false,
  };
}

function inventory(...snapshots: SnapshotView[]): Reading<Inventory> {
  const view = { id: "app-prod", status: "available", earliestRestorableTime: null, latestRestorableTime: null, snapshots, restored: [] };
  return { ok: true, at: NOW, value: { v: 1, at: "2026-11-20T11:59:00.000Z", clusters: [view], orphans: [], quota: null } };
}

function ledger(...kinds: EntryKind[]): Reading<Verdict> {
  const entries = chain(
    EMPTY_HEAD,
    kinds.map((kind, index) => ({
      id: `r:${index}`,
      at: "2026-11-20T11:00:00.000Z",
      kind,
      actor: "alice",
      run: "1/1",
      reason: "A test",
      data: { cluster: "app-prod" },
    })),
  );
  return { ok: true, at: NOW, value: { ok: true, entries, head: headOf(entries) } };
}

function stateOf(changes: Partial<StateInputs>) {
  if (cluster === undefined) throw new Error("the configuration has a cluster");
  return systemState({
    cluster,
    config,
    now: NOW,
    inventory: inventory(snapshot("2026-11-20T11:00:00.000Z")),
    ledger: ledger(),
    collectors: { ok: true, at: NOW, value: [] },
    ...changes,
  });
}

test("a fresh snapshot and a sound ledger are normal", () => {
  expect(stateOf({})).toEqual({ word: "normal", reasons: [] });
});

test.each<[string, Partial<StateInputs>, string, string]>([
  ["no inventory yet", { inventory: { ok: true, at: NOW, value: null } }, "blocked", "no-recovery-point"],
  ["no snapshot", { inventory: inventory() }, "blocked", "no-recovery-point"],
  [
    "only a snapshot that is still being created",
    { inventory: inventory(snapshot("2026-11-20T11:00:00.000Z", "creating")) },
    "blocked",
    "no-recovery-point",
  ],
  ["a snapshot older than the objective", { inventory: inventory(snapshot("2026-11-19T11:59:59.000Z")) }, "degraded", "recovery-point-old"],
  ["an inventory that cannot be read", { inventory: { ok: false, problem: "403" } }, "degraded", "inventory-unread"],
  ["a ledger that cannot be read", { ledger: { ok: false, problem: "offline" } }, "degraded", "ledger-unread"],
  ["a failed restore", { ledger: ledger("restore.completed", "restore.failed") }, "degraded", "restore-failed"],
  ["a failed snapshot", { ledger: ledger("snapshot.failed") }, "degraded", "snapshot-failed"],
])("%s is never calm", (_what, changes, word, code) => {
  const state = stateOf(changes);
  expect(state.word).toBe(word);
  expect(state.reasons.map((reason) => reason.code)).toContain(code);
});

test("a snapshot exactly as old as the objective is still good", () => {
  expect(stateOf({ inventory: inventory(snapshot("2026-11-19T12:00:00.000Z")) }).word).toBe("normal");
});

test("a later success ends a failure", () => {
  expect(stateOf({ ledger: ledger("restore.failed", "restore.completed") }).word).toBe("normal");
});

test("the headline is the first state that applies and every reason is listed, its own first", () => {
  const state = stateOf({ inventory: inventory(), ledger: ledger("snapshot.failed") });
  expect(state.word).toBe("blocked");
  expect(state.reasons.map((reason) => reason.state)).toEqual(["blocked", "degraded"]);
});

test("a broken ledger names its place", () => {
  const broken: Verdict = {
    ok: false,
    entries: [],
    head: EMPTY_HEAD,
    broken: { path: "2026/11/20/000000000001.jsonl", line: 3, problem: "content was changed" },
  };
  expect(stateOf({ ledger: { ok: true, at: NOW, value: broken } }).reasons[0]?.sentence).toContain("000000000001.jsonl, line 3");
});

test("between the two renames of a cut-over its own reason stands, and not that AWS does not know the name", () => {
  const gone: Reading<Inventory> = {
    ok: true,
    at: NOW,
    value: {
      v: 1,
      at: "2026-11-20T11:59:00.000Z",
      clusters: [{ id: "app-prod", status: null, earliestRestorableTime: null, latestRestorableTime: null, snapshots: [], restored: [] }],
      orphans: [],
      quota: null,
    },
  };
  const draft = (kind: EntryKind) => ({
    id: `r:${kind}`,
    at: "2026-11-20T11:00:00.000Z",
    kind,
    actor: "alice",
    run: "1/1",
    reason: "A test",
    data: { requestId: "r", cluster: "app-prod", restored: "app-new" },
  });
  const kinds = ["cut-over.requested", "cut-over.carried", "cut-over.old-renamed", "cut-over.failed"] as const;
  const entries = chain(EMPTY_HEAD, kinds.map(draft));
  const state = stateOf({ inventory: gone, ledger: { ok: true, at: NOW, value: { ok: true, entries, head: headOf(entries) } } });
  expect([state.word, state.reasons.map(({ code }) => code)]).toEqual(["blocked", ["cut-over-stopped"]]);
});
