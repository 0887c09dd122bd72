import { type Cluster, type CollectorHealth, type Inventory, parseConfig, verify } from "@holdfast/actions/domain";
import { describe, expect, test } from "vitest";
import { ApiFailure } from "./api-failure.ts";
import { clusterState, type Source } from "./readings.ts";

const NOW = new Date("2026-11-20T14:00:00Z");
const LIMIT = 90_000;
const offline = new ApiFailure({ status: null, endpoint: "GET x", message: "failed to fetch", retryAt: null });

const config = parseConfig({ clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }] });

function cluster(): Cluster {
  const [first] = config.clusters;
  if (first === undefined) throw new Error("the sample has a cluster");
  return first;
}

function source<T>(value: T | undefined, secondsAgo: number | null, error: unknown = null): Source<T> {
  return { value, readAt: secondsAgo === null ? null : new Date(NOW.getTime() - secondsAgo * 1000), error, limitMs: LIMIT };
}

function inventory(takenAt: string): Inventory {
  const made = { trigger: null, appVersion: null, requestId: null, managed: false, automated: true, held: false, letGo: false };
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
const heard = source<readonly CollectorHealth[]>([], 5);

function stateFrom(inventoryRead: Source<Inventory | null>, ledger = sound, collectors = heard, of = config) {
  return clusterState(cluster(), of, { inventory: inventoryRead, ledger, collectors }, NOW);
}

describe("one state from all sources", () => {
  test("nothing is said before the first answers", () => {
    expect(stateFrom(source<Inventory | null>(undefined, null))).toBeNull();
  });

  test("normal needs every source, fresh", () => {
    expect(stateFrom(source<Inventory | null>(fresh, 5))).toEqual({ word: "normal", reasons: [] });
  });

  test("a source that cannot be read is a reason", () => {
    const state = stateFrom(source<Inventory | null>(undefined, null, offline));
    expect(state).toMatchObject({ word: "degraded", reasons: [{ code: "inventory-unread" }] });
  });

  test("one failed poll is not yet a reason, a stale picture is", () => {
    expect(stateFrom(source<Inventory | null>(fresh, 80, offline))?.word).toBe("normal");
    const state = stateFrom(source<Inventory | null>(fresh, 540, offline));
    expect(state).toMatchObject({
      word: "degraded",
      reasons: [{ code: "inventory-unread", sentence: expect.stringContaining("9 min ago") }],
    });
  });

  test("a stale picture does not soften what was worse", () => {
    const state = stateFrom(source<Inventory | null>(null, 540, offline), source(verify([]), 540, offline));
    expect(state?.word).toBe("blocked");
    expect(state?.reasons.map((each) => each.code)).toEqual(["no-recovery-point", "inventory-unread", "ledger-unread"]);
  });

  test("what collectors report is asked for only where something is watched", () => {
    const old = source<readonly CollectorHealth[]>([], 540, offline);
    expect(stateFrom(source<Inventory | null>(fresh, 5), sound, old)?.word).toBe("normal");
    const watched = parseConfig({ ...config, apps: [{ name: "web", cluster: "app-prod" }] });
    const state = stateFrom(source<Inventory | null>(fresh, 5), sound, old, watched);
    expect(state?.reasons.map((each) => each.code)).toEqual(["nobody-watches", "watch-unread"]);
  });
});
