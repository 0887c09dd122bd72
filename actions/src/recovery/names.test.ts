import { expect, test } from "vitest";
import { identifier } from "../domain/names.ts";
import { parse } from "../domain/problem.ts";
import { instanceName, snapshotName } from "./names.ts";

const requestId = "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871";

test.each(["app-prod", "a", `a${"-b".repeat(31)}`, "x".repeat(63)])("names made from %s are identifiers that RDS accepts", (cluster) => {
  const snapshot = snapshotName({ cluster, requestId });
  expect(parse(identifier, snapshot, "snapshot")).toBe(snapshot);
  const instance = instanceName(cluster);
  expect(parse(identifier, instance, "instance")).toBe(instance);
});

test("the same request always names the same snapshot; another request names another", () => {
  expect(snapshotName({ cluster: "app-prod", requestId })).toBe("holdfast-app-prod-3f0e1c526d0b4b7e");
  expect(snapshotName({ cluster: "app-prod", requestId: requestId.replace("3", "4") })).not.toBe("holdfast-app-prod-3f0e1c526d0b4b7e");
});
