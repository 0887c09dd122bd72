/** Who GitHub says wrote files and who stood behind a run: what decides who may not approve is never taken from anybody's input. */
import type { GitHub } from "./client.ts";

/** Everybody who wrote a commit of one of these files that `commit` contains; throws where GitHub does not know somebody. */
export async function authorsOf(github: GitHub, commit: string, paths: readonly string[]): Promise<readonly string[]> {
  const authors = new Set<string>();
  for (const path of paths) {
    const commits = await github.paginate(github.rest.repos.listCommits, { ...github.repository, sha: commit, path, per_page: 100 });
    if (commits.length === 0) throw new Error(`GitHub knows no commit of ${path} in ${commit}`);
    for (const { author, sha } of commits) {
      const login = author !== null && "login" in author ? author.login : undefined;
      if (!login)
        throw new Error(`GitHub does not know who wrote ${path} in commit ${sha}; its author's address must belong to an account`);
      authors.add(login);
    }
  }
  return [...authors].toSorted();
}

/** Everybody who started the run or an attempt of it. */
export async function requestersOf(github: GitHub, runId: number, attempts: number): Promise<readonly string[]> {
  const found = new Set<string>();
  for (let attempt_number = 1; attempt_number <= attempts; attempt_number += 1) {
    const { data } = await github.rest.actions.getWorkflowRunAttempt({ ...github.repository, run_id: runId, attempt_number });
    for (const login of [data.actor?.login, data.triggering_actor?.login]) {
      if (!login) throw new Error(`GitHub does not say who started attempt ${attempt_number} of run ${runId}`);
      found.add(login);
    }
  }
  return [...found];
}
