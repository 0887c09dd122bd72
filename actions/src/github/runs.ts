import type { GitHub } from "./client.ts";

/** Who GitHub says is behind this work, and which run it is: the record's actor is never an input. */
export interface Origin {
  readonly actor: string;
  /** `<run id>/<attempt>`, or `local` for a worker started by hand. */
  readonly run: string;
  readonly attempt: number;
  /** Where people can look at the run; null outside Actions. */
  readonly url: string | null;
}

export async function readOrigin(github: GitHub, runId: string | undefined): Promise<Origin> {
  if (runId === undefined) {
    const user = await github.rest.users.getAuthenticated();
    return { actor: user.data.login, run: "local", attempt: 1, url: null };
  }
  const run = await github.rest.actions.getWorkflowRun({ ...github.repository, run_id: Number(runId) });
  const actor = run.data.triggering_actor?.login;
  if (!actor) throw new Error(`GitHub does not say who started run ${runId}, and the record needs a person; nothing was done`);
  const attempt = run.data.run_attempt ?? 1;
  return { actor, run: `${runId}/${attempt}`, attempt, url: run.data.html_url };
}

/** Titles of a workflow's newest runs: each carries its request id, which is how a lost answer is found again. */
export async function recentTitles(github: GitHub, workflow: string): Promise<readonly string[]> {
  const runs = await github.rest.actions.listWorkflowRuns({ ...github.repository, workflow_id: workflow, per_page: 100 });
  return runs.data.workflow_runs.map((run) => run.display_title);
}

/** Whether a workflow ended well on exactly this commit. */
export async function passed(github: GitHub, workflow: string, commit: string): Promise<boolean> {
  const runs = await github.rest.actions.listWorkflowRuns({
    ...github.repository,
    workflow_id: workflow,
    head_sha: commit,
    status: "success",
    per_page: 1,
  });
  return runs.data.workflow_runs.some((run) => run.head_sha === commit && run.conclusion === "success");
}

export async function dispatch(github: GitHub, workflow: string, ref: string, inputs: Readonly<Record<string, string>>): Promise<void> {
  await github.rest.actions.createWorkflowDispatch({ ...github.repository, workflow_id: workflow, ref, inputs: { ...inputs } });
}
