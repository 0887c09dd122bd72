import { always, type Rule } from "../rule.ts";

/**
 * Non-admins' password changes together, whoever changes them: a script that goes through all accounts signs in as none of them. Where the
 * line cannot tell whether the actor is an administrator it counts. No override hides it.
 */
export const massPasswordReset: Rule = {
  id: "mass-password-reset",
  severity: "HIGH",
  threshold: 10,
  within: "60s",
  key: "none",
  kinds: ["password-changed"],
  weigh: "rows",
  admin: "except",
  override: "none",
  matches: always,
};
