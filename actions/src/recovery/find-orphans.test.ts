import { describe, expect, test } from "vitest";
import { chain, EMPTY_HEAD, type Entry, type EntryKind, entryId, TAGS } from "../domain/index.ts";
import { findOrphans, type Holdings, type Known } from "./find-orphans.ts";

const REQUEST = "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871";
const NOW = new Date("2026-11-20T12:00:00Z");
const at = (time: string) => new Date(`2026-11-20T${time}Z`);

type Cluster = Holdings["clusters"][number];
type Snapshot = Holdings["snapshots"][number];

const LIVE: Cluster = {
  id: "app-prod",
  status: "available",
  createdAt: at("00:00:00"),
  instances: ["app-prod-1"],
  deletionProtection: true,
  tags: {},
};

function restored(changes: Partial<Cluster> = {}): Cluster {
  const tags = { [TAGS.managed]: "true", [TAGS.requestId]: REQUEST, [TAGS.sourceCluster]: "app-prod" };
  return { ...LIVE, id: "app-new", createdAt: at("10:00:00"), instances: ["app-new-1"], deletionProtection: false, tags, ...changes };
}

function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  const tags = { [TAGS.managed]: "true", [TAGS.requestId]: REQUEST, [TAGS.trigger]: "manual" };
  return { id: "holdfast-1", cluster: "app-prod", status: "available", createdAt: at("10:00:00"), tags, ...changes };
}

const NEWER = snapshot({ id: "automatic", createdAt: at("11:00:00"), tags: {} });

function entries(kinds: readonly EntryKind[], run = "7/1"): readonly Entry[] {
  const drafts = kinds.map((kind) => ({
    id: entryId(REQUEST, kind.split(".")[1] ?? ""),
    at: "2026-11-20T10:00:00.000Z",
    kind,
    actor: "alice",
    run,
    reason: "",
    data: {},
  }));
  return chain(EMPTY_HEAD, drafts);
}

function find(holdings: Partial<Holdings>, known: Partial<Known> = {}) {
  return findOrphans(
    { clusters: [LIVE], snapshots: [], ...holdings },
    { protectedClusters: ["app-prod"], entries: entries(["restore.requested"]), running: new Set(), now: NOW, ...known },
  );
}

describe("a cluster is left over when", () => {
  test.each<[string, Partial<Cluster>, readonly EntryKind[], string]>([
    ["its request ended badly", {}, ["restore.requested", "restore.failed"], "request-unfinished"],
    ["its request just stopped", {}, ["restore.requested"], "request-unfinished"],
    ["the ledger knows nothing of its request", {}, [], "request-unfinished"],
    ["AWS ended it as failed", { status: "migration-failed", instances: [] }, ["restore.requested"], "failed"],
    ["the drill that made it is over", {}, ["drill.requested", "drill.completed"], "drill-over"],
    ["the drill that made it failed", {}, ["drill.requested", "drill.failed"], "request-unfinished"],
    ["the rewind that made it is over", {}, ["rewind.requested", "rewind.completed"], "rewind-over"],
    ["the rewind that made it broke off", {}, ["rewind.requested", "rewind.failed"], "rewind-over"],
    ["it lost its instances", { instances: [] }, ["restore.requested", "restore.completed"], "no-instances"],
  ])("%s", (_what, changes, kinds, reason) => {
    const [orphan, ...more] = find({ clusters: [LIVE, restored(changes)] }, { entries: entries(kinds) });
    expect(orphan).toMatchObject({ resource: "cluster", id: "app-new", sourceCluster: "app-prod", requestId: REQUEST, reason, keep: null });
    expect(more).toEqual([]);
  });
});

