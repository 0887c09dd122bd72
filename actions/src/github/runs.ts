import type { Progress } from "../domain/index.ts";
import { type GitHub, orNull } from "./client.ts";

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

/** Who agreed that a run may enter an environment, other than whoever started it. */
export async function approversOf(github: GitHub, origin: Origin, environment: string): Promise<readonly string[]> {
  if (origin.run === "local") return [];
  const run_id = Number(origin.run.split("/")[0]);
  const reviews = await github.rest.actions.getReviewsForRun({ ...github.repository, run_id });
  const agreed = reviews.data.filter(
    (review) => review.state === "approved" && review.environments.some(({ name }) => name?.toLowerCase() === environment),
  );
  return [...new Set(agreed.map((review) => review.user.login))].filter((login) => login !== origin.actor);
}

/** The request ids of runs that are not over, `except` this one. A workflow that GitHub does not know has none. */
export async function runningRequests(github: GitHub, workflows: readonly string[], except: string): Promise<ReadonlySet<string>> {
  const lists = await Promise.all(
    workflows.map((workflow_id) =>
      orNull(
        github.rest.actions.listWorkflowRuns({ ...github.repository, workflow_id, per_page: 100 }).then(({ data }) => data.workflow_runs),
      ),
    ),
  );
  const running = lists.flatMap((list) => list ?? []).filter((run) => run.status !== "completed" && String(run.id) !== except);
  return new Set(running.flatMap((run) => requestIdIn(run.display_title) ?? []));
}

/** A run that is over and did not succeed, as its last attempt tells. */
export interface BrokenRun {
  readonly id: number;
  readonly attempt: number;
  /** The name of its workflow's file. */
  readonly work: string;
  readonly title: string;
  readonly requestId: string;
  /** Who started this attempt; null where GitHub does not say. */
  readonly actor: string | null;
  readonly conclusion: string;
  readonly endedAt: string;
  readonly url: string;
}

/** Those among the newest requests at `branch` that are over without success. Runs of other branches may carry any title and are not looked at. */
export async function brokenRuns(github: GitHub, branch: string): Promise<readonly BrokenRun[]> {
  const filter = { branch, event: "workflow_dispatch", status: "completed", per_page: 100 } as const;
  const listed = await github.rest.actions.listWorkflowRunsForRepo({ ...github.repository, ...filter });
  return listed.data.workflow_runs.flatMap((run) => {
    const requestId = requestIdIn(run.display_title);
    const [, work] = /([^/]+)\.yml(@|$)/.exec(run.path) ?? [];
    if (requestId === null || work === undefined || run.conclusion === null || run.conclusion === "success") return [];
    return [
      {
        id: run.id,
        attempt: run.run_attempt ?? 1,
        work,
        title: run.display_title,
        requestId,
        actor: run.triggering_actor?.login ?? null,
        conclusion: run.conclusion,
        endedAt: run.updated_at,
        url: run.html_url,
      },
    ];
  });
}

/** How far the jobs of the run's last attempt came: one that waited for people and was not let in was never given a machine. */
export async function progressOf(github: GitHub, runId: number): Promise<Progress> {
  const { data } = await github.rest.actions.listJobsForWorkflowRun({
    ...github.repository,
    run_id: runId,
    filter: "latest",
    per_page: 100,
  });
  const begun = data.jobs.filter((job) => Boolean(job.runner_id) || (job.steps ?? []).length > 0);
  if (begun.length === 0) return "none";
  return begun.length < data.jobs.length && begun.every((job) => job.conclusion === "success") ? "between" : "within";
}

// The first one: what follows the bracket is a person's reason, which may hold anything.
const REQUEST = /\brequest ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:, incident ([A-Za-z0-9-]{1,64}))?\)/;

/** The id of the request that a run's title carries; null for a title that carries none. */
export function requestIdIn(title: string): string | null {
  return REQUEST.exec(title)?.[1] ?? null;
}

/** The incident that a run's title carries beside its request; null for a title that carries none. */
export function incidentIn(title: string): string | null {
  return REQUEST.exec(title)?.[2] ?? null;
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
