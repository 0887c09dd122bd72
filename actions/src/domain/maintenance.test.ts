import { describe, expect, test } from "vitest";
import { isInside, type MaintenanceWindow } from "./maintenance.ts";

const window = (changes: Partial<MaintenanceWindow>): MaintenanceWindow => ({
  days: ["Sun"],
  from: "02:00",
  to: "04:00",
  timezone: "Europe/London",
  ...changes,
});
const inside = (changes: Partial<MaintenanceWindow>, time: string) => isInside(window(changes), Date.parse(time));

describe("isInside", () => {
  test.each([
    ["2026-01-04T02:00:00.000Z", true],
    ["2026-01-04T01:59:59.999Z", false],
    ["2026-01-04T03:59:59.999Z", true],
    ["2026-01-04T04:00:00.000Z", false],
    ["2026-01-05T03:00:00.000Z", false],
    // In summer the wall clock is an hour ahead.
    ["2026-07-05T01:00:00.000Z", true],
    ["2026-07-05T03:00:00.000Z", false],
  ])("from its beginning up to its end, by the wall clock: %s is %s", (time, expected) => {
    expect(inside({}, time)).toBe(expected);
  });

  test("one over midnight belongs to the day it began on", () => {
    const night = { from: "23:00", to: "01:00", timezone: "UTC" };
    expect(inside(night, "2026-01-04T23:30:00Z")).toBe(true);
    expect(inside(night, "2026-01-05T00:30:00Z")).toBe(true);
    expect(inside(night, "2026-01-05T01:00:00Z")).toBe(false);
    expect(inside(night, "2026-01-04T00:30:00Z")).toBe(false);
  });

  test("one that ends when it begins lasts a day", () => {
    const day = { from: "06:00", to: "06:00", timezone: "UTC" };
    expect(inside(day, "2026-01-04T06:00:00Z")).toBe(true);
    expect(inside(day, "2026-01-05T05:59:59Z")).toBe(true);
    expect(inside(day, "2026-01-05T06:00:00Z")).toBe(false);
  });

  test("the hour that the clock repeats in autumn is open twice, and the one that it skips in spring does not open a wrong one", () => {
    const early = { from: "01:00", to: "02:00" };
    expect(inside(early, "2026-10-25T00:30:00Z")).toBe(true);
    expect(inside(early, "2026-10-25T01:30:00Z")).toBe(true);
    expect(inside(early, "2026-10-25T02:00:00Z")).toBe(false);
    expect(inside(early, "2026-03-29T00:59:59Z")).toBe(false);
    expect(inside(early, "2026-03-29T01:00:00Z")).toBe(false);
  });

  test("a day is that of the place", () => {
    expect(inside({ days: ["Mon"], from: "00:00", to: "06:00", timezone: "Asia/Tokyo" }, "2026-01-04T15:00:00Z")).toBe(true);
  });
});
