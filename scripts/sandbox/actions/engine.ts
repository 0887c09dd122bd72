/**
 * The workflow engine of the sandbox's GitHub: executes the repository's own workflow files by starting real processes. It keeps no record of a run beyond
 * what a restart needs, decides nobody's rights, and refuses by name whatever lies outside `supported.ts`.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Engine, RunHost, RunRecord, StepRecord } from "../github/engine-seam.ts";
import { parseUses } from "./check-supported.ts";
import { runContext } from "./contexts.ts";
import { createJournal } from "./journal.ts";
import { loadLocalAction, loadWorkflow, planWorkflow, titleOf } from "./plan.ts";
import { createProcesses, GITHUB_GRACE, type Grace } from "./processes.ts";
import { createRunReport } from "./report-run.ts";
import { type RunningRun, startRun } from "./run-workflow.ts";
import type { EngineSettings, Fault, InterceptedStep } from "./session.ts";
import { createGroups, createWaitingLine } from "./waiting-line.ts";
import type { Workflow } from "./workflow.ts";

export interface EngineOptions {
  /** The sandbox's state folder; the engine keeps to `<stateDir>/runner`. */
  readonly stateDir: string;
  /** Environment of the machine that runs the jobs, such as `AWS_ENDPOINT_URL_RDS` and `PGSSLMODE`. */
  readonly runnerEnv?: Readonly<Record<string, string>>;
  /** Jobs executed at the same time, over all runs; 4 by default. */
  readonly runners?: number;
  readonly now?: () => Date;
  /** GitHub's by default: 7.5 s from SIGINT to SIGTERM, 2.5 s more to SIGKILL. */
  readonly grace?: Grace;
  /** Milliseconds in a minute of `timeout-minutes`, for tests. */
  readonly minute?: number;
  /** Asked before each step; an answer fails it. */
  readonly intercept?: (step: InterceptedStep) => Fault | undefined;
  /** Told when reporting itself failed; prints to stderr by default. */
  readonly onError?: (error: unknown) => void;
}

const SHUTDOWN =
  "The runner has received a shutdown signal. This can happen when the runner service is stopped, or a manually started runner is canceled.";

export function createEngine(options: EngineOptions): Engine {
  const stateDir = join(options.stateDir, "runner");
  mkdirSync(stateDir, { recursive: true });
  const processes = createProcesses(join(stateDir, "_processes"));
  // Whatever a killed sandbox left behind still holds its work folders and would go on writing.
  processes.killOrphans();
  const journal = createJournal(join(stateDir, "_journal"));
  const groups = createGroups();
  const runners = createWaitingLine(options.runners ?? 4);
  const runs = new Map<number, RunningRun>();
  const onError =
    options.onError ??
    ((error: unknown) => process.stderr.write(`workflow engine: ${error instanceof Error ? error.stack : String(error)}\n`));
  let closing = false;
  const closed = (): boolean => closing;
  const settings: EngineSettings = {
    stateDir,
    runnerEnv: options.runnerEnv ?? {},
    grace: options.grace ?? GITHUB_GRACE,
    minute: options.minute ?? 60_000,
    now: options.now ?? (() => new Date()),
    processes,
    intercept: options.intercept,
  };

  /** Local actions are read again from the job's own checkout; what the commit holds now is checked before anything has run. */
  const checkLocalActions = async (host: RunHost, sha: string, workflow: Workflow): Promise<void> => {
    const uses = workflow.jobs.flatMap((job) => job.steps.map((step) => (step.work.kind === "uses" ? parseUses(step.work.uses) : null)));
    const paths = new Set(uses.flatMap((each) => (each?.kind === "local" ? [join(each.path, "action.yml")] : [])));
    for (const path of paths) {
      const text = await host.readFile(sha, path);
      if (text !== null) loadLocalAction(text, path);
    }
  };

  const start = async (host: RunHost, run: RunRecord): Promise<void> => {
    if (closing) throw new Error("the workflow engine is closed");
    const text = await host.readFile(run.sha, run.path);
    if (text === null) throw new Error(`${run.path} does not exist at ${run.sha}`);
    const workflow = loadWorkflow(text, run.path);
    await checkLocalActions(host, run.sha, workflow);
    const report = createRunReport(host, run, journal, closed);
    const { crons } = planWorkflow(text, run.path);
    const running = startRun({ settings, host, run, workflow, crons, report, groups, runners, closed });
    runs.set(run.id, running);
    void running.done.catch(onError).finally(() => {
      if (runs.get(run.id) === running) runs.delete(run.id);
      if (!closing) rmSync(join(stateDir, String(run.id)), { recursive: true, force: true });
    });
  };

  const endInterrupted = async (host: RunHost, run: RunRecord): Promise<void> => {
    const at = settings.now().toISOString();
    for (const job of journal.read(run.id, run.attempt)) {
      if (job.status === "completed") continue;
      const interrupted = job.status === "in_progress";
      const steps = job.steps.map((step): StepRecord => {
        if (step.status === "completed") return step;
        return { ...step, status: "completed", completedAt: at, conclusion: step.status === "in_progress" ? "failure" : "skipped" };
      });
      host.reporter.log(job.id, [`##[error]${SHUTDOWN}`]);
      host.reporter.annotation(job.id, "error", SHUTDOWN);
      await host.reporter.steps(job.id, steps);
      await host.reporter.jobStatus(job.id, "completed", interrupted ? "failure" : "cancelled");
    }
    await host.reporter.runStatus(run.id, "completed", "failure");
    journal.remove(run.id);
    rmSync(join(stateDir, String(run.id)), { recursive: true, force: true });
  };

  return {
    plan: planWorkflow,
    title: (text, path, run) => titleOf(text, path, run, (workflow) => runContext(run, workflow)),
    start,
    async cancel(runId) {
      runs.get(runId)?.cancel();
    },
    async recover(host, known) {
      const open = known.filter(({ id, status }) => status !== "completed" && !runs.has(id));
      for (const run of open.filter(({ status }) => status === "in_progress")) await endInterrupted(host, run);
      for (const run of open
        .filter(({ status }) => status !== "in_progress")
        .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id - b.id)) {
        try {
          await start(host, run);
        } catch (error) {
          // One run whose commit is gone must not keep the others from starting again.
          onError(error);
          await host.reporter.runStatus(run.id, "completed", "failure");
        }
      }
    },
    async close() {
      closing = true;
      processes.close();
      for (const run of runs.values()) run.cancel();
      await Promise.allSettled([...runs.values()].map(({ done }) => done));
    },
  };
}
