import { expect, test } from "vitest";
import { newestPointOf } from "./drill-point.ts";

const cluster = { id: "app-prod", latestRestorableTime: new Date("2026-11-24T10:00:00Z") };
const snapshot = (id: string, createdAt: string | null, status = "available") => ({
  id,
  status,
  createdAt: createdAt === null ? null : new Date(createdAt),
});

test("the newest snapshot that can be restored, whatever the order they are listed in", () => {
  const listed = [
    snapshot("old", "2026-11-22T03:00:00Z"),
    snapshot("new", "2026-11-23T03:00:00Z"),
    snapshot("broken", "2026-11-24T03:00:00Z", "failed"),
    snapshot("half", null, "creating"),
  ];
  expect(newestPointOf("snapshot", cluster, listed)).toMatchObject({ point: { kind: "snapshot", snapshot: "new" } });
});

test("the newest second that can be restored", () => {
  expect(newestPointOf("continuous", cluster, [])).toMatchObject({ point: { kind: "time", time: cluster.latestRestorableTime } });
});

test.each([
  ["snapshot", "has no snapshot"],
  ["continuous", "has no range"],
] as const)("without a %s point it says so", (tier, problem) => {
  expect(newestPointOf(tier, { ...cluster, latestRestorableTime: null }, [])).toEqual({ problem: expect.stringContaining(problem) });
});
