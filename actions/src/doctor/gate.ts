import type { EnvironmentFacts, RepositoryFacts } from "./facts.ts";

export type Gate =
  | { readonly gated: true; readonly by: string }
  /** `certain` false: nobody can tell, which is not a gate either. */
  | { readonly gated: false; readonly certain: boolean; readonly why: string };

/** GitHub's plans on which a private repository's reviewers are asked at all. */
const GATING_PLANS = ["enterprise", "business_plus"];

/** Whether entering the environment takes a second person. What GitHub lists but does not enforce is no gate. */
export function gateOf(environment: EnvironmentFacts, repository: Pick<RepositoryFacts, "private" | "plan">): Gate {
  const { reviewers, preventSelfReview, adminsBypass } = environment;
  const open = (why: string, certain = true): Gate => ({ gated: false, certain, why });
  if (reviewers.length === 0) return open("it names no reviewer, so nobody is asked");
  if (!preventSelfReview) return open("whoever asks may approve it alone");
  if (repository.private && repository.plan === null)
    return open("reviewers of a private repository are asked on GitHub Enterprise only, and GitHub does not say which plan this is", false);
  if (repository.private && repository.plan !== null && !GATING_PLANS.includes(repository.plan))
    return open(`GitHub asks no reviewer of a private repository on the plan ${repository.plan}`);
  if (adminsBypass === true) return open("administrators may pass it by");
  return { gated: true, by: reviewers.join(", ") };
}