describe("a cluster is not left over when", () => {
  test.each<[string, Partial<Cluster>, Partial<Known>]>([
    ["its request completed", {}, { entries: entries(["restore.requested", "restore.completed"]) }],
    ["a run still works on it", { instances: [], status: "creating" }, { running: new Set([REQUEST]) }],
    ["a worker started by hand may still work on it", {}, { entries: entries(["restore.requested"], "local") }],
    ["it is being deleted already", { status: "deleting" }, {}],
    ["Holdfast did not make it", { tags: { [TAGS.requestId]: REQUEST, [TAGS.sourceCluster]: "app-prod" } }, {}],
    ["it is under protection, whatever its tags say", {}, { protectedClusters: ["app-prod", "app-new"] }],
  ])("%s", (_what, changes, known) => {
    expect(find({ clusters: [LIVE, restored(changes)] }, known)).toEqual([]);
  });
});

test("a worker started by hand that said nothing for six hours works no more, and one that ended never did", () => {
  const clusters = [LIVE, restored()];
  const silent = { entries: entries(["restore.requested"], "local"), now: at("16:00:00") };
  expect(find({ clusters }, silent)).toHaveLength(1);
  expect(find({ clusters }, { ...silent, now: at("15:59:59") })).toHaveLength(0);
  expect(find({ clusters }, { entries: entries(["restore.requested", "restore.failed"], "local") })).toHaveLength(1);
});

test.each<[string, Partial<Cluster>, readonly Cluster[], RegExp]>([
  ["its source is gone", {}, [], /only copy/],
  ["somebody protects it", { deletionProtection: true }, [LIVE], /deletion protection/],
  ["it failed after people could write to it", { status: "incompatible-parameters" }, [LIVE], /no last snapshot/],
  ["AWS still works on it", { status: "creating", instances: [] }, [LIVE], /It is creating/],
])("a cluster left over is kept while %s", (_what, changes, others, keep) => {
  expect(find({ clusters: [...others, restored(changes)] })[0]?.keep).toMatch(keep);
});

describe("a snapshot", () => {
  test("of a request that never completed is left over, and may go once a newer one can be restored", () => {
    const [orphan] = find({ snapshots: [snapshot(), NEWER] }, { entries: entries(["snapshot.requested"]) });
    expect(orphan).toMatchObject({ resource: "snapshot", id: "holdfast-1", reason: "request-unfinished", keep: null });
  });

  test.each<[string, readonly Snapshot[]]>([
    ["the only one", []],
    ["the newest", [{ ...NEWER, createdAt: at("09:00:00") }]],
    ["the newest that can be restored", [{ ...NEWER, status: "failed" }]],
    ["the newest of its cluster", [{ ...NEWER, cluster: "other" }]],
    ["as old as the other", [{ ...NEWER, createdAt: at("10:00:00") }]],
  ])("is kept while it is %s", (_what, others) => {
    expect(find({ snapshots: [snapshot(), ...others] })[0]?.keep).toMatch(/newest snapshot of app-prod/);
  });

  test("of a cluster that is gone is kept: it may be the only copy", () => {
    expect(find({ clusters: [], snapshots: [snapshot(), NEWER] })[0]?.keep).toMatch(/only copy/);
  });

  test("that failed holds nothing and may go, even as the only one", () => {
    const [orphan] = find({ snapshots: [snapshot({ status: "failed" })] }, { entries: entries(["snapshot.requested", "snapshot.failed"]) });
    expect(orphan).toMatchObject({ reason: "failed", keep: null });
  });

  test("that is complete, automatic, or the last one of a deleted cluster is not left over", () => {
    const completed = { entries: entries(["snapshot.requested", "snapshot.completed"]) };
    expect(find({ snapshots: [snapshot(), NEWER] }, completed)).toEqual([]);
    const last = snapshot({ tags: restored().tags });
    expect(find({ snapshots: [last, NEWER] })).toEqual([]);
  });
});

test("the longest left over comes first", () => {
  const clusters = [LIVE, restored({ createdAt: at("11:00:00") })];
  expect(find({ clusters, snapshots: [snapshot(), NEWER] }).map((each) => each.id)).toEqual(["holdfast-1", "app-new"]);
});
