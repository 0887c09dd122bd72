import "temporal-polyfill/global";
import { describe, expect, test } from "vitest";
import { readInstant } from "./read-instant.ts";

const ZONE = "Europe/Rome";
const AT = "2026-11-20T14:02:41.000Z";

describe("a time with its zone", () => {
  test.each([
    "2026-11-20T14:02:41Z",
    "2026-11-20 14:02:41Z",
    "2026-11-20 14:02:41 UTC",
    "2026-11-20 14:02:41 GMT",
    "2026-11-20T15:02:41+01:00",
    "2026-11-20T15:02:41+0100",
    "2026-11-20 15:02:41 +0100",
    "  [20/Nov/2026:14:02:41 +0000] ",
    "20/Nov/2026:15:02:41 +0100",
    '"2026-11-20T14:02:41Z",',
    "2026-11-20T14:02:41.999999Z",
    "2026-11-20 14:02:41,123 UTC",
  ])("%s", (text) => {
    const reading = readInstant(text, ZONE);
    expect(reading.kind === "instant" && reading.at.toISOString()).toBe(AT);
  });

  test("a fraction is cut off, and that is said", () => {
    expect(readInstant("2026-11-20T14:02:41.999Z", ZONE)).toMatchObject({ truncated: true });
    expect(readInstant("2026-11-20T14:02:41Z", ZONE)).toMatchObject({ truncated: false });
  });
});

describe("a time without a zone is never taken", () => {
  test("both meanings are offered", () => {
    const reading = readInstant("2026-11-20 14:02:41", ZONE);
    expect(reading).toEqual({ kind: "zone-missing", utc: new Date(AT), local: new Date("2026-11-20T13:02:41Z"), zone: ZONE });
  });

  test.each([
    ["repeats", "2026-10-25 02:30:00"],
    ["skips", "2026-03-29 02:30:00"],
  ])("an hour that the clock change %s has no local meaning", (_, text) => {
    expect(readInstant(text, ZONE)).toMatchObject({ kind: "zone-missing", local: null });
  });
});

test.each(["yesterday", "20/11/2026 14:02:41", "14:02:41", "2026-11-20", "2026-13-40T99:00:00Z", "20/Foo/2026:14:02:41 +0000"])(
  "%s is refused, with what is allowed",
  (text) => {
    const reading = readInstant(text, ZONE);
    expect(reading.kind === "unreadable" && reading.problem).toContain("2026-11-20T14:02:41Z");
  },
);

test("nothing typed is not a mistake", () => {
  expect(readInstant("   ", ZONE)).toEqual({ kind: "empty" });
});
