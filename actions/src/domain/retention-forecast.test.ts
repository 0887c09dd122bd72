import { expect, test } from "vitest";
import { DEFAULT_RETENTION } from "./config.ts";
import type { RetainedSnapshot } from "./retention.ts";
import { forecastRetention, leavesRetention } from "./retention-forecast.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const of = (takenAt: string, changes: Partial<RetainedSnapshot> = {}): RetainedSnapshot => ({
  id: takenAt,
  takenAt: new Date(takenAt),
  trigger: "scheduled",
  managed: true,
  held: false,
  inUse: false,
  letGo: false,
  ...changes,
});
const forecast = (snapshots: readonly RetainedSnapshot[], cadence = "daily at 03:17") =>
  forecastRetention(snapshots, DEFAULT_RETENTION, cadence, NOW, 90);
const idsOf = ({ snapshots }: { readonly snapshots: readonly { readonly id: string }[] }) => snapshots.map(({ id }) => id);

test("in ninety days the schedule has filled every rule, and what was held today is still there", () => {
  const held = of("2026-01-01T03:00:00Z", { held: true });
  const { later } = forecast([of("2026-11-24T03:17:00Z"), held]);
  const expected = later.snapshots.filter((each) => each.expected);
  // 2027-02-22 is a Monday: seven days to the 16th, then the Sundays before, the ends of January and December.
  expect(expected.map(({ takenAt }) => takenAt?.toISOString().slice(0, 10))).toEqual([
    "2027-02-22",
    "2027-02-21",
    "2027-02-20",
    "2027-02-19",
    "2027-02-18",
    "2027-02-17",
    "2027-02-16",
    "2027-02-14",
    "2027-02-07",
    "2027-01-31",
    "2026-12-31",
  ]);
  expect(idsOf(later)).toContain(held.id);
  expect(later.snapshots.every(({ reasons }) => reasons.length > 0)).toBe(true);
});

test("without a schedule nothing is expected, and the newest stays", () => {
  const { today, afterPruning, later } = forecast(
    [of("2026-11-24T03:00:00Z"), of("2026-11-24T02:00:00Z"), of("2026-11-24T01:00:00Z")],
    "off",
  );
  expect(idsOf(today)).toHaveLength(3);
  expect(idsOf(afterPruning)).toEqual(["2026-11-24T03:00:00Z", "2026-11-24T01:00:00Z"]);
  expect(idsOf(later)).toEqual(["2026-11-24T03:00:00Z", "2026-11-24T01:00:00Z"]);
});

test("a snapshot leaves on the first day on which no rule keeps it, and never where something else does", () => {
  const leaves = (id: string, snapshots: readonly RetainedSnapshot[], days = 400) =>
    leavesRetention(id, snapshots, DEFAULT_RETENTION, "daily at 03:17", NOW, days)?.toISOString() ?? null;
  // A Tuesday's, the oldest of all: seven days by the rule for days, and no Sunday's or month's end after them.
  const tuesday = of("2026-11-24T03:17:00Z");
  const older = of("2026-11-01T03:17:00Z");
  expect(leaves(tuesday.id, [tuesday, older])).toBe("2026-12-01T12:00:00.000Z");
  expect(leaves(tuesday.id, [tuesday, older], 6)).toBeNull();
  expect(leaves(tuesday.id, [{ ...tuesday, held: true }, older])).toBeNull();
  expect(leaves("unknown", [tuesday])).toBeNull();
});
