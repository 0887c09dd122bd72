/** The state of one job while it runs: what earlier steps left for later ones, and the ways out for text. */
import type { JobToken, RunHost, RunRecord } from "../github/engine-seam.ts";
import type { Json, Scope } from "./evaluate.ts";
import type { Masker } from "./mask.ts";
import type { Grace, Processes } from "./processes.ts";
import type { Job, RunDefaults } from "./workflow.ts";
import type { Level } from "./workflow-commands.ts";

export interface EngineSettings {
  /** Folder of the runner's state: work folders, journals, process numbers. */
  readonly stateDir: string;
  /** What the machine of a self-hosted runner would have in its environment, such as `AWS_ENDPOINT_URL_RDS`. */
  readonly runnerEnv: Readonly<Record<string, string>>;
  readonly grace: Grace;
  /** Milliseconds in a minute of `timeout-minutes`. */
  readonly minute: number;
  readonly now: () => Date;
  readonly processes: Processes;
  readonly intercept: ((step: InterceptedStep) => Fault | undefined) | undefined;
}

export interface InterceptedStep {
  readonly runId: number;
  readonly attempt: number;
  readonly job: string;
  readonly step: string;
}

/** Fails a step before it does anything, with these words in the log. */
export interface Fault {
  readonly fail: string;
}

export interface Session {
  readonly settings: EngineSettings;
  readonly host: RunHost;
  readonly run: RunRecord;
  readonly job: Job;
  /** Workflow's and job's `defaults.run`, the job's winning. */
  readonly defaults: RunDefaults;
  readonly owner: string;
  readonly workspace: string;
  readonly temp: string;
  readonly token: JobToken;
  readonly masker: Masker;
  readonly contexts: Scope["contexts"];
  readonly github: Readonly<Record<string, Json>>;
  /** Workflow and job `env`, then whatever steps wrote to GITHUB_ENV. */
  readonly env: Map<string, string>;
  /** Written to GITHUB_PATH, newest first. */
  readonly path: string[];
  readonly summaries: string[];
  cancelled: boolean;
  log(...lines: readonly string[]): void;
  annotate(level: Level, message: string): void;
}

export interface StepResult {
  readonly outputs: Readonly<Record<string, string>>;
  readonly outcome: "success" | "failure" | "cancelled" | "skipped";
  readonly conclusion: "success" | "failure" | "cancelled" | "skipped";
}

/** Where steps stand: directly in a job, or inside a composite action with inputs, environment and results of its own. */
export interface Frame {
  readonly inputs: Json | null;
  readonly actionPath: string | null;
  /** Written on the steps around it. */
  readonly env: Readonly<Record<string, string>>;
  readonly results: Map<string, StepResult>;
  /** Whether a step of this frame has failed. */
  failed: boolean;
  /** The frame of the step that uses the composite action. */
  readonly outer: Frame | null;
}

export function depthOf(frame: Frame): number {
  return frame.outer === null ? 0 : depthOf(frame.outer) + 1;
}

/** The job's status, which a composite action sees beside its own. */
function jobStatus(session: Session, frame: Frame): string {
  if (frame.outer !== null) return jobStatus(session, frame.outer);
  if (session.cancelled) return "cancelled";
  return frame.failed ? "failure" : "success";
}

export function stepEnv(session: Session, frame: Frame): Record<string, string> {
  return { ...Object.fromEntries(session.env), ...frame.env };
}

export function scopeOf(session: Session, frame: Frame, env: Readonly<Record<string, string>>): Scope {
  const failed = frame.failed;
  return {
    contexts: {
      ...session.contexts,
      github: { ...session.github, ...(frame.actionPath === null ? {} : { action_path: frame.actionPath }) },
      // Inside a composite action neither the job's secrets nor its inputs are in sight.
      ...(frame.inputs === null ? {} : { inputs: frame.inputs, secrets: null, needs: null, vars: null }),
      env: { ...env },
      job: { status: jobStatus(session, frame) },
      steps: Object.fromEntries([...frame.results].map(([id, result]) => [id, { ...result }])),
    },
    status: {
      success: !session.cancelled && !failed,
      failure: !session.cancelled && failed,
      cancelled: session.cancelled,
      always: true,
    },
  };
}
