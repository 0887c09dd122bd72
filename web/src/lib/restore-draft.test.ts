import type { ClusterView, SnapshotView } from "@holdfast/actions/domain";
import { describe, expect, test } from "vitest";
import { candidatesOf, checkRestore, type RestoreDraft, suggestTarget } from "./restore-draft.ts";

const NOW = new Date("2026-11-20T14:00:00Z");

function snapshot(id: string, takenAt: string, status = "available"): SnapshotView {
  return {
    id,
    cluster: "app-prod",
    status,
    takenAt,
    trigger: "manual",
    appVersion: "1.0",
    requestId: null,
    managed: true,
    automated: false,
    held: false,
    letGo: false,
  };
}

const VIEW: ClusterView = {
  id: "app-prod",
  status: "available",
  earliestRestorableTime: "2026-11-13T14:00:00Z",
  latestRestorableTime: "2026-11-20T13:55:00.400Z",
  snapshots: [
    snapshot("old", "2026-11-10T03:17:00Z"),
    snapshot("new", "2026-11-20T03:17:00Z"),
    snapshot("half", "2026-11-20T13:59:00Z", "creating"),
  ],
  restored: [{ id: "app-prod-copy", status: "available", sourceCluster: "app-prod", requestId: "x", createdAt: null, instances: 1 }],
};

const DRAFT: RestoreDraft = {
  cluster: "app-prod",
  point: { kind: "snapshot", snapshot: "new" },
  target: "app-prod-new",
  reason: "Prices are wrong since noon",
  typed: "app-prod",
  incident: "",
  sample: "",
  requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
};

const NOTHING = { snapshot: null, damage: null };
const damagedAt = (at: string, rejected: readonly Date[] = []) => ({
  ...NOTHING,
  damage: { first: new Date(at), last: new Date(at), skewMs: 0, rejected },
});

describe("candidates", () => {
  test("newest second first, usable snapshots newest first, each with what it loses", () => {
    const found = candidatesOf(VIEW, NOTHING, NOW);
    expect(found.map((each) => each.key)).toEqual(["time:latest", "snapshot:new", "snapshot:old"]);
    expect(found.map((each) => each.verdict.ok && each.verdict.choice.losesMs)).toEqual([300_000, 38_580_000, 902_580_000]);
  });

  test("the one asked for comes first", () => {
    expect(candidatesOf(VIEW, { ...NOTHING, snapshot: "old" }, NOW)[0]?.key).toBe("snapshot:old");
    expect(candidatesOf(VIEW, { ...NOTHING, snapshot: "gone" }, NOW)[0]?.key).toBe("time:latest");
  });

  test("for an alert the second before its first line comes first with what it gives up, and what lies after it says so", () => {
    const found = candidatesOf(VIEW, damagedAt("2026-11-20T13:30:41.900Z"), NOW);
    expect(found[0]).toMatchObject({
      key: "before",
      point: { kind: "time", time: new Date("2026-11-20T13:30:40Z") },
      losesBeforeMs: 1_900,
    });
    expect(found[1]).toMatchObject({ key: "time:latest", detail: expect.stringContaining("holds what the alert"), losesBeforeMs: null });
    expect(found.find((each) => each.key === "snapshot:new")?.losesBeforeMs).toBe(10 * 3_600_000 + 13 * 60_000 + 41_900);
  });

  test("an image that proved damaged puts the proposal back, and says so of what lies behind it", () => {
    const found = candidatesOf(VIEW, damagedAt("2026-11-20T13:30:41.900Z", [new Date("2026-11-20T13:30:40Z")]), NOW);
    expect(found[0]).toMatchObject({ point: { kind: "time", time: new Date("2026-11-20T13:30:30Z") } });
    expect(found[1]?.detail).toContain("sampled victims were damaged in it");
  });

  test("where it cannot be restored any more the newest snapshot before it is chosen, and without one nothing that could be sent", () => {
    const reach = { ...VIEW, earliestRestorableTime: "2026-11-20T13:00:00Z" };
    const found = candidatesOf(reach, damagedAt("2026-11-20T12:00:00Z"), NOW);
    expect(found.map(({ key, point }) => [key, point.kind])).toEqual([
      ["before", "snapshot"],
      ["time:latest", "time"],
      ["snapshot:old", "snapshot"],
    ]);
    expect(candidatesOf(VIEW, damagedAt("2020-01-01T00:00:00Z"), NOW)[0]).toMatchObject({ key: "before", verdict: { ok: false } });
  });

  test("without a continuous range there are only snapshots", () => {
    expect(candidatesOf({ ...VIEW, latestRestorableTime: null }, NOTHING, NOW)[0]?.key).toBe("snapshot:new");
  });
});

describe("a draft", () => {
  test("that is complete becomes the request", () => {
    expect(checkRestore(DRAFT, VIEW, NOW)).toMatchObject({
      ok: true,
      request: { cluster: "app-prod", target: "app-prod-new", point: DRAFT.point },
      inputs: { cluster: "app-prod", target: "app-prod-new", reason: DRAFT.reason, request_id: DRAFT.requestId },
    });
  });

  test.each([
    ["point", { point: null }],
    ["point", { point: { kind: "snapshot", snapshot: "gone" } }],
    ["point", { point: { kind: "time", time: new Date("2026-11-01T00:00:00Z") } }],
    ["point", { point: { kind: "time", time: new Date("2026-11-20T15:00:00Z") } }],
    ["target", { target: "app-prod" }],
    ["target", { target: "app-prod-copy" }],
    ["target", { target: "App_Prod" }],
    ["reason", { reason: "because" }],
    ["reason", { reason: "see <b>this</b> please" }],
    ["typed", { typed: "app-pro" }],
    ["typed", { typed: "confirm" }],
  ] as const)("with a wrong %s says so there", (field, change) => {
    const checked = checkRestore({ ...DRAFT, ...change }, VIEW, NOW);
    expect(checked.ok ? [] : Object.keys(checked.problems)).toEqual([field]);
  });
});

test("the suggested name is one that RDS takes, however long the cluster's is", () => {
  expect(suggestTarget("app-prod", NOW)).toBe("app-prod-restore-20261120-1400");
  const long = suggestTarget(`${"a".repeat(40)}-${"b".repeat(20)}`, NOW);
  expect(long).toHaveLength(62);
  expect(checkRestore({ ...DRAFT, target: long }, VIEW, NOW).ok).toBe(true);
});
