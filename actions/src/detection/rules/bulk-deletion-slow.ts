import { always, type Rule } from "../rule.ts";

/** The patient form of bulk-deletion; anybody's, hidden by no override. */
export const bulkDeletionSlow: Rule = {
  id: "bulk-deletion-slow",
  severity: "MEDIUM",
  threshold: 200,
  within: "1h",
  key: "none",
  kinds: ["row-deleted"],
  weigh: "rows",
  admin: "any",
  override: "none",
  matches: always,
};
