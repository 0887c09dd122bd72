import type { Rule } from "../rule.ts";

/**
 * One line is the whole accident, so one is the threshold; a script of fifty such lines is still one alert. Whatever kind of event such
 * a statement is read as. Anybody's, and hidden by no override.
 */
export const destructiveStatement: Rule = {
  id: "destructive-statement",
  severity: "HIGH",
  threshold: 1,
  within: "60s",
  key: "none",
  kinds: ["row-deleted", "password-changed", "migration-ran"],
  weigh: "times",
  admin: "any",
  override: "none",
  matches: ({ destructive }) => destructive,
};
