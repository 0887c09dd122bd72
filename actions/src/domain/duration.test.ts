import { expect, test } from "vitest";
import { durationMs, formatDuration } from "./duration.ts";

test.each([
  ["60s", 60_000],
  ["24h", 86_400_000],
  ["14d", 1_209_600_000],
  ["5m", 300_000],
  ["250ms", 250],
])("%s is %d ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(["", "60", "s", "-1s", "1.5h", "0s", "1w"])("%j is not a duration", (text) => {
  expect(() => durationMs(text)).toThrow(RangeError);
});

test.each([
  [0, "0 s"],
  [37_400, "37 s"],
  [60_000, "1 m"],
  [18_720_000, "5 h 12 m"],
  [594_000_000, "6 d 21 h"],
  [-5, "0 s"],
])("%d ms reads %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
