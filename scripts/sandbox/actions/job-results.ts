/** What the results of jobs mean: for the conditions of later jobs and for the run. Pure. */
import type { Conclusion } from "../github/engine-seam.ts";
import type { StatusFunction } from "./evaluate.ts";
import type { Job, Workflow } from "./workflow.ts";

export interface JobResult {
  readonly result: "success" | "failure" | "cancelled" | "skipped";
  readonly outputs: Readonly<Record<string, string>>;
}

function ancestorsOf(workflow: Workflow, job: Job, seen: Set<string> = new Set()): ReadonlySet<string> {
  for (const need of job.needs) {
    const needed = workflow.jobs.find(({ id }) => id === need);
    if (needed === undefined || seen.has(need)) continue;
    seen.add(need);
    ancestorsOf(workflow, needed, seen);
  }
  return seen;
}

/** As on GitHub, `success()` of a job looks at all jobs before it, not only at those it names: one skipped far above skips it too. */
export function statusFor(
  workflow: Workflow,
  job: Job,
  finished: ReadonlyMap<string, JobResult>,
  cancelled: boolean,
): Record<StatusFunction, boolean> {
  const results = [...ancestorsOf(workflow, job)].map((id) => finished.get(id)?.result);
  return {
    success: !cancelled && results.every((result) => result === "success"),
    failure: !cancelled && results.includes("failure"),
    cancelled,
    always: true,
  };
}

export function concludeRun(finished: ReadonlyMap<string, JobResult>, cancelled: boolean): Conclusion {
  const results = [...finished.values()].map(({ result }) => result);
  if (cancelled) return "cancelled";
  if (results.includes("failure")) return "failure";
  if (results.includes("cancelled")) return "cancelled";
  return results.every((result) => result === "skipped") ? "skipped" : "success";
}
