import { always, type Rule } from "../rule.ts";

/** Failures per account, from whatever addresses; administrators' and unknown ones alike. Twice the count of one address: people do mistype. */
export const repeatedAuthFailureAccount: Rule = {
  id: "repeated-auth-failure-account",
  severity: "MEDIUM",
  threshold: 10,
  within: "300s",
  key: "actor",
  kinds: ["auth-failed"],
  weigh: "times",
  admin: "any",
  override: "none",
  matches: always,
};
