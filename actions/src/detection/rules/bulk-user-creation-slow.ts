import { always, type Rule } from "../rule.ts";

/** The patient form of bulk-user-creation; anybody's, not under a declared override. */
export const bulkUserCreationSlow: Rule = {
  id: "bulk-user-creation-slow",
  severity: "LOW",
  threshold: 100,
  within: "1h",
  key: "none",
  kinds: ["user-created"],
  weigh: "rows",
  admin: "any",
  override: "all",
  matches: always,
};
