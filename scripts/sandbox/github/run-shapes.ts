import type { Git } from "./git.ts";
import { readCommit } from "./git-objects.ts";
import { actionsBot, userJson } from "./people.ts";
import { minimalRepositoryJson, nodeId, type View } from "./repository.ts";
import type { AttemptState, JobState, RunState } from "./run-store.ts";
import type { WorkflowEntry } from "./workflows.ts";

/** Runs, jobs and workflows as GitHub's REST API shows them. */

const seconds = (at: string): string => `${at.slice(0, 19)}Z`;
const maybe = (at: string | null): string | null => (at === null ? null : seconds(at));
export const branchOf = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, "");

function actorJson(login: string, { people, urls }: View): Record<string, unknown> {
  return userJson(people.find(login) ?? { ...actionsBot, login, id: 0, type: "User" }, urls);
}

export async function runJson(run: RunState, attempt: AttemptState, view: View, git: Git): Promise<Record<string, unknown>> {
  const { base, html } = view;
  const url = `${base}/actions/runs/${run.id}`;
  const head = await readCommit(git, run.sha);
  const repository = minimalRepositoryJson(view);
  return {
    id: run.id,
    name: run.workflowName,
    node_id: nodeId("WorkflowRun", run.id),
    head_branch: branchOf(run.ref),
    head_sha: run.sha,
    path: run.path,
    display_title: run.title,
    run_number: run.number,
    run_attempt: attempt.number,
    event: run.event,
    status: attempt.status,
    conclusion: attempt.conclusion,
    workflow_id: run.workflowId,
    url,
    html_url: attempt.number > 1 ? `${html}/actions/runs/${run.id}/attempts/${attempt.number}` : `${html}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: seconds(run.createdAt),
    updated_at: seconds(attempt.updatedAt),
    run_started_at: seconds(attempt.startedAt),
    actor: actorJson(run.actor, view),
    triggering_actor: actorJson(attempt.triggeringActor, view),
    referenced_workflows: [],
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${base}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: attempt.number > 1 ? `${url}/attempts/${attempt.number - 1}` : null,
    workflow_url: `${base}/actions/workflows/${run.workflowId}`,
    head_commit:
      head === null
        ? null
        : {
            id: head.sha,
            tree_id: head.tree,
            message: head.message,
            timestamp: head.committer.date,
            author: { name: head.author.name, email: head.author.email },
            committer: { name: head.committer.name, email: head.committer.email },
          },
    repository,
    head_repository: repository,
  };
}

export function jobJson(job: JobState, run: RunState, { base, html }: View): Record<string, unknown> {
  // A job that ended while it waited has a time of start at GitHub, and neither steps nor a machine.
  const began = job.status === "in_progress" || job.steps.length > 0;
  return {
    id: job.id,
    run_id: run.id,
    run_url: `${base}/actions/runs/${run.id}`,
    run_attempt: job.attempt,
    workflow_name: run.workflowName,
    head_branch: branchOf(run.ref),
    head_sha: run.sha,
    node_id: nodeId("CheckRun", job.id),
    url: `${base}/actions/jobs/${job.id}`,
    html_url: `${html}/actions/runs/${run.id}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: seconds(job.createdAt),
    started_at: seconds(job.startedAt ?? job.createdAt),
    completed_at: maybe(job.completedAt),
    name: job.name,
    steps: job.steps.map((step) => ({
      name: step.name,
      status: step.status,
      conclusion: step.conclusion,
      number: step.number,
      started_at: maybe(step.startedAt),
      completed_at: maybe(step.completedAt),
    })),
    check_run_url: `${base}/check-runs/${job.id}`,
    labels: [],
    runner_id: began ? 1 : null,
    runner_name: began ? "sandbox" : null,
    runner_group_id: began ? 1 : null,
    runner_group_name: began ? "Default" : null,
  };
}

export function workflowJson(entry: WorkflowEntry, name: string, state: string, { base, html, repository }: View): Record<string, unknown> {
  const file = entry.path.split("/").at(-1) ?? entry.path;
  return {
    id: entry.id,
    node_id: nodeId("Workflow", entry.id),
    name,
    path: entry.path,
    state,
    created_at: seconds(entry.createdAt),
    updated_at: seconds(entry.createdAt),
    url: `${base}/actions/workflows/${entry.id}`,
    html_url: `${html}/blob/${repository.defaultBranch}/${entry.path}`,
    badge_url: `${html}/actions/workflows/${file}/badge.svg`,
  };
}
