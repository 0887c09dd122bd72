import { expect, test } from "vitest";
import { gateSentence } from "./gate.ts";
import type { Environment } from "./github.ts";

const strict: Environment = { name: "restore", reviewers: ["bob", "team dba"], preventSelfReview: true, adminsMayBypass: false };

test.each<[string, Environment | null, RegExp]>([
  ["a second person always", strict, /^It waits for one of bob, team dba, never whoever asked\.$/],
  ["one reviewer", { ...strict, reviewers: ["bob"] }, /^It waits for bob,/],
  ["whoever asked may approve", { ...strict, preventSelfReview: false }, /no second person/],
  ["administrators may pass", { ...strict, adminsMayBypass: true }, /administrators may pass/],
  ["administrators, untold", { ...strict, adminsMayBypass: null }, /GitHub does not tell\.$/],
  ["nobody is asked", { ...strict, reviewers: [] }, /^No gate: the environment restore asks nobody/],
  ["no environment", null, /^No gate: GitHub has no environment restore/],
])("%s", (_, environment, sentence) => {
  expect(gateSentence("restore", environment)).toMatch(sentence);
});
