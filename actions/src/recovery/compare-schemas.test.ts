import { expect, test } from "vitest";
import { compareSchemas } from "./compare-schemas.ts";

test("names what one schema has and the other lacks", () => {
  expect(compareSchemas(["column a", "column b"], ["column b", "column c"])).toEqual({ missing: ["column a"], extra: ["column c"] });
});

test("names a few of many", () => {
  const many = Array.from({ length: 100 }, (_, index) => `column ${index}`);
  expect(compareSchemas(many, []).missing).toHaveLength(20);
});
