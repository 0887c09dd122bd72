import { always, type Rule } from "../rule.ts";

/** One reset every seven seconds never makes ten a minute. Administrators count too, unless under a declared override; so do unknown actors. */
export const massPasswordResetSlow: Rule = {
  id: "mass-password-reset-slow",
  severity: "MEDIUM",
  threshold: 60,
  within: "1h",
  key: "none",
  kinds: ["password-changed"],
  weigh: "rows",
  admin: "any",
  override: "admins",
  matches: always,
};
