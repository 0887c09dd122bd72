/** Tells the store what happens and keeps the journal in step; falls silent once the engine is closed, so that a closing sandbox ends no run. */
import type { Conclusion, RunHost, RunRecord, RunStatus } from "../github/engine-seam.ts";
import type { Journal, JournalJob } from "./journal.ts";
import type { JobReport } from "./run-job.ts";

export interface RunReport {
  run(status: RunStatus, conclusion: Conclusion | null): Promise<void>;
  /** Makes the job's record, or takes up the one that an earlier life made. */
  queueJob(key: string, name: string): Promise<ReportedJob>;
  /** How a job ended in an earlier life of the run, which had then waited for people; it is not done a second time. */
  finished(key: string): { readonly conclusion: Conclusion; readonly outputs: Readonly<Record<string, string>> } | null;
}

export interface ReportedJob extends JobReport {
  readonly id: number;
  status(status: RunStatus, conclusion: Conclusion | null, outputs?: Readonly<Record<string, string>>): Promise<void>;
}

export function createRunReport(host: RunHost, run: RunRecord, journal: Journal, closed: () => boolean): RunReport {
  const { reporter } = host;
  const jobs = new Map<string, JournalJob>(journal.read(run.id, run.attempt).map((job) => [job.key, job]));
  const note = (key: string, id: number, changes: Partial<JournalJob>): void => {
    const before = jobs.get(key) ?? { id, key, status: "queued", conclusion: null, steps: [], outputs: {} };
    jobs.set(key, { ...before, ...changes });
    journal.write(run.id, run.attempt, [...jobs.values()]);
  };
  return {
    async run(status, conclusion) {
      if (closed()) return;
      await reporter.runStatus(run.id, status, conclusion);
      if (status === "completed") journal.remove(run.id);
    },
    finished(key) {
      const { status, conclusion = null, outputs = {} } = jobs.get(key) ?? {};
      return status === "completed" && conclusion !== null ? { conclusion, outputs } : null;
    },
    async queueJob(key, name) {
      const id = jobs.get(key)?.id ?? (await reporter.jobQueued(run.id, run.attempt, { key, name }));
      if (!closed()) note(key, id, {});
      return {
        id,
        async status(status, conclusion, outputs = {}) {
          if (closed()) return;
          note(key, id, { status, conclusion, outputs });
          await reporter.jobStatus(id, status, conclusion);
        },
        async steps(steps) {
          if (closed()) return;
          note(key, id, { steps });
          await reporter.steps(id, steps);
        },
        log(lines) {
          if (!closed()) reporter.log(id, lines);
        },
        async summary(markdown) {
          if (!closed()) await reporter.summary(id, markdown);
        },
        annotation(level, message) {
          if (!closed()) reporter.annotation(id, level, message);
        },
      };
    },
  };
}
