import type { Review } from "../domain/index.ts";
import type { GitHub } from "./client.ts";

/** Every decision about any attempt of the run; GitHub does not say when each was made. Throws where it does not say who made it. */
export async function readReviews(github: GitHub, runId: number): Promise<readonly Review[]> {
  const { data } = await github.rest.actions.getReviewsForRun({ ...github.repository, run_id: runId });
  return data.flatMap(({ state, user, comment, environments }) => {
    if (state === "pending") return [];
    if (!user?.login) throw new Error(`GitHub does not say who ${state} run ${runId}`);
    return [{ decision: state, login: user.login, comment, environments: environments.flatMap(({ name }) => name ?? []) }];
  });
}
