import { always, type Rule } from "../rule.ts";

/** Rows deleted by anybody, administrators and unknown actors included. No override hides it: what is deleted is gone whoever meant it. */
export const bulkDeletion: Rule = {
  id: "bulk-deletion",
  severity: "HIGH",
  threshold: 20,
  within: "60s",
  key: "none",
  kinds: ["row-deleted"],
  weigh: "rows",
  admin: "any",
  override: "none",
  matches: always,
};
