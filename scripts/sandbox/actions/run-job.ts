/** Executes the steps of one job in a folder of its own and reports each of them as it begins and ends. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Conclusion, EnvironmentGrant, JobToken, RunHost, RunRecord, StepRecord } from "../github/engine-seam.ts";
import { runnerContext } from "./contexts.ts";
import { evaluateCondition, evaluateMapping, evaluateNumber, type Json } from "./evaluate.ts";
import { createMasker } from "./mask.ts";
import { runStep, stepTitle } from "./run-step.ts";
import { type EngineSettings, type Frame, type Session, scopeOf, stepEnv } from "./session.ts";
import type { Job, Step, Workflow } from "./workflow.ts";
import type { Level } from "./workflow-commands.ts";

/** GitHub's default for `timeout-minutes` of a job. */
const JOB_MINUTES = 360;

/** GitHub ends what still runs five minutes after a cancel, whatever its conditions say. */
const CANCEL_MINUTES = 5;

export interface JobReport {
  steps(steps: readonly StepRecord[]): Promise<void>;
  log(lines: readonly string[]): void;
  summary(markdown: string): Promise<void>;
  annotation(level: Level, message: string): void;
}

export interface JobRequest {
  readonly settings: EngineSettings;
  readonly host: RunHost;
  readonly run: RunRecord;
  readonly workflow: Workflow;
  readonly job: Job;
  /** `github` as far as the run decides it, and the event behind it. */
  readonly github: Readonly<Record<string, Json>>;
  readonly needs: Json;
  readonly permissions: Readonly<Record<string, string>>;
  readonly token: JobToken;
  readonly vars: Readonly<Record<string, string>>;
  readonly grant: EnvironmentGrant | null;
  readonly report: JobReport;
}

