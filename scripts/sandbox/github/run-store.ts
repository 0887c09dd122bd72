import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Conclusion, EventName, RunRecord, RunStatus, StepRecord } from "./engine-seam.ts";
import { readStored, writeStored } from "./stored-file.ts";

/** Every run, attempt, job, step and log line. A change is on disk before anyone can read it, so a kill never takes back an answer. */

export interface Annotation {
  readonly level: "notice" | "warning" | "error";
  readonly message: string;
}

/** What keeps a job waiting for a person, and what that person said. */
export interface JobReview {
  readonly environmentId: number;
  readonly since: string;
  readonly decision: "approved" | "rejected" | null;
}

/** A person's answer; one answer may be to several environments of the run. */
export interface Review {
  readonly environmentIds: readonly number[];
  readonly state: "approved" | "rejected";
  readonly login: string;
  readonly comment: string;
}

export interface JobState {
  readonly id: number;
  readonly attempt: number;
  readonly key: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly conclusion: Conclusion | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly steps: readonly StepRecord[];
  readonly annotations: readonly Annotation[];
  readonly summary: string;
  /** Absent when the job's environment asks nobody. */
  readonly review?: JobReview;
}

export interface AttemptState {
  readonly number: number;
  readonly triggeringActor: string;
  readonly status: RunStatus;
  readonly conclusion: Conclusion | null;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly jobs: readonly JobState[];
}

export interface RunState {
  readonly id: number;
  /** Rises by one per workflow. */
  readonly number: number;
  readonly workflowId: number;
  readonly path: string;
  readonly workflowName: string;
  readonly title: string;
  readonly event: EventName;
  readonly ref: string;
  readonly sha: string;
  readonly actor: string;
  readonly inputs: RunRecord["inputs"];
  readonly createdAt: string;
  readonly attempts: readonly AttemptState[];
  /** In the order in which they were given; absent before the first. */
  readonly reviews?: readonly Review[];
}

export interface NewRun extends Omit<RunState, "id" | "number" | "attempts" | "createdAt" | "reviews"> {
  readonly triggeringActor: string;
}

export interface RunStore {
  nextRunId(): number;
  nextJobId(): number;
  add(id: number, run: NewRun): RunState;
  find(id: number): RunState | undefined;
  findJob(id: number): { readonly run: RunState; readonly attempt: AttemptState; readonly job: JobState } | undefined;
  /** Newest first. */
  list(): readonly RunState[];
  change(id: number, change: (run: RunState) => RunState): RunState;
  changeAttempt(id: number, number: number, change: (attempt: AttemptState) => AttemptState): void;
  changeJob(jobId: number, change: (job: JobState) => JobState): void;
  appendLog(jobId: number, lines: readonly string[]): void;
  readLog(jobId: number): Buffer | null;
}

interface Counters {
  readonly run: number;
  readonly job: number;
  readonly numbers: Readonly<Record<string, number>>;
}

// As long as today's real ones, so that a client which keeps them in 32 bits fails here and not in production.
const firstRun = 19_000_000_000;
const firstJob = 54_000_000_000;

export function lastAttempt(run: RunState): AttemptState {
  const last = run.attempts.at(-1);
  if (last === undefined) throw new Error(`Run ${run.id} has no attempt`);
  return last;
}

export function recordOf(run: RunState): RunRecord {
  const attempt = lastAttempt(run);
  const { id, path, workflowName, title, event, ref, sha, actor, inputs, createdAt } = run;
  return {
    id,
    attempt: attempt.number,
    path,
    workflowName,
    title,
    event,
    ref,
    sha,
    actor,
    triggeringActor: attempt.triggeringActor,
    inputs,
    createdAt,
  };
}

export function openRunStore(folder: string, now: () => Date): RunStore {
  const runFolder = join(folder, "runs");
  const logFolder = join(folder, "logs");
  mkdirSync(runFolder, { recursive: true });
  mkdirSync(logFolder, { recursive: true });
  const countersFile = join(folder, "counters.json");
  let counters = readStored<Counters>(countersFile, { run: firstRun, job: firstJob, numbers: {} });
  const count = (next: Counters) => {
    writeStored(countersFile, next);
    counters = next;
  };

  const runs = new Map<number, RunState>();
  const jobs = new Map<number, number>();
  const remember = (run: RunState) => {
    runs.set(run.id, run);
    for (const attempt of run.attempts) for (const job of attempt.jobs) jobs.set(job.id, run.id);
  };
  const files = readdirSync(runFolder).filter((name) => name.endsWith(".json"));
  for (const run of files.map((name) => readStored<RunState | null>(join(runFolder, name), null))) if (run !== null) remember(run);

  const write = (run: RunState): RunState => {
    writeStored(join(runFolder, `${run.id}.json`), run);
    remember(run);
    return run;
  };
  const change = (id: number, alter: (run: RunState) => RunState): RunState => {
    const run = runs.get(id);
    if (run === undefined) throw new Error(`There is no run ${id}`);
    return write(alter(run));
  };
  const changeAttempt = (id: number, number: number, alter: (attempt: AttemptState) => AttemptState) => {
    const updatedAt = now().toISOString();
    change(id, (run) => ({
      ...run,
      attempts: run.attempts.map((attempt) => (attempt.number === number ? { ...alter(attempt), updatedAt } : attempt)),
    }));
  };
  const findJob = (id: number) => {
    const run = runs.get(jobs.get(id) ?? 0);
    for (const attempt of run?.attempts ?? []) {
      const job = attempt.jobs.find((candidate) => candidate.id === id);
      if (run !== undefined && job !== undefined) return { run, attempt, job };
    }
    return undefined;
  };
  const logFile = (jobId: number) => join(logFolder, `${jobId}.txt`);

  return {
    nextRunId() {
      count({ ...counters, run: counters.run + 1 });
      return counters.run;
    },
    nextJobId() {
      count({ ...counters, job: counters.job + 1 });
      return counters.job;
    },
    add(id, { triggeringActor, ...run }) {
      const number = (counters.numbers[run.path] ?? 0) + 1;
      count({ ...counters, numbers: { ...counters.numbers, [run.path]: number } });
      const createdAt = now().toISOString();
      return write({ ...run, id, number, createdAt, attempts: [newAttempt(1, triggeringActor, createdAt)] });
    },
    find: (id) => runs.get(id),
    findJob,
    list: () => [...runs.values()].sort((left, right) => right.id - left.id),
    change,
    changeAttempt,
    changeJob(jobId, alter) {
      const found = findJob(jobId);
      if (found === undefined) throw new Error(`There is no job ${jobId}`);
      changeAttempt(found.run.id, found.attempt.number, (attempt) => ({
        ...attempt,
        jobs: attempt.jobs.map((job) => (job.id === jobId ? alter(job) : job)),
      }));
    },
    appendLog(jobId, lines) {
      // GitHub stamps every line with seven digits of a second.
      const stamp = now().toISOString().replace("Z", "0000Z");
      appendFileSync(logFile(jobId), lines.map((line) => `${stamp} ${line}\n`).join(""));
    },
    readLog: (jobId) => (existsSync(logFile(jobId)) ? readFileSync(logFile(jobId)) : null),
  };
}

export function newAttempt(number: number, triggeringActor: string, at: string): AttemptState {
  return { number, triggeringActor, status: "queued", conclusion: null, startedAt: at, updatedAt: at, jobs: [] };
}
