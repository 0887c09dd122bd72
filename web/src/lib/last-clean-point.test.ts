import { type ClusterView, parseConfig, type RetainedSnapshot } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { lastCleanPoint } from "./last-clean-point.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
const DAMAGE = new Date("2026-11-25T10:00:00Z");
const policy = parseConfig({ clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }], apps: [] }).retention;

const snapshot = (id: string, takenAt: string | null, more: object = {}): ClusterView["snapshots"][number] => ({
  id,
  cluster: "app-prod",
  status: takenAt === null ? "creating" : "available",
  takenAt,
  trigger: "scheduled",
  appVersion: null,
  requestId: null,
  managed: true,
  automated: false,
  held: false,
  letGo: false,
  ...more,
});
const view = (earliest: string | null, ...snapshots: ClusterView["snapshots"]) => ({ snapshots, earliestRestorableTime: earliest });
const kept = (snapshots: ClusterView["snapshots"], change: Partial<RetainedSnapshot> = {}) => ({
  snapshots: snapshots.map(({ id, takenAt, trigger, managed }) => ({
    id,
    takenAt: takenAt === null ? null : new Date(takenAt),
    trigger,
    managed,
    held: false,
    inUse: false,
    letGo: false,
    ...change,
  })),
  policy,
  cadence: "daily at 03:17",
});

test("the newest snapshot before the damage, and the day on which its rules let it go", () => {
  const all = [
    snapshot("older", "2026-11-24T03:17:00Z"),
    snapshot("newest", "2026-11-25T03:17:00Z"),
    snapshot("damaged", "2026-11-25T11:00:00Z"),
    snapshot("being made", null),
    snapshot("by AWS", "2026-11-25T09:00:00Z", { automated: true, managed: false }),
  ];
  const { snapshot: found } = lastCleanPoint(view(null, ...all), kept(all), DAMAGE, NOW);
  // The damaged one of the same day is the one that the rule for days keeps.
  expect(found).toEqual({ id: "newest", takenAt: new Date("2026-11-25T03:17:00Z"), leaves: NOW });
});

test("a snapshot that somebody holds is not let go", () => {
  const all = [snapshot("newest", "2026-11-25T03:17:00Z")];
  expect(lastCleanPoint(view(null, ...all), kept(all, { held: true }), DAMAGE, NOW).snapshot?.leaves).toBeNull();
});

test("the range reaches the damage for as long as its beginning needs to get there, or no more", () => {
  expect(lastCleanPoint(view("2026-11-23T10:00:00Z"), kept([]), DAMAGE, NOW)).toEqual({
    snapshot: null,
    range: { from: new Date("2026-11-23T10:00:00Z"), atLeastMs: 48 * 3_600_000 },
  });
  expect(lastCleanPoint(view("2026-11-25T11:00:00Z"), kept([]), DAMAGE, NOW).range?.atLeastMs).toBe(-3_600_000);
});