interface JobOutcome {
  readonly conclusion: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface RunningJob {
  readonly done: Promise<JobOutcome>;
  cancel(reason: string): void;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function folderOf({ settings, run, job }: JobRequest): string {
  return join(settings.stateDir, String(run.id), job.id);
}

function createSession(request: JobRequest): Session {
  const { settings, host, run, workflow, job, token, grant, report } = request;
  const folder = folderOf(request);
  rmSync(folder, { recursive: true, force: true });
  const workspace = join(folder, host.repository.name);
  const temp = join(folder, "_temp");
  const toolCache = join(settings.stateDir, "_tool");
  for (const path of [workspace, temp, toolCache]) mkdirSync(path, { recursive: true });
  const event = request.github.event ?? {};
  const eventPath = join(temp, "event.json");
  writeFileSync(eventPath, JSON.stringify(event, null, 2));
  const masker = createMasker();
  for (const secret of [token.token, token.identity?.requestToken ?? "", ...Object.values(grant?.secrets ?? {})]) masker.add(secret);
  const github = { ...request.github, action: "", event_path: eventPath, job: job.id, token: token.token, workspace };
  const contexts = {
    github,
    inputs: run.inputs,
    vars: { ...request.vars },
    secrets: { ...grant?.secrets, GITHUB_TOKEN: token.token },
    needs: request.needs,
    runner: runnerContext({ temp, toolCache }),
  };
  const session: Session = {
    settings,
    host,
    run,
    job,
    defaults: {
      shell: job.defaults.shell ?? workflow.defaults.shell,
      workingDirectory: job.defaults.workingDirectory ?? workflow.defaults.workingDirectory,
    },
    owner: `${run.id}/${job.id}`,
    workspace,
    temp,
    token,
    masker,
    contexts,
    github,
    env: new Map(),
    path: [],
    summaries: [],
    cancelled: false,
    log: (...lines) => report.log(lines.flatMap((line) => masker.clean(line).split("\n"))),
    annotate(level, message) {
      const clean = masker.clean(message);
      report.annotation(level, clean);
      report.log(`##[${level}]${clean}`.split("\n"));
    },
  };
  return session;
}

function setUp(request: JobRequest, session: Session): void {
  const { run, permissions, job, workflow } = request;
  session.log(
    "Current runner: the sandbox of Holdfast",
    "##[group]GITHUB_TOKEN Permissions",
    ...Object.entries(permissions).map(([scope, level]) => `${scope}: ${level}`),
    "##[endgroup]",
    `Node.js for actions: ${process.version}`,
    `Complete job name: ${job.id}`,
    `Run ${run.id}, attempt ${run.attempt}, at ${run.ref} (${run.sha})`,
  );
  for (const env of [workflow.env, job.env]) {
    for (const [name, value] of Object.entries(evaluateMapping(env, { contexts: session.contexts }))) session.env.set(name, value);
  }
}

function collectOutputs(session: Session, frame: Frame, job: Job): Record<string, string> {
  const all = evaluateMapping(job.outputs, scopeOf(session, frame, stepEnv(session, frame)));
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (session.masker.holds(value)) session.annotate("warning", `Skip output '${name}' since it may contain secret.`);
    else clean[name] = value;
  }
  return clean;
}

export function startJob(request: JobRequest): RunningJob {
  const { settings, job, report } = request;
  const session = createSession(request);
  const frame: Frame = { inputs: null, actionPath: null, env: {}, results: new Map(), failed: false, outer: null };
  const records: Mutable<StepRecord>[] = ["Set up job", ...job.steps.map((step) => stepTitle(step, null)), "Complete job"].map(
    (name, index) => ({
      number: index + 1,
      name,
      status: "queued",
      conclusion: null,
      startedAt: null,
      completedAt: null,
    }),
  );
  let current: { readonly step: Step; readonly stop: AbortController } | null = null;
  let abandoned = false;
  let deadline: NodeJS.Timeout | undefined;

  const now = (): string => settings.now().toISOString();
  const fail = (error: unknown): void => {
    frame.failed = true;
    session.annotate("error", error instanceof Error ? error.message : String(error));
  };
  const change = async (index: number, changes: Partial<StepRecord>): Promise<void> => {
    const record = records[index];
    if (record === undefined) return;
    Object.assign(record, changes);
    await report.steps(records.map((each) => ({ ...each })));
  };
  const begin = (index: number, name?: string): Promise<void> =>
    change(index, { status: "in_progress", startedAt: now(), ...(name === undefined ? {} : { name: session.masker.clean(name) }) });
  const end = (index: number, conclusion: Conclusion): Promise<void> =>
    change(index, { status: "completed", conclusion, completedAt: now() });

  const cancel = (reason: string): void => {
    if (session.cancelled) return;
    session.cancelled = true;
    session.annotate("error", reason);
    // As on GitHub, a running step whose condition still holds after the cancel, such as always(), is left to finish.
    if (current !== null && !evaluateCondition(current.step.condition, scopeOf(session, frame, stepEnv(session, frame))))
      current.stop.abort();
    setTimeout(() => {
      abandoned = true;
      current?.stop.abort();
    }, CANCEL_MINUTES * settings.minute).unref();
  };

  const runSteps = async (): Promise<void> => {
    for (const [index, step] of job.steps.entries()) {
      const at = index + 1;
      if (abandoned) {
        await end(at, "skipped");
        continue;
      }
      const stop = new AbortController();
      current = { step, stop };
      const result = await runStep(session, frame, step, stop.signal, (title) => begin(at, title));
      current = null;
      await end(at, result.conclusion);
    }
  };

  const prepare = async (): Promise<boolean> => {
    await begin(0);
    try {
      setUp(request, session);
      const minutes = job.timeoutMinutes === null ? JOB_MINUTES : evaluateNumber(job.timeoutMinutes, { contexts: session.contexts });
      deadline = setTimeout(() => cancel(`The job has exceeded the maximum execution time of ${minutes}m0s`), minutes * settings.minute);
      await end(0, "success");
      return true;
    } catch (error) {
      fail(error);
      await end(0, "failure");
      for (const index of job.steps.keys()) await end(index + 1, "skipped");
      return false;
    }
  };

  const complete = async (): Promise<Readonly<Record<string, string>>> => {
    const last = records.length - 1;
    await begin(last);
    let outputs: Readonly<Record<string, string>> = {};
    try {
      outputs = collectOutputs(session, frame, job);
    } catch (error) {
      fail(error);
    }
    session.log("Cleaning up orphan processes");
    settings.processes.kill(session.owner);
    if (session.summaries.length > 0) await report.summary(session.summaries.join("\n"));
    rmSync(folderOf(request), { recursive: true, force: true });
    await end(last, "success");
    return outputs;
  };

  const execute = async (): Promise<JobOutcome> => {
    if (await prepare()) await runSteps();
    clearTimeout(deadline);
    const outputs = await complete();
    if (session.cancelled) return { conclusion: "cancelled", outputs };
    return { conclusion: frame.failed ? "failure" : "success", outputs };
  };

  return { done: execute(), cancel };
}
