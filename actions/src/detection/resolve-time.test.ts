import { expect, test } from "vitest";
import { readIso, readSyslogDate } from "./grammar/clock.ts";
import { resolveTime, toInstant } from "./resolve-time.ts";

const at = (text: string, more: Partial<Parameters<typeof resolveTime>[1]> = {}) => {
  const clock = readIso(text, 0) ?? readSyslogDate(text, 0);
  const { at: ms, problem } = resolveTime(clock, { timezone: null, stamp: null, reference: null, ...more });
  return [ms === null ? null : new Date(ms).toISOString(), problem];
};
const instant = (text: string) => Date.parse(text);

test("the line's offset, else the configured zone, else the stamp, else UTC", () => {
  expect(at("2025-07-03T10:00:00+02:00", { timezone: "America/New_York" })).toEqual(["2025-07-03T08:00:00.000Z", false]);
  expect(at("2025-07-03 10:00:00", { timezone: "Europe/London" })).toEqual(["2025-07-03T09:00:00.000Z", false]);
  expect(at("2025-07-03 10:00:00", { stamp: instant("2025-07-03T08:00:01Z") })).toEqual(["2025-07-03T08:00:01.000Z", false]);
  expect(at("2025-07-03 10:00:00")).toEqual(["2025-07-03T10:00:00.000Z", false]);
  expect(at("no time", { stamp: 0 })).toEqual(["1970-01-01T00:00:00.000Z", false]);
});

test("a zone that is wrong by hours shows beside the stamp, which then counts; a line that only comes late keeps its time", () => {
  const stamp = instant("2025-07-03T08:00:01Z");
  expect(at("2025-07-03 10:00:00", { timezone: "UTC", stamp })).toEqual(["2025-07-03T08:00:01.000Z", true]);
  expect(at("2025-07-03T07:40:12Z", { stamp })).toEqual(["2025-07-03T07:40:12.000Z", true]);
  expect(at("2099-01-01T00:00:00Z", { stamp })).toEqual(["2025-07-03T08:00:01.000Z", true]);
});

test("without a stamp, a time far in the future is no time to count by", () => {
  expect(at("2099-01-01T00:00:00Z", { reference: instant("2026-01-01T00:00:00Z") })).toEqual([null, true]);
});

test("a line without a year is of the year that puts it nearest before the reference", () => {
  const reference = instant("2026-01-01T00:10:00Z");
  expect(at("Dec 31 23:59:50 vm", { reference })[0]).toBe("2025-12-31T23:59:50.000Z");
  expect(at("Jan  1 00:05:00 vm", { reference })[0]).toBe("2026-01-01T00:05:00.000Z");
  expect(at("Feb 29 12:00:00 vm", { reference: instant("2027-06-01T00:00:00Z") })[0]).toBe("2024-02-29T12:00:00.000Z");
  expect(at("Nov 20 12:00:00 vm")).toEqual([null, true]);
});

test("where clocks are put back the first hour is meant, where they skip one the time goes on", () => {
  const berlin = (text: string) => new Date(toInstant(instant(`${text}Z`), "Europe/Berlin")).toISOString();
  expect(berlin("2025-10-26T02:30:00")).toBe("2025-10-26T00:30:00.000Z");
  expect(berlin("2025-10-26T03:30:00")).toBe("2025-10-26T02:30:00.000Z");
  expect(berlin("2025-03-30T02:30:00")).toBe("2025-03-30T01:30:00.000Z");
  expect(berlin("2025-03-30T03:30:00")).toBe("2025-03-30T01:30:00.000Z");
});
