import type { Environment } from "./github.ts";

/** What stands between asking for work and its beginning, said as it is: nothing is called protected that is not. Null: GitHub knows no such environment. */
export function gateSentence(name: string, environment: Environment | null): string {
  if (environment === null) return `No gate: GitHub has no environment ${name} yet, so nobody is asked.`;
  const { reviewers, preventSelfReview, adminsMayBypass } = environment;
  if (reviewers.length === 0) return `No gate: the environment ${name} asks nobody, so work starts as soon as it is sent.`;
  const who = `${reviewers.length > 1 ? "one of " : ""}${reviewers.join(", ")}`;
  if (!preventSelfReview) return `It waits for ${who}, but whoever asked may approve it alone: that is no second person.`;
  if (adminsMayBypass === true) return `It waits for ${who}, never whoever asked; administrators may pass without them.`;
  const unsaid = adminsMayBypass === null ? " Whether administrators may pass without them, GitHub does not tell." : "";
  return `It waits for ${who}, never whoever asked.${unsaid}`;
}
