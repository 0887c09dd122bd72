import { ApiError, NotInSandbox, notFound, ok } from "./answer.ts";
import { readBody } from "./body.ts";
import type { Engine } from "./engine-seam.ts";
import type { Git } from "./git.ts";
import { linkHeader, pageOf } from "./page.ts";
import type { View } from "./repository.ts";
import { type Call, numberIn, type Route } from "./route.ts";
import { branchOf, jobJson, runJson } from "./run-shapes.ts";
import { type JobState, lastAttempt, type RunState, type RunStore } from "./run-store.ts";
import type { SignedAddresses } from "./signed-address.ts";
import type { StartRuns } from "./start-runs.ts";
import type { Workflows } from "./workflows.ts";

/** Reading runs, jobs and logs; asking a run to stop or to go again. */

const read = { permission: "actions", level: "read" } as const;
const write = { permission: "actions", level: "write" } as const;
const listParameters = ["branch", "event", "status", "head_sha", "created", "actor", "per_page", "page", "exclude_pull_requests"];

export interface RunRoutesDeps {
  readonly view: View;
  readonly git: Git;
  readonly store: RunStore;
  readonly workflows: Workflows;
  readonly starts: StartRuns;
  readonly engine: Engine | undefined;
  readonly addresses: SignedAddresses;
}

