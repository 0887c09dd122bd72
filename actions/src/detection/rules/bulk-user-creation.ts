import { always, type Rule } from "../rule.ts";

/** Accounts created by anybody, administrators and unknown actors included; not under a declared override, because that is what imports declare. */
export const bulkUserCreation: Rule = {
  id: "bulk-user-creation",
  severity: "MEDIUM",
  threshold: 20,
  within: "60s",
  key: "none",
  kinds: ["user-created"],
  weigh: "rows",
  admin: "any",
  override: "all",
  matches: always,
};
