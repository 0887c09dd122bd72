import { expect, test } from "vitest";
import { readCompactDate, readEpoch, readHttpDate, readIso, readSyslogDate } from "./clock.ts";

const iso = (clock: { readonly ms: number; readonly zone: string } | null) =>
  clock === null ? null : `${new Date(clock.ms).toISOString()} ${clock.zone}`;

test.each([
  ["2025-11-03T08:04:49.123Z", "2025-11-03T08:04:49.123Z offset"],
  ["2025-11-03 08:04:49,123", "2025-11-03T08:04:49.123Z local"],
  ["2025-11-03T08:04:49.123456789+01:00", "2025-11-03T07:04:49.123Z offset"],
  ["2025-11-03 08:04:49 -0530", "2025-11-03T13:34:49.000Z offset"],
  ["2025-11-03 08:04:49+02", "2025-11-03T06:04:49.000Z offset"],
  ["2025-11-03 08:04:49 UTC:10.0.0.1", "2025-11-03T08:04:49.000Z offset"],
  ["2025-11-08  9:01:40 9 [Warning]", "2025-11-08T09:01:40.000Z local"],
  ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z offset"],
  ["2025-12-31T24:00:00Z", "2026-01-01T00:00:00.000Z offset"],
])("%s", (text, expected) => {
  expect(iso(readIso(text, 0))).toBe(expected);
});

test.each([
  "2025-02-30T08:00:00Z",
  "2025-13-01T08:00:00Z",
  "2025-11-03T25:00:00Z",
  "2025-11-03",
  "20251103T080000",
  "0000-01-01T00:00:00Z",
  "",
])("%s is no time", (text) => {
  expect(readIso(text, 0)).toBeNull();
});

test("servers, Werkzeug, syslog and MariaDB", () => {
  expect(iso(readHttpDate("03/Nov/2025:08:05:38 +0100", 0))).toBe("2025-11-03T07:05:38.000Z offset");
  expect(iso(readHttpDate("03/Nov/2025 08:05:38", 0))).toBe("2025-11-03T08:05:38.000Z local");
  expect(readHttpDate("03/Nox/2025:08:05:38 +0100", 0)).toBeNull();
  expect(iso(readSyslogDate("Nov  3 12:16:22 vm", 0))).toBe("1972-11-03T12:16:22.000Z local");
  expect(iso(readSyslogDate("Feb 29 12:16:22 vm", 0))).toBe("1972-02-29T12:16:22.000Z local");
  expect(iso(readCompactDate("20251108 09:00:00", 0))).toBe("2025-11-08T09:00:00.000Z local");
  expect(iso(readCompactDate("251108  9:09:42 server", 0))).toBe("2025-11-08T09:09:42.000Z local");
});

test("the size of a number says its unit", () => {
  const expected = "2025-11-08T09:00:00.007Z offset";
  expect(iso(readEpoch(1_762_592_400.007))).toBe(expected);
  expect(iso(readEpoch(1_762_592_400_007))).toBe(expected);
  expect(iso(readEpoch(1_762_592_400_007_919))).toBe(expected);
  expect(iso(readEpoch(1_762_592_400_007_919_000))).toBe(expected);
  expect(readEpoch(Number.NaN)).toBeNull();
});
