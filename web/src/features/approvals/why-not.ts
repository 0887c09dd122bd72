import type { PendingReview } from "../../lib/github.ts";

/** Why this person may not decide, or null. GitHub says whether; the reviewers it lists tell why. */
export function whyNotDecide({ mayDecide, reviewers }: PendingReview, login: string, askedBy: string): string | null {
  if (mayDecide) return null;
  const asked = reviewers.length === 0 ? "nobody whom GitHub names" : `${reviewers.length > 1 ? "one of " : ""}${reviewers.join(", ")}`;
  const listed = reviewers.some((name) => name.toLowerCase() === login.toLowerCase());
  if (listed && login.toLowerCase() === askedBy.toLowerCase()) {
    return reviewers.length === 1
      ? "You asked for this yourself and are its only reviewer, so nobody can decide it. Add another reviewer, or cancel the run on GitHub."
      : `You asked for this yourself, so another of its reviewers must decide: ${reviewers.filter((name) => name.toLowerCase() !== login.toLowerCase()).join(", ")}.`;
  }
  if (listed) return "GitHub lists you as a reviewer but does not let you decide this run.";
  return `It waits for ${asked}; you are signed in as ${login}.`;
}
