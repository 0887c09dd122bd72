import { ApiError } from "./answer.ts";
import type { EnvironmentGrant, EnvironmentRefusal, EnvironmentReview, RunRecord } from "./engine-seam.ts";
import type { Environment, Environments } from "./environments.ts";
import { type JobState, lastAttempt, type Review, type RunState, type RunStore } from "./run-store.ts";

/**
 * Required reviewers: which jobs wait for whom, and what was decided. A decision is on disk before the job hears of it, so that a job which a killed
 * sandbox left waiting is neither asked about twice nor started unasked.
 */

export interface PendingDeployment {
  readonly environment: Environment;
  readonly jobs: readonly JobState[];
}

export interface Decision {
  readonly environmentIds: readonly number[];
  readonly state: "approved" | "rejected";
  readonly comment: string;
}

export interface Reviews {
  /** What the engine is told when a job asks for an environment. */
  enter(run: RunRecord, jobId: number, name: string): EnvironmentGrant | EnvironmentRefusal | EnvironmentReview;
  /** By environment: the jobs of the run's last attempt that wait for it. */
  pending(run: RunState): readonly PendingDeployment[];
  mayDecide(run: RunState, environment: Environment, login: string): boolean;
  /** Throws in GitHub's words when there is nothing there that this person may decide. */
  decide(run: RunState, login: string, decision: Decision): readonly PendingDeployment[];
  /** Fails what nobody decided in time. */
  expire(): void;
}

// GitHub fails a job that nobody approved for so long.
const longestWaitMs = 30 * 24 * 60 * 60 * 1000;

/** GitHub's annotation, the same for a rejection and for a wait that was over. */
const notPassed = "The deployment was rejected or didn't satisfy other protection rules.";

export function openReviews(store: RunStore, environments: Environments, now: () => Date): Reviews {
  const waiting = new Map<number, () => void>();

  const undecided = (job: JobState): boolean => job.review?.decision === null && job.status !== "completed";
  const late = (since: string): boolean => now().getTime() - Date.parse(since) >= longestWaitMs;
  /** One write for the answer and what it means for the jobs, so that a kill never leaves one without the other. */
  const settle = (run: RunState, jobs: readonly JobState[], decision: "approved" | "rejected", review: readonly Review[]): void => {
    const decided = (job: JobState): JobState =>
      job.review !== undefined && jobs.some(({ id }) => id === job.id) ? { ...job, review: { ...job.review, decision } } : job;
    store.change(run.id, (stored) => ({
      ...stored,
      ...(review.length === 0 ? {} : { reviews: [...(stored.reviews ?? []), ...review] }),
      attempts: stored.attempts.map((attempt) => ({ ...attempt, jobs: attempt.jobs.map(decided) })),
    }));
    for (const { id } of jobs) waiting.get(id)?.();
  };

  const expire = (): void => {
    for (const run of store.list()) {
      const jobs = lastAttempt(run).jobs.filter((job) => undecided(job) && job.review !== undefined && late(job.review.since));
      if (jobs.length > 0) settle(run, jobs, "rejected", []);
    }
  };

  const pending = (run: RunState): readonly PendingDeployment[] => {
    const jobs = lastAttempt(run).jobs.filter(undecided);
    return environments.list().flatMap((environment) => {
      const asking = jobs.filter(({ review }) => review?.environmentId === environment.id);
      return asking.length === 0 ? [] : [{ environment, jobs: asking }];
    });
  };

  const mayDecide = (run: RunState, { reviewers, preventSelfReview }: Environment, login: string): boolean => {
    const same = (other: string) => other.toLowerCase() === login.toLowerCase();
    return reviewers.some(same) && !(preventSelfReview && same(lastAttempt(run).triggeringActor));
  };

  return {
    expire,
    pending,
    mayDecide,
    enter(run, jobId, name) {
      const { environment, answer } = environments.enter(name, run.ref);
      const before = store.findJob(jobId)?.job.review;
      if ("refused" in answer || environment.reviewers.length === 0 || before?.decision === "approved") return answer;
      if (before?.decision === "rejected") return { refused: notPassed };
      const review = { environmentId: environment.id, since: before?.since ?? now().toISOString(), decision: null };
      store.changeJob(jobId, (job) => ({ ...job, review }));
      const decided = new Promise<EnvironmentGrant | EnvironmentRefusal>((resolve) => {
        waiting.set(jobId, () => {
          waiting.delete(jobId);
          const approved = store.findJob(jobId)?.job.review?.decision === "approved";
          // What the environment holds at the moment of consent is what the job gets.
          resolve(approved ? environments.enter(name, run.ref).answer : { refused: notPassed });
        });
      });
      expire();
      return { decided, withdraw: () => void waiting.delete(jobId) };
    },
    decide(run, login, { environmentIds, state, comment }) {
      expire();
      const known = store.find(run.id) ?? run;
      const asked = pending(known).filter(
        ({ environment }) => environmentIds.includes(environment.id) && mayDecide(known, environment, login),
      );
      if (asked.length === 0) throw new ApiError(422, "Validation Failed", "No pending deployment requests to approve or reject");
      const review = { environmentIds: asked.map(({ environment }) => environment.id), state, login, comment };
      settle(
        known,
        asked.flatMap(({ jobs }) => jobs),
        state,
        [review],
      );
      return asked;
    },
  };
}
