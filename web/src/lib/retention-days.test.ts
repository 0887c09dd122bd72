import type { Foreseen } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { calendarOf } from "./retention-days.ts";

const of = (takenAt: string | null, keep = true): Foreseen => ({
  id: takenAt ?? "making",
  takenAt: takenAt === null ? null : new Date(takenAt),
  keep,
  reasons: ["daily"],
  expected: false,
});
const END = new Date("2026-11-24T12:00:00Z");

test("weeks begin on Monday, a day counts what stays and what goes, and what is older than the weeks shown is counted apart", () => {
  const list = [
    of(null),
    of("2026-11-24T03:00:00Z"),
    of("2026-11-24T01:00:00Z", false),
    of("2026-11-15T23:59:59Z"),
    of("2026-01-01T00:00:00Z"),
  ];
  const { weeks, older } = calendarOf(list, END, 3);
  expect(weeks.map(([monday]) => monday?.at.toISOString().slice(0, 10))).toEqual(["2026-11-09", "2026-11-16", "2026-11-23"]);
  expect(weeks.at(-1)?.[1]).toMatchObject({ stays: 1, goes: 1 });
  expect(weeks[0]?.[6]).toMatchObject({ stays: 1, goes: 0 });
  expect(older).toBe(1);
});

test("without snapshots there is this week", () => {
  expect(calendarOf([], END, 3).weeks).toHaveLength(1);
});