export function runRoutes({ view, git, store, workflows, starts, engine, addresses }: RunRoutesDeps): readonly Route[] {
  const { urls } = view;

  const runOf = (call: Call): RunState => {
    const run = store.find(numberIn(call.param("run")));
    if (run === undefined) throw notFound();
    return run;
  };
  const jobOf = (id: number) => {
    const found = store.findJob(id);
    if (found === undefined) throw notFound();
    return found;
  };
  const listRuns = async (call: Call, runs: readonly RunState[]) => {
    const found = runs.filter(filterOf(call.query));
    const { skip, size } = pageOf(call);
    const shown = await Promise.all(found.slice(skip, skip + size).map((run) => runJson(run, lastAttempt(run), view, git)));
    return ok({ total_count: found.length, workflow_runs: shown }, linkHeader(call, urls.api, found.length));
  };
  const listJobs = (call: Call, run: RunState, jobs: readonly JobState[]) => {
    const { skip, size } = pageOf(call);
    const shown = jobs.slice(skip, skip + size).map((job) => jobJson(job, run, view));
    return ok({ total_count: jobs.length, jobs: shown }, linkHeader(call, urls.api, jobs.length));
  };
  const attemptOf = (call: Call, run: RunState) => {
    const attempt = run.attempts.find(({ number }) => number === numberIn(call.param("attempt")));
    if (attempt === undefined) throw notFound();
    return attempt;
  };
  const again = async (call: Call, run: RunState) => {
    if (call.body !== undefined) readBody(call.body, ["enable_debug_logging"]);
    await starts.rerun(run, call.caller.person.login);
    return { status: 201, json: {} };
  };

  return [
    { method: "GET", path: "/repos/:owner/:repo/actions/runs", access: read, handle: (call) => listRuns(call, store.list()) },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/workflows/:workflow/runs",
      access: read,
      async handle(call) {
        const { entry } = await workflows.find(call.param("workflow"));
        return listRuns(
          call,
          store.list().filter((run) => run.workflowId === entry.id),
        );
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/runs/:run",
      access: read,
      async handle(call) {
        const run = runOf(call);
        return ok(await runJson(run, lastAttempt(run), view, git));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/runs/:run/attempts/:attempt",
      access: read,
      async handle(call) {
        const run = runOf(call);
        return ok(await runJson(run, attemptOf(call, run), view, git));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/runs/:run/attempts/:attempt/jobs",
      access: read,
      handle(call) {
        const run = runOf(call);
        return listJobs(call, run, attemptOf(call, run).jobs);
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/runs/:run/jobs",
      access: read,
      handle(call) {
        const run = runOf(call);
        const filter = call.query.get("filter") ?? "latest";
        if (filter !== "latest" && filter !== "all") throw new ApiError(422, `filter ${filter} is not valid: latest or all`);
        return listJobs(call, run, filter === "all" ? run.attempts.flatMap(({ jobs }) => jobs) : lastAttempt(run).jobs);
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/jobs/:job",
      access: read,
      handle(call) {
        const { run, job } = jobOf(numberIn(call.param("job")));
        return ok(jobJson(job, run, view));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/jobs/:job/logs",
      access: read,
      handle(call) {
        const { job } = jobOf(numberIn(call.param("job")));
        // GitHub keeps a job's log back until the job has ended.
        if (job.status !== "completed" || store.readLog(job.id) === null) throw notFound();
        return { status: 302, headers: { Location: `${urls.api}${addresses.issue(`/_logs/${job.id}`)}` } };
      },
    },
    {
      method: "GET",
      path: "/_logs/:job",
      access: "open",
      handle(call) {
        addresses.check(call);
        const content = store.readLog(numberIn(call.param("job")));
        if (content === null) throw notFound();
        return { status: 200, bytes: { type: "text/plain; charset=utf-8", content } };
      },
    },
    { method: "POST", path: "/repos/:owner/:repo/actions/runs/:run/rerun", access: write, handle: (call) => again(call, runOf(call)) },
    {
      method: "POST",
      path: "/repos/:owner/:repo/actions/runs/:run/rerun-failed-jobs",
      access: write,
      handle(call) {
        const run = runOf(call);
        const kept = lastAttempt(run).jobs.filter(({ conclusion }) => conclusion === "success");
        // The engine runs whole runs only; running a finished job a second time would not be what GitHub does.
        if (kept.length > 0)
          throw new NotInSandbox(`The sandbox cannot re-run only the failed jobs of run ${run.id}: "${kept[0]?.name}" succeeded`);
        return again(call, run);
      },
    },
    {
      method: "POST",
      path: "/repos/:owner/:repo/actions/runs/:run/cancel",
      access: write,
      async handle(call) {
        const run = runOf(call);
        if (lastAttempt(run).status === "completed") throw new ApiError(409, "Cannot cancel a workflow run that is completed.");
        await engine?.cancel(run.id);
        return { status: 202, json: {} };
      },
    },
  ];
}

function filterOf(query: URLSearchParams): (run: RunState) => boolean {
  const stranger = [...query.keys()].find((key) => !listParameters.includes(key));
  if (stranger !== undefined)
    throw new NotInSandbox(`The sandbox's list of runs has no parameter ${stranger}; it knows ${listParameters.join(", ")}`);
  const is = (name: string, value: string) => (query.get(name) ?? value) === value;
  const created = createdFilter(query.get("created"));
  return (run) => {
    const { status, conclusion } = lastAttempt(run);
    const asked = query.get("status");
    return (
      is("branch", branchOf(run.ref)) &&
      is("event", run.event) &&
      is("head_sha", run.sha) &&
      is("actor", run.actor) &&
      (asked === null || asked === status || asked === conclusion) &&
      created(Date.parse(run.createdAt))
    );
  };
}

/** GitHub's date search: `2026-11-20`, `>=T`, `<T`, `A..B`, with `*` for an open end; a bare date means the whole day. */
function createdFilter(text: string | null): (at: number) => boolean {
  if (text === null) return () => true;
  const day = 24 * 60 * 60 * 1000;
  const at = (part: string): { readonly from: number; readonly to: number } => {
    const from = Date.parse(part);
    if (Number.isNaN(from)) throw new ApiError(422, `created ${text} is not a date or a range of dates`);
    return { from, to: /^\d{4}-\d{2}-\d{2}$/.test(part) ? from + day - 1 : from + 999 };
  };
  const [, operator = "", value = ""] = /^(>=|<=|>|<)?(.*)$/.exec(text) ?? [];
  const [low = "", high] = value.split("..");
  if (high !== undefined) {
    const from = low === "*" ? Number.NEGATIVE_INFINITY : at(low).from;
    const to = high === "*" ? Number.POSITIVE_INFINITY : at(high).to;
    return (moment) => moment >= from && moment <= to;
  }
  const { from, to } = at(value);
  if (operator === ">=") return (moment) => moment >= from;
  if (operator === "<=") return (moment) => moment <= to;
  if (operator === ">") return (moment) => moment > to;
  if (operator === "<") return (moment) => moment < from;
  return (moment) => moment >= from && moment <= to;
}
