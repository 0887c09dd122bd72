import fc from "fast-check";
import { expect, test } from "vitest";
import type { SnapshotView } from "./inventory.ts";
import { type Damage, damageInterval, proposeRestorePoint } from "./restore-point.ts";

const DAY = "2026-11-20T";
const at = (time: string) => new Date(`${DAY}${time}Z`);
const NOW = at("14:30:00");
const snapshot = (id: string, takenAt: string): SnapshotView => ({
  id,
  cluster: "app-prod",
  status: "available",
  takenAt,
  trigger: "scheduled",
  appVersion: null,
  requestId: null,
  managed: true,
  automated: false,
  held: false,
  letGo: false,
});
const reach = {
  earliestRestorableTime: `${DAY}13:00:00.400Z`,
  latestRestorableTime: `${DAY}14:25:00Z`,
  snapshots: [snapshot("old", "2026-11-19T03:17:00Z"), snapshot("new", `${DAY}03:17:00Z`)],
};
const damage = (changes: Partial<Damage> = {}): Damage => ({
  first: at("14:02:42.300"),
  last: at("14:03:30"),
  skewMs: 0,
  rejected: [],
  ...changes,
});
const propose = (changes: Partial<Damage> = {}) => proposeRestorePoint(damage(changes), reach, NOW);

test("the second before the first line, and both what it loses before the damage and what it loses since", () => {
  expect(propose()).toEqual({
    point: { kind: "time", time: at("14:02:41") },
    at: at("14:02:41"),
    waits: false,
    losesBeforeMs: 1_300,
    losesSinceMs: 27 * 60_000 + 19_000,
    reason: "the second before the first line that counted",
  });
});

test("a clock that is off widens the interval both ways, whichever way it is off", () => {
  for (const skewMs of [90_000, -90_000]) {
    expect(propose({ skewMs })?.at).toEqual(at("14:01:11"));
    expect(damageInterval(damage({ skewMs }))).toEqual({ from: at("14:01:11.300"), to: at("14:05:01") });
  }
  expect(propose({ skewMs: 90_000 })?.reason).toContain("90 s off");
});

test("what AWS cannot restore yet is waited for", () => {
  expect(propose({ first: at("14:29:00"), last: at("14:29:10") })).toMatchObject({ at: at("14:28:59"), waits: true });
});

test("each image that proves damaged puts the proposal further back, down to the earliest second and then to snapshots, newest first", () => {
  const rejected: Date[] = [];
  const proposed: string[] = [];
  for (let next = propose(); next !== null; next = propose({ rejected })) {
    proposed.push(next.point.kind === "time" ? next.at.toISOString().slice(11, 19) : next.point.snapshot);
    rejected.push(next.at);
  }
  expect(proposed).toEqual(["14:02:41", "14:02:31", "14:01:31", "13:51:31", "13:00:01", "new", "old"]);
});

test("damage from before everything that can be restored has no clean point, and none is made up", () => {
  expect(propose({ first: new Date("2026-11-01T00:00:00Z"), last: new Date("2026-11-01T00:00:00Z") })).toBeNull();
  expect(proposeRestorePoint(damage(), { ...reach, earliestRestorableTime: null, snapshots: [] }, NOW)).toBeNull();
});

test("a proposal lies before the damage and before every damaged image, and is one that can be restored", () => {
  const time = fc.integer({ min: 0, max: 7_200 }).map((seconds) => new Date(at("12:30:00").getTime() + seconds * 1000));
  fc.assert(
    fc.property(time, fc.integer({ min: -90_000, max: 90_000 }), fc.array(time, { maxLength: 8 }), (first, skewMs, rejected) => {
      const found = proposeRestorePoint({ first, last: first, skewMs, rejected }, reach, NOW);
      if (found === null) return;
      if (rejected.length === 0) expect(found.at.getTime()).toBeLessThan(first.getTime() - Math.abs(skewMs));
      for (const bad of rejected) expect(found.at.getTime()).toBeLessThan(bad.getTime());
      if (found.point.kind === "time") expect(found.at.getTime()).toBeGreaterThanOrEqual(Date.parse(reach.earliestRestorableTime));
    }),
  );
});
