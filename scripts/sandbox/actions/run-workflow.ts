/** Executes one run: its concurrency group, its jobs in the order of their needs, their environments, and the run's conclusion from theirs. */
import type { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";
import type { Conclusion, EnvironmentGrant, EnvironmentRefusal, RunHost, RunRecord } from "../github/engine-seam.ts";
import { eventPayload, githubContext } from "./contexts.ts";
import { evaluateBoolean, evaluateCondition, evaluateText, type Json, type Scope } from "./evaluate.ts";
import { concludeRun, type JobResult, statusFor } from "./job-results.ts";
import type { ReportedJob, RunReport } from "./report-run.ts";
import { type RunningJob, startJob } from "./run-job.ts";
import type { EngineSettings } from "./session.ts";
import type { Seat, Ticket, WaitingLine } from "./waiting-line.ts";
import { child, type Job, textOf, type Workflow } from "./workflow.ts";

export interface RunRequest {
  readonly settings: EngineSettings;
  readonly host: RunHost;
  readonly run: RunRecord;
  readonly workflow: Workflow;
  readonly crons: readonly string[];
  readonly report: RunReport;
  readonly groups: (name: string) => WaitingLine;
  readonly runners: WaitingLine;
  readonly closed: () => boolean;
}

export interface RunningRun {
  readonly done: Promise<void>;
  cancel(): void;
}

/** What GITHUB_TOKEN may do where no `permissions:` is written, as in a repository with the restricted default. */
const DEFAULT_PERMISSIONS: Readonly<Record<string, string>> = { contents: "read", packages: "read" };

const CANCELLED = "The operation was canceled.";

interface Group {
  readonly name: string;
  readonly queue: "single" | "max";
  readonly cancelInProgress: boolean;
}

function readGroup(token: TemplateToken | null, scope: Scope): Group | null {
  if (token === null) return null;
  const cancel = child(token, "cancel-in-progress");
  const name = evaluateText(child(token, "group") ?? token, scope);
  if (name === "") return null;
  return {
    name,
    queue: textOf(child(token, "queue")) === "max" ? "max" : "single",
    cancelInProgress: cancel !== null && evaluateBoolean(cancel, scope),
  };
}

function resultOf(conclusion: Conclusion): JobResult["result"] {
  return conclusion === "timed_out" ? "failure" : conclusion;
}

export function startRun(request: RunRequest): RunningRun {
  const { settings, host, run, workflow, report, groups, runners, closed } = request;
  const github = githubContext(host, run, workflow.name, eventPayload(host, run, request.crons));
  const vars = host.repositoryVars();
  const base = { github, inputs: run.inputs, vars: { ...vars } };
  const finished = new Map<string, JobResult>();
  /** Everything to be told of a cancel: waiting places that are given up, running jobs that end. */
  const listeners = new Set<() => void>();
  let cancelled = false;
  let begun = false;
  /** Jobs by record: at work, and waiting for people. */
  const working = new Set<number>();
  const reviewed = new Set<number>();

  const cancel = (): void => {
    cancelled = true;
    for (const listener of [...listeners]) listener();
  };

  const runGroup = readGroup(workflow.concurrency, { contexts: base });
  // Taken before anything is awaited, so that runs line up in the order in which they were started.
  const runSeat = runGroup === null ? null : groups(runGroup.name).enter({ ...runGroup, onSuperseded: cancel });

  const needsOf = (job: Job): Record<string, Json> =>
    Object.fromEntries(job.needs.map((need) => [need, { ...(finished.get(need) ?? { result: "skipped", outputs: {} }) }]));

  const wanted = (job: Job): boolean =>
    evaluateCondition(job.condition, {
      contexts: { ...base, needs: needsOf(job) },
      status: statusFor(workflow, job, finished, cancelled),
    });

  /** Waits for a place; a cancelled run gives it up unless the job's condition holds even then. */
  const waitFor = async (
    line: WaitingLine,
    ticket: Ticket,
    stillWanted: () => boolean,
    nudges: Set<() => void>,
    onWait: () => Promise<void>,
  ): Promise<Seat | "superseded" | "withdrawn"> => {
    const seat = line.enter(ticket);
    const withdraw = (): void => {
      if (seat.waiting() && !stillWanted()) seat.leave();
    };
    listeners.add(withdraw);
    nudges.add(withdraw);
    try {
      // A cancel that came before there was a place to give up found nobody to tell.
      if (cancelled) withdraw();
      if (seat.waiting()) await onWait();
      const outcome = await seat.admitted;
      return outcome === "admitted" ? seat : outcome;
    } catch (error) {
      seat.leave();
      throw error;
    } finally {
      listeners.delete(withdraw);
      nudges.delete(withdraw);
    }
  };

  /** What GitHub shows of a run: at work while any job is, waiting for people when only they can go on. */
  const showRun = async (): Promise<void> => {
    if (working.size > 0) await report.run("in_progress", null);
    else if (reviewed.size > 0) await report.run("waiting", null);
    else await report.run(begun ? "in_progress" : "queued", null);
  };

  /** Waits for people where the environment asks for them. Whoever waits holds the job's concurrency group, as on GitHub. */
  const enterEnvironment = async (
    name: string,
    reported: ReportedJob,
    stillWanted: () => boolean,
    nudges: Set<() => void>,
  ): Promise<EnvironmentGrant | EnvironmentRefusal | "withdrawn"> => {
    const answer = host.enterEnvironment(run, reported.id, name);
    if (!("decided" in answer)) return answer;
    let leave = (): void => {};
    const left = new Promise<"withdrawn">((resolve) => {
      leave = () => resolve("withdrawn");
    });
    const withdraw = (): void => {
      // A job that runs whatever happens would keep a closing sandbox waiting for its reviewer.
      if (closed() || !stillWanted()) leave();
    };
    listeners.add(withdraw);
    nudges.add(withdraw);
    reviewed.add(reported.id);
    try {
      if (cancelled) withdraw();
      await reported.status("waiting", null);
      await showRun();
      const outcome = await Promise.race([answer.decided, left]);
      if (outcome === "withdrawn") answer.withdraw();
      reviewed.delete(reported.id);
      await showRun();
      return outcome;
    } finally {
      listeners.delete(withdraw);
      nudges.delete(withdraw);
      reviewed.delete(reported.id);
    }
  };

  const executeJob = async (job: Job, name: string, scope: Scope, reported: ReportedJob): Promise<JobResult> => {
    const seats: Seat[] = [];
    let token: string | null = null;
    const end = async (conclusion: Conclusion, outputs: JobResult["outputs"] = {}, reason?: string): Promise<JobResult> => {
      if (reason !== undefined) {
        reported.annotation("error", reason);
        reported.log([`##[error]${reason}`]);
      }
      await reported.status("completed", conclusion, outputs);
      return { result: resultOf(conclusion), outputs };
    };
    try {
      const environment = job.environment === null ? "" : evaluateText(child(job.environment, "name") ?? job.environment, scope);
      const group = readGroup(job.concurrency, scope);
      let running: RunningJob | null = null;
      const nudges = new Set<() => void>();
      let superseded = false;
      const overtaken = `Canceling since a higher priority request for '${group?.name}' exists`;
      const supersede = (): void => {
        superseded = true;
        for (const nudge of [...nudges]) nudge();
        running?.cancel(overtaken);
      };
      const stillWanted = (): boolean => !superseded && wanted(job);
      if (group !== null) {
        if (runGroup !== null && runGroup.name.toLowerCase() === group.name.toLowerCase()) {
          return await end(
            "cancelled",
            {},
            `Canceling since a deadlock was detected for concurrency group: '${group.name}' between a top level workflow and '${job.id}'`,
          );
        }
        const seat = await waitFor(groups(group.name), { ...group, onSuperseded: supersede }, stillWanted, nudges, async () => {
          await reported.status("pending", null);
          if (!begun) await report.run("pending", null);
        });
        if (seat === "superseded")
          return await end("cancelled", {}, `Canceling since a higher priority waiting request for '${group.name}' exists`);
        if (seat === "withdrawn") return await end("cancelled", {}, CANCELLED);
        seats.push(seat);
      }
      const entered = environment === "" ? null : await enterEnvironment(environment, reported, stillWanted, nudges);
      if (entered === "withdrawn") return await end("cancelled", {}, superseded ? overtaken : CANCELLED);
      if (entered !== null && "refused" in entered) return await end("failure", {}, entered.refused);
      const runner = await waitFor(
        runners,
        { queue: "endless", cancelInProgress: false, onSuperseded: supersede },
        stillWanted,
        nudges,
        () => reported.status("queued", null),
      );
      if (typeof runner === "string") return await end("cancelled", {}, superseded ? overtaken : CANCELLED);
      seats.push(runner);
      if (closed()) return { result: "cancelled", outputs: {} };
      begun = true;
      working.add(reported.id);
      await showRun();
      await reported.status("in_progress", null);
      const written: Readonly<Record<string, string>> = job.permissions ?? workflow.permissions ?? DEFAULT_PERMISSIONS;
      const permissions = { ...Object.fromEntries(Object.entries(written).filter(([, level]) => level !== "none")), metadata: "read" };
      const issued = host.issueJobToken(run, { id: reported.id, name, environment: environment === "" ? null : environment }, permissions);
      token = issued.token;
      running = startJob({
        settings,
        host,
        run,
        workflow,
        job,
        github,
        needs: needsOf(job),
        permissions,
        token: written["id-token"] === "write" ? issued : { ...issued, identity: null },
        vars: { ...vars, ...entered?.vars },
        grant: entered,
        report: reported,
      });
      const stop = (): void => running?.cancel("The run was canceled.");
      listeners.add(stop);
      // A cancel that arrived between the last place and here found nobody to tell.
      if (cancelled) stop();
      if (superseded) running.cancel(overtaken);
      const outcome = await running.done;
      listeners.delete(stop);
      return await end(outcome.conclusion, outcome.outputs);
    } catch (error) {
      return await end("failure", {}, error instanceof Error ? error.message : String(error));
    } finally {
      if (token !== null && !closed()) host.revokeJobToken(token);
      for (const seat of seats.reverse()) seat.leave();
      working.delete(reported.id);
      if (reviewed.size > 0) await showRun();
    }
  };

  const settleJob = async (job: Job): Promise<JobResult> => {
    if (closed()) return { result: "cancelled", outputs: {} };
    const before = report.finished(job.id);
    if (before !== null) return { result: resultOf(before.conclusion), outputs: before.outputs };
    const scope: Scope = { contexts: { ...base, needs: needsOf(job) } };
    let name = job.id;
    let wants = false;
    let problem: string | null = null;
    try {
      if (job.name !== null) name = evaluateText(job.name, scope) || job.id;
      wants = wanted(job);
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    const reported = await report.queueJob(job.id, name);
    if (problem !== null) {
      reported.annotation("error", problem);
      reported.log([`##[error]${problem}`]);
      await reported.status("completed", "failure");
      return { result: "failure", outputs: {} };
    }
    if (!wants) {
      const result = cancelled ? "cancelled" : "skipped";
      await reported.status("completed", result);
      return { result, outputs: {} };
    }
    return executeJob(job, name, scope, reported);
  };

  const executeJobs = async (): Promise<void> => {
    const started = new Map<string, Promise<void>>();
    const begin = (job: Job): Promise<void> => {
      const known = started.get(job.id);
      if (known !== undefined) return known;
      const promise = Promise.all(workflow.jobs.filter(({ id }) => job.needs.includes(id)).map(begin)).then(async () => {
        finished.set(job.id, await settleJob(job));
      });
      started.set(job.id, promise);
      return promise;
    };
    await Promise.all(workflow.jobs.map(begin));
  };

  const execute = async (): Promise<void> => {
    if (runSeat !== null) {
      const withdraw = (): void => {
        if (runSeat.waiting()) runSeat.leave();
      };
      listeners.add(withdraw);
      if (runSeat.waiting()) await report.run("pending", null);
      const outcome = await runSeat.admitted;
      listeners.delete(withdraw);
      if (outcome !== "admitted") {
        await report.run("completed", "cancelled");
        return;
      }
    }
    try {
      if (closed()) return;
      await executeJobs();
      await report.run("completed", concludeRun(finished, cancelled));
    } finally {
      runSeat?.leave();
    }
  };

  return { done: execute(), cancel };
}
