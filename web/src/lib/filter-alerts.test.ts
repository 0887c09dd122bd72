import { describe, expect, test } from "vitest";
import { filterAlerts, NO_FILTER, readFilter, writeFilter } from "./filter-alerts.ts";
import { alertEntry, sampleAlert, viewsOf } from "./sample-alert.ts";

const high = sampleAlert();
const low = sampleAlert({
  id: "repeated-auth-failure-1",
  rule: "repeated-auth-failure",
  severity: "LOW",
  app: null,
  endedAt: high.lastEventAt,
});
const views = viewsOf(alertEntry(high), alertEntry(low), alertEntry({ ...low, transition: "ended" }));
const idsOf = (filter: Partial<typeof NO_FILTER>) => filterAlerts(views, { ...NO_FILTER, ...filter }).map((view) => view.alert.id);

test("without a choice those that need somebody are shown", () => {
  expect(idsOf({})).toEqual([high.id]);
});

test("each field narrows, and an alert of no app can be chosen", () => {
  expect(idsOf({ status: "any" })).toHaveLength(2);
  expect(idsOf({ status: "ended" })).toEqual([low.id]);
  expect(idsOf({ status: "any", severity: "LOW" })).toEqual([low.id]);
  expect(idsOf({ status: "any", app: "" })).toEqual([low.id]);
  expect(idsOf({ status: "any", app: "web", rule: "repeated-auth-failure" })).toEqual([]);
});

describe("the address", () => {
  test("holds only what was chosen, and reads back as the same", () => {
    expect(writeFilter(NO_FILTER)).toBe("");
    const chosen = { ...NO_FILTER, status: "hidden", app: "web & shop" } as const;
    expect(readFilter(writeFilter(chosen))).toEqual(chosen);
  });

  test("with words that mean nothing shows what needs somebody, never less", () => {
    expect(readFilter("status=gone&severity=__proto__")).toEqual(NO_FILTER);
  });
});
