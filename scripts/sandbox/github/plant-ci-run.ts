import { type JobState, lastAttempt, type RunState, type RunStore } from "./run-store.ts";
import type { Workflows } from "./workflows.ts";

/** A laptop has no hosted CI: what asks "did the checks pass for this commit" finds a run that says where it comes from. */

const path = ".github/workflows/ci.yml";
const by = "holdfast-sandbox";
const title = "Planted by the sandbox: no checks were run for this";

export interface CiRun {
  readonly sha: string;
  readonly ref: string;
  readonly now: () => Date;
}

export function plantCiRun(store: RunStore, workflows: Workflows, { sha, ref, now }: CiRun): RunState {
  const standing = store.list().find((run) => run.path === path && run.sha === sha && run.title === title);
  if (standing !== undefined) return standing;
  const workflowId = workflows.entry(path).id;
  const run = store.add(store.nextRunId(), {
    workflowId,
    path,
    workflowName: "CI",
    title,
    event: "push",
    ref,
    sha,
    actor: by,
    inputs: {},
    triggeringActor: by,
  });
  const at = now().toISOString();
  const job: JobState = {
    id: store.nextJobId(),
    attempt: 1,
    key: "planted",
    name: "planted by the sandbox",
    status: "completed",
    conclusion: "success",
    createdAt: at,
    startedAt: at,
    completedAt: at,
    steps: [],
    annotations: [{ level: "notice", message: title }],
    summary: "",
  };
  store.changeAttempt(run.id, lastAttempt(run).number, (attempt) => ({
    ...attempt,
    status: "completed",
    conclusion: "success",
    jobs: [job],
  }));
  return store.find(run.id) ?? run;
}
