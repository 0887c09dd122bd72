import { expect, test } from "vitest";
import { describeLimits } from "./guard-words.ts";

const limits = { rows: 500, windowRows: 2000, windowSeconds: 900, percent: null, leastRows: 10, observe: false };

test("a guard says what it allows, and one that observes says that it refuses nothing", () => {
  expect(describeLimits(limits)).toBe("Refuses to change more than 500 rows in one transaction, 2000 by one role in 15 m.");
  expect(describeLimits({ ...limits, rows: 1, percent: "12.5", observe: true })).toBe(
    "Only says in the log what would be more than 1 row in one transaction, 2000 by one role in 15 m, nor 12.5 % of the table (10 rows are never too many).",
  );
});
