import { type AlertView, alertViews, chain, EMPTY_HEAD } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { alertRate } from "./alert-rate.ts";

const NOW = new Date("2026-11-20T12:00:00.000Z");

function views(hoursAgo: readonly number[], withdrawn = false): readonly AlertView[] {
  const drafts = hoursAgo.map((hours, index) => {
    const at = new Date(NOW.getTime() - hours * 3_600_000).toISOString();
    const id = `bulk-deletion-${String(index).padStart(16, "0")}`;
    return {
      id: `${id}:ended`,
      at,
      kind: "alert.ended",
      incident: id,
      actor: "collector",
      run: "local",
      reason: "Bulk deletion",
      data: {
        ...{ v: 1, id, transition: "ended", rule: "bulk-deletion", severity: "HIGH", app: "web", cluster: "app-prod", key: "*" },
        ...{ openedAt: at, firstEventAt: at, lastEventAt: at, endedAt: at, count: 20, threshold: 20, within: "60s" },
        ...{ source: "web", line: 1, excerpt: [], hiddenBy: null, ...(withdrawn ? { withdrawn: "late lines" } : {}) },
      },
    } as const;
  });
  return alertViews(chain(EMPTY_HEAD, drafts), NOW);
}

test("the last day, the last week and what that is a day", () => {
  expect(alertRate(views([1, 23, 24, 100, 167, 168, 500]), NOW)).toBe("2 opened in the last 24 h, 5 in the last 7 days (0.7 a day).");
});

test("none is said as none, and what was withdrawn is none", () => {
  expect(alertRate([], NOW)).toBe("0 opened in the last 24 h, 0 in the last 7 days (0.0 a day).");
  expect(alertRate(views([1], true), NOW)).toContain("0 opened");
});
