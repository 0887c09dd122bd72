import { expect, test } from "vitest";
import { whyNotDecide } from "./why-not.ts";

const pending = { environmentId: 1, environment: "restore", mayDecide: false, reviewers: ["bob", "dana"] };

test("who may decide is not told otherwise", () => {
  expect(whyNotDecide({ ...pending, mayDecide: true }, "bob", "alice")).toBeNull();
});

test.each([
  ["somebody else", pending, "alice", "alice", /^It waits for one of bob, dana; you are signed in as alice\.$/],
  ["the reviewer who asked", pending, "Bob", "bob", /^You asked for this yourself, so another of its reviewers must decide: dana\.$/],
  ["the only reviewer, who asked", { ...pending, reviewers: ["bob"] }, "bob", "bob", /nobody can decide it/],
  ["a reviewer whom GitHub refuses", pending, "dana", "alice", /^GitHub lists you/],
  ["a reviewer nobody knows", { ...pending, reviewers: [] }, "alice", "alice", /^It waits for nobody whom GitHub names/],
])("%s is told why not", (_, review, login, askedBy, why) => {
  expect(whyNotDecide(review, login, askedBy)).toMatch(why);
});
