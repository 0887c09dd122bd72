import { expect, test } from "vitest";
import { rfc3339, showLocal, showRelative, showUtc } from "./show-instant.ts";

const AT = new Date("2026-11-20T23:30:05.678Z");

test("three views of one instant", () => {
  expect(rfc3339(AT)).toBe("2026-11-20T23:30:05Z");
  expect(showUtc(AT)).toBe("2026-11-20 23:30:05 UTC");
  expect(showLocal(AT, "Europe/Rome")).toBe("2026-11-21 00:30:05 CET");
});

test.each([
  [12_000, "12\u00a0s ago"],
  [-11_400_000, "in 3\u00a0h\u00a010\u00a0m"],
  [-900, "0\u00a0s ago"],
  [48 * 3_600_000, null],
])("%d ms later it says %s", (later, text) => {
  expect(showRelative(AT, new Date(AT.getTime() + later))).toBe(text);
});
