import { always, type Rule } from "../rule.ts";

/** Failures per address, whichever names were tried; administrators' and unknown names count alike. Lines without an address cannot count here. */
export const repeatedAuthFailure: Rule = {
  id: "repeated-auth-failure",
  severity: "MEDIUM",
  threshold: 5,
  within: "300s",
  key: "ip",
  kinds: ["auth-failed"],
  weigh: "times",
  admin: "any",
  override: "none",
  matches: always,
};
