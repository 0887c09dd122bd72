import { expect, test } from "vitest";
import { groupStorms } from "./group-storms.ts";
import { alertEntry, sampleAlert, viewsOf } from "./sample-alert.ts";

function burst(count: number, secondsApart: number, changes: Parameters<typeof sampleAlert>[0] = {}) {
  const start = Date.parse("2026-11-20T14:00:00Z");
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(start + index * secondsApart * 1000).toISOString();
    return alertEntry(sampleAlert({ id: `${changes.rule ?? "a"}-${index}`, openedAt: at, firstEventAt: at, lastEventAt: at, ...changes }));
  });
}

test("ten alerts in ten minutes are ten rows, an eleventh makes them one", () => {
  expect(groupStorms(viewsOf(...burst(10, 5)))).toHaveLength(10);
  const rows = groupStorms(viewsOf(...burst(11, 5)));
  expect(rows).toMatchObject([{ kind: "storm", newest: { alert: { id: "a-10" } } }]);
});

test("what lies far apart is no storm", () => {
  expect(groupStorms(viewsOf(...burst(30, 601)))).toHaveLength(30);
});

test("a storm of one rule hides no alert of another in the midst of it", () => {
  const other = alertEntry(sampleAlert({ id: "other-1", rule: "other", openedAt: "2026-11-20T14:00:27.500Z" }));
  const rows = groupStorms(viewsOf(...burst(20, 5), other));
  expect(rows.map((row) => [row.kind, row.newest.alert.id])).toEqual([
    ["storm", "a-19"],
    ["alert", "other-1"],
  ]);
});
