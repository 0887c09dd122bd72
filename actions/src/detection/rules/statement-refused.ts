import { always, type Rule } from "../rule.ts";

/**
 * A guard of the database stopped what would have been an accident; whoever tried is about to try again. Administrators as well as others, and
 * hidden by no override: one that the guard itself knows lets the statement pass instead of refusing it.
 */
export const statementRefused: Rule = {
  id: "statement-refused",
  severity: "MEDIUM",
  threshold: 1,
  within: "10m",
  key: "none",
  kinds: ["statement-refused"],
  weigh: "times",
  admin: "any",
  override: "none",
  matches: always,
};
