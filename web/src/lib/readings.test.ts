import { type Cluster, type Inventory, parseConfig, verify } from "@holdfast/actions/domain";
import { describe, expect, test } from "vitest";
import { ApiFailure } from "./api-failure.ts";
import { clusterState, type Source } from "./readings.ts";

const NOW = new Date("2026-11-20T14:00:00Z");
const LIMIT = 90_000;
const offline = new ApiFailure({ status: null, endpoint: "GET x", message: "failed to fetch", retryAt: null });

function cluster(): Cluster {
  const [first] = parseConfig({ clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }] }).clusters;
  if (first === undefined) throw new Error("the sample has a cluster");
  return first;
}

function source<T>(value: T | undefined, secondsAgo: number | null, error: unknown = null): Source<T> {
  return { value, readAt: secondsAgo === null ? null : new Date(NOW.getTime() - secondsAgo * 1000), error, limitMs: LIMIT };
}

function inventory(takenAt: string): Inventory {
  const made = { trigger: null, appVersion: null, requestId: null, managed: false, automated: true };
  return {
    v: 1,
    at: "2026-11-20T13:59:00Z",
    quota: null,
    orphans: [],
    clusters: [
      {
        id: "app-prod",
        status: "available",
        earliestRestorableTime: null,
        latestRestorableTime: null,
        snapshots: [{ id: "s", cluster: "app-prod", status: "available", takenAt, ...made }],
        restored: [],
      },
    ],
  };
}

const fresh = inventory("2026-11-20T10:00:00Z");
const sound = source(verify([]), 5);

describe("one state from all sources", () => {
  test("nothing is said before the first answers", () => {
    expect(clusterState(cluster(), source<Inventory | null>(undefined, null), sound, NOW)).toBeNull();
  });

  test("normal needs every source, fresh", () => {
    expect(clusterState(cluster(), source<Inventory | null>(fresh, 5), sound, NOW)).toEqual({ word: "normal", reasons: [] });
  });

  test("a source that cannot be read is a reason", () => {
    const state = clusterState(cluster(), source<Inventory | null>(undefined, null, offline), sound, NOW);
    expect(state).toMatchObject({ word: "degraded", reasons: [{ code: "inventory-unread" }] });
  });

  test("one failed poll is not yet a reason, a stale picture is", () => {
    expect(clusterState(cluster(), source<Inventory | null>(fresh, 80, offline), sound, NOW)?.word).toBe("normal");
    const state = clusterState(cluster(), source<Inventory | null>(fresh, 540, offline), sound, NOW);
    expect(state).toMatchObject({
      word: "degraded",
      reasons: [{ code: "inventory-unread", sentence: expect.stringContaining("9 min ago") }],
    });
  });

  test("a stale picture does not soften what was worse", () => {
    const state = clusterState(cluster(), source<Inventory | null>(null, 540, offline), source(verify([]), 540, offline), NOW);
    expect(state?.word).toBe("blocked");
    expect(state?.reasons.map((each) => each.code)).toEqual(["no-recovery-point", "inventory-unread", "ledger-unread"]);
  });
});
