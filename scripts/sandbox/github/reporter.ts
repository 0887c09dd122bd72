import type { RunReporter } from "./engine-seam.ts";
import type { RunStore } from "./run-store.ts";

/** Writes down what the engine says. A job that ends takes its token with it. */
export function reporterOf(store: RunStore, now: () => Date, jobEnded: (jobId: number) => void): RunReporter {
  const attemptOf = (runId: number) => {
    const last = store.find(runId)?.attempts.at(-1);
    if (last === undefined) throw new Error(`The engine reports on run ${runId}, which does not exist`);
    return last.number;
  };
  return {
    async runStatus(runId, status, conclusion) {
      store.changeAttempt(runId, attemptOf(runId), (attempt) => ({ ...attempt, status, conclusion }));
    },
    async jobQueued(runId, attempt, { key, name }) {
      const jobs = store.find(runId)?.attempts.find(({ number }) => number === attempt)?.jobs ?? [];
      const unfinished = jobs.find((job) => job.key === key && job.status !== "completed");
      if (unfinished !== undefined) return unfinished.id;
      const id = store.nextJobId();
      const createdAt = now().toISOString();
      const times = { createdAt, startedAt: null, completedAt: null };
      const job = {
        id,
        attempt,
        key,
        name,
        status: "queued",
        conclusion: null,
        ...times,
        steps: [],
        annotations: [],
        summary: "",
      } as const;
      store.changeAttempt(runId, attempt, (state) => ({ ...state, jobs: [...state.jobs, job] }));
      return id;
    },
    async jobStatus(jobId, status, conclusion) {
      const at = now().toISOString();
      store.changeJob(jobId, (job) => ({
        ...job,
        status,
        conclusion,
        startedAt: job.startedAt ?? (status === "in_progress" || status === "completed" ? at : null),
        completedAt: status === "completed" ? at : null,
      }));
      if (status === "completed") jobEnded(jobId);
    },
    async steps(jobId, steps) {
      store.changeJob(jobId, (job) => ({ ...job, steps }));
    },
    log: (jobId, lines) => store.appendLog(jobId, lines),
    async summary(jobId, markdown) {
      store.changeJob(jobId, (job) => ({ ...job, summary: markdown }));
    },
    annotation(jobId, level, message) {
      store.changeJob(jobId, (job) => ({ ...job, annotations: [...job.annotations, { level, message }] }));
    },
  };
}
