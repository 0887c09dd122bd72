import { expect, test } from "vitest";
import { requestIdIn } from "./runs.ts";

const id = "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871";
const other = "aaaaaaaa-6d0b-4b7e-9d53-0f2a4c1be871";

test.each([
  [`snapshot app-prod (manual, request ${id})`, id],
  [`restore app-prod → app-2 from 2026-11-20T14:02:41Z (request ${id}): As request ${other} went wrong`, id],
  [`restore app-prod → app-2 from s-1 (request ${id}): Again (request ${other})`, id],
  ["promote 3f0e1c526d0b4b7e9d530f2a4c1be871", null],
  [`a title that only mentions ${other}`, null],
])("the title %j is of request %s", (title, expected) => {
  expect(requestIdIn(title)).toBe(expected);
});
