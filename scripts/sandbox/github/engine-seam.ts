/**
 * Where the sandbox's GitHub (which keeps runs and answers questions about them) meets its workflow engine (which executes them).
 * The store owns every record; the engine only reports what happened, so a run read over HTTP is never ahead of what is on disk.
 */

export type Conclusion = "success" | "failure" | "cancelled" | "skipped" | "timed_out";
export type RunStatus = "queued" | "pending" | "waiting" | "in_progress" | "completed";
export type EventName = "workflow_dispatch" | "schedule" | "push";

export interface StepRecord {
  readonly number: number;
  readonly name: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: Conclusion | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
}

export interface RunRecord {
  readonly id: number;
  readonly attempt: number;
  /** The workflow's file, for example `.github/workflows/snapshot.yml`. */
  readonly path: string;
  readonly workflowName: string;
  /** The evaluated `run-name`, or GitHub's default. */
  readonly title: string;
  readonly event: EventName;
  /** `refs/heads/production` */
  readonly ref: string;
  readonly sha: string;
  readonly actor: string;
  readonly triggeringActor: string;
  readonly inputs: Readonly<Record<string, string | boolean | number>>;
  readonly createdAt: string;
}

/** What the engine reads out of a workflow file without running it. */
export interface WorkflowPlan {
  readonly name: string;
  readonly events: readonly EventName[];
  readonly dispatchInputs: readonly DispatchInput[];
  readonly crons: readonly string[];
  readonly push: { readonly branches: readonly string[]; readonly paths: readonly string[] } | null;
}

export interface DispatchInput {
  readonly name: string;
  readonly type: "string" | "boolean" | "choice" | "number" | "environment";
  readonly required: boolean;
  readonly default: string | boolean | number | null;
  readonly options: readonly string[];
}

export interface JobToken {
  readonly token: string;
  /** Bearer and address for an identity token, only when the job has `id-token: write`. */
  readonly identity: { readonly requestUrl: string; readonly requestToken: string } | null;
}

export interface EnvironmentGrant {
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Why a job may not enter an environment, in GitHub's words. */
export interface EnvironmentRefusal {
  readonly refused: string;
}

/** An environment that people open: nothing of it is given before one of them has agreed. */
export interface EnvironmentReview {
  readonly decided: Promise<EnvironmentGrant | EnvironmentRefusal>;
  /** The job waits no longer, because its run was cancelled or the engine closes; `decided` then never settles. */
  withdraw(): void;
}

/** Everything the engine asks of the store. */
export interface RunHost {
  readonly repository: {
    readonly owner: string;
    readonly name: string;
    readonly id: number;
    readonly ownerId: number;
    readonly gitDir: string;
    readonly defaultBranch: string;
  };
  readonly urls: { readonly api: string; readonly server: string; readonly graphql: string };
  readFile(sha: string, path: string): Promise<string | null>;
  repositoryVars(): Readonly<Record<string, string>>;
  /** Grants an environment to a job, refuses it (branch policy), or has the job wait for a reviewer. Asked again after a restart, it remembers. */
  enterEnvironment(run: RunRecord, jobId: number, name: string): EnvironmentGrant | EnvironmentRefusal | EnvironmentReview;
  issueJobToken(
    run: RunRecord,
    job: { readonly id: number; readonly name: string; readonly environment: string | null },
    permissions: Readonly<Record<string, string>>,
  ): JobToken;
  /** Keeps what a job uploads; throws in GitHub's words when the run has one of that name. */
  storeArtifact(
    run: RunRecord,
    artifact: { readonly name: string; readonly zip: Buffer; readonly retentionDays: number },
  ): { readonly id: number; readonly digest: string };
  revokeJobToken(token: string): void;
  reporter: RunReporter;
}

export interface RunReporter {
  runStatus(runId: number, status: RunStatus, conclusion: Conclusion | null): Promise<void>;
  /** Creates the job's record and returns its id; a job of that key which an earlier life left unfinished is taken up again. */
  jobQueued(runId: number, attempt: number, job: { readonly key: string; readonly name: string }): Promise<number>;
  jobStatus(jobId: number, status: RunStatus, conclusion: Conclusion | null): Promise<void>;
  steps(jobId: number, steps: readonly StepRecord[]): Promise<void>;
  log(jobId: number, lines: readonly string[]): void;
  summary(jobId: number, markdown: string): Promise<void>;
  annotation(jobId: number, level: "notice" | "warning" | "error", message: string): void;
}

/** Thrown by `plan` and `start` for syntax or actions outside the declared subset; the store answers 500 with the message. */
export class UnsupportedWorkflow extends Error {
  override readonly name = "UnsupportedWorkflow";
}

export interface Engine {
  /** Reads a workflow; throws UnsupportedWorkflow, or Error with the parser's words when the file is not a workflow. */
  plan(text: string, path: string): WorkflowPlan;
  /** The evaluated `run-name`, or the default title GitHub would give. */
  title(text: string, path: string, run: Omit<RunRecord, "title" | "workflowName">): string;
  /** Queues a run and returns at once; what happens is reported. */
  start(host: RunHost, run: RunRecord): Promise<void>;
  /** Asks a run to stop, as GitHub's cancel does. */
  cancel(runId: number): Promise<void>;
  /** After a crash of the host: ends what was in progress, starts what was queued. */
  recover(host: RunHost, runs: readonly (RunRecord & { readonly status: RunStatus })[]): Promise<void>;
  /** Stops executing; children are ended; resolves when nothing runs. */
  close(): Promise<void>;
}
