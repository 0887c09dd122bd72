import { expect, test } from "vitest";
import { cronDue, cronMatches } from "./cron.ts";
import { matchesFilter } from "./glob.ts";

const at = (text: string) => new Date(text);

test.each([
  ["17 * * * *", "2026-11-20T11:17:00Z", true],
  ["17 * * * *", "2026-11-20T11:18:00Z", false],
  ["*/15 3-5 * * *", "2026-11-20T04:45:00Z", true],
  ["*/15 3-5 * * *", "2026-11-20T06:45:00Z", false],
  ["0 2 * * SUN", "2026-11-22T02:00:00Z", true],
  ["0 2 * * 0,6", "2026-11-20T02:00:00Z", false],
  ["0 0 1 * FRI", "2026-11-20T00:00:00Z", true],
  ["0 0 1 JAN *", "2026-11-01T00:00:00Z", false],
])("%s at %s: %s", (cron, moment, expected) => {
  expect(cronMatches(cron, at(moment))).toBe(expected);
});

test("a minute counts once it has come, and not again", () => {
  expect(cronDue("5 * * * *", at("2026-11-20T11:04:59Z"), at("2026-11-20T11:05:00Z"))).toBe(true);
  expect(cronDue("5 * * * *", at("2026-11-20T11:05:00Z"), at("2026-11-20T11:05:59Z"))).toBe(false);
});

test("a broken cron is named with the field and what is allowed", () => {
  expect(() => cronMatches("61 * * * *", at("2026-11-20T11:05:00Z"))).toThrow(/minute "61" is not valid: 0-59/);
  expect(() => cronMatches("* * *", at("2026-11-20T11:05:00Z"))).toThrow(/3 fields/);
});

test.each([
  [["main"], "main", true],
  [["main"], "maintenance", false],
  [["release/*"], "release/1/2", false],
  [["release/**"], "release/1/2", true],
  [["**", "!secret/**"], "secret/a", false],
  [["src/**"], "src/deep/a.txt", true],
  [["**/*.md"], "README.md", true],
  [["v[0-9].x"], "v2.x", true],
])("the filter %j on %s: %s", (patterns, name, expected) => {
  expect(matchesFilter(patterns, name)).toBe(expected);
});
