import { expect, test } from "vitest";
import { timeOfImage } from "./rewind-times.ts";

const damage = { first: "2026-11-20T14:02:41.000200Z", last: "2026-11-20T14:02:42.500000Z" };
const bounds = { earliest: new Date("2026-11-20T10:00:00.300Z"), asked: new Date("2026-11-20T15:00:00.700Z"), stepMs: 1_000 };
const time = (...given: Parameters<typeof timeOfImage>) => timeOfImage(...given)?.toISOString() ?? null;

test("images lie right around the damage, as exactly as the service restores", () => {
  expect(time("before", 1, damage, bounds)).toBe("2026-11-20T14:02:41.000Z");
  expect(time("before", 1, { ...damage, first: "2026-11-20T14:02:41.000000Z" }, bounds)).toBe("2026-11-20T14:02:40.000Z");
  expect(time("after", 1, damage, bounds)).toBe("2026-11-20T14:02:43.000Z");
  expect(time("after", 1, damage, { ...bounds, stepMs: 1 })).toBe("2026-11-20T14:02:42.500Z");
});

test("a wrong image is followed by one further away, until nothing else is left", () => {
  expect(["before", "after"].map((image) => time(image === "before" ? "before" : "after", 2, damage, bounds))).toEqual([
    "2026-11-20T13:57:41.000Z",
    "2026-11-20T14:02:48.000Z",
  ]);
  expect(time("before", 4, damage, bounds)).toBeNull();
});

test("no image is asked for beyond what can be restored, and none twice", () => {
  const close = { ...bounds, earliest: new Date("2026-11-20T14:02:30.100Z"), asked: new Date("2026-11-20T14:02:44.100Z") };
  expect(time("before", 2, damage, close)).toBe("2026-11-20T14:02:31.000Z");
  expect(time("before", 3, damage, close)).toBeNull();
  expect(time("after", 2, damage, close)).toBe("2026-11-20T14:02:45.000Z");
  expect(time("after", 3, damage, close)).toBeNull();
});
