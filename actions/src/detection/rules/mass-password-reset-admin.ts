import { always, type Rule } from "../rule.ts";

/** Administrators' password changes. Less urgent than others', because they have a reason more often; none at all under a declared override. */
export const massPasswordResetAdmin: Rule = {
  id: "mass-password-reset-admin",
  severity: "MEDIUM",
  threshold: 10,
  within: "60s",
  key: "none",
  kinds: ["password-changed"],
  weigh: "rows",
  admin: "only",
  override: "all",
  matches: always,
};
