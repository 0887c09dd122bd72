import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunHost, RunRecord } from "./engine-seam.ts";
import { type Fixture, full, octokit, openFixture, statusOf } from "./sandbox-fixture.ts";
import { createScriptedEngine, type ScriptedEngine } from "./scripted-engine.ts";

const files = {
  ".github/workflows/snapshot.yml": "name: Snapshot\non: {workflow_dispatch: {}}\n",
  ".github/workflows/schedule.yml": "name: Schedule\non:\n  schedule:\n    - cron: '17 * * * *'\n",
  ".github/workflows/push.yml": "name: Push\non: {push: {branches: ['main', 'release/**'], paths: ['src/**']}}\n",
  "src/a.txt": "a",
};

let engine: ScriptedEngine;
let fixture: Fixture;

beforeEach(async () => {
  engine = createScriptedEngine();
  fixture = await openFixture({ engine });
  await fixture.commit("main", files);
});
afterEach(() => fixture.close());

async function dispatched(): Promise<{ readonly host: RunHost; readonly run: RunRecord }> {
  await fixture.client("alice").actions.createWorkflowDispatch({ ...fixture.repo, workflow_id: "snapshot.yml", ref: "main" });
  const last = engine.started.at(-1);
  if (last === undefined) throw new Error("nothing started");
  return last;
}

async function finish(
  { host, run }: { readonly host: RunHost; readonly run: RunRecord },
  conclusion: "success" | "failure",
): Promise<number> {
  const { reporter } = host;
  await reporter.runStatus(run.id, "in_progress", null);
  const job = await reporter.jobQueued(run.id, run.attempt, { key: "take", name: "Take the snapshot" });
  await reporter.jobStatus(job, "in_progress", null);
  reporter.log(job, ["first line", "second line"]);
  const at = new Date().toISOString();
  await reporter.steps(job, [{ number: 1, name: "Set up job", status: "completed", conclusion, startedAt: at, completedAt: at }]);
  await reporter.jobStatus(job, "completed", conclusion);
  await reporter.runStatus(run.id, "completed", conclusion);
  return job;
}

test("jobs, steps and logs appear as they are reported; a log only when its job has ended", async () => {
  const api = fixture.client("carol", { actions: "read" });
  const { host, run } = await dispatched();
  const { reporter } = host;
  const job = await reporter.jobQueued(run.id, 1, { key: "take", name: "Take the snapshot" });
  await reporter.jobStatus(job, "in_progress", null);
  reporter.log(job, ["working"]);
  const { data } = await api.actions.listJobsForWorkflowRun({ ...fixture.repo, run_id: run.id });
  expect(data.jobs).toMatchObject([{ id: job, name: "Take the snapshot", status: "in_progress", completed_at: null }]);
  expect(await statusOf(api.actions.downloadJobLogsForWorkflowRun({ ...fixture.repo, job_id: job }))).toMatchObject({ status: 404 });
  await reporter.jobStatus(job, "completed", "success");
  const address = await fetch(`${fixture.hub.url}/repos/acme/holdfast/actions/jobs/${job}/logs`, {
    redirect: "manual",
    headers: { authorization: `Bearer ${fixture.hub.createToken({ login: "carol", permissions: { actions: "read" } })}` },
  });
  expect(address.status).toBe(302);
  const location = address.headers.get("location") ?? "";
  expect(await (await fetch(location)).text()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z working\n$/);
  expect((await fetch(`${location}x`)).status).toBe(403);
  const log = await api.actions.downloadJobLogsForWorkflowRun({ ...fixture.repo, job_id: job });
  expect(String(log.data)).toContain("working");
});

test("runs are filtered by branch, event, status, sha, actor and date, newest first", async () => {
  const api = fixture.client("carol", { actions: "read" });
  const [one, two] = [await dispatched(), await dispatched()];
  await finish(one, "failure");
  const ids = async (filter: Record<string, unknown>) =>
    (await api.actions.listWorkflowRunsForRepo({ ...fixture.repo, ...filter })).data.workflow_runs.map(({ id }) => id);
  expect(await ids({})).toEqual([two.run.id, one.run.id]);
  expect(await ids({ status: "failure" })).toEqual([one.run.id]);
  expect(await ids({ status: "queued" })).toEqual([two.run.id]);
  expect(await ids({ branch: "production" })).toEqual([]);
  expect(await ids({ branch: "main", event: "workflow_dispatch", actor: "alice", head_sha: one.run.sha })).toHaveLength(2);
  expect(await ids({ event: "push" })).toEqual([]);
  expect(await ids({ created: `>=${one.run.createdAt.slice(0, 10)}` })).toHaveLength(2);
  expect(await ids({ created: "2020-01-01..2020-12-31" })).toEqual([]);
  expect(await ids({ per_page: 1, page: 2 })).toEqual([one.run.id]);
});

test("a second attempt keeps the first, and says who asked", async () => {
  const first = await dispatched();
  const api = fixture.client("bob");
  expect(await statusOf(api.actions.reRunWorkflow({ ...fixture.repo, run_id: first.run.id }))).toMatchObject({
    status: 403,
    message: expect.stringContaining("already running"),
  });
  const oldJob = await finish(first, "failure");
  await api.actions.reRunWorkflow({ ...fixture.repo, run_id: first.run.id });
  const second = engine.started.at(-1);
  expect(second?.run).toMatchObject({ id: first.run.id, attempt: 2, actor: "alice", triggeringActor: "bob" });
  if (second === undefined) throw new Error("nothing started");
  const newJob = await finish(second, "success");
  const run = await api.actions.getWorkflowRun({ ...fixture.repo, run_id: first.run.id });
  expect(run.data).toMatchObject({ run_attempt: 2, conclusion: "success", actor: { login: "alice" }, triggering_actor: { login: "bob" } });
  const old = await api.actions.getWorkflowRunAttempt({ ...fixture.repo, run_id: first.run.id, attempt_number: 1 });
  expect(old.data).toMatchObject({ run_attempt: 1, conclusion: "failure", triggering_actor: { login: "alice" } });
  const jobs = async (filter: "latest" | "all") =>
    (await api.actions.listJobsForWorkflowRun({ ...fixture.repo, run_id: first.run.id, filter })).data.jobs.map(({ id }) => id);
  expect(await jobs("latest")).toEqual([newJob]);
  expect(await jobs("all")).toEqual([oldJob, newJob]);
  expect(await statusOf(api.actions.reRunWorkflowFailedJobs({ ...fixture.repo, run_id: first.run.id }))).toMatchObject({
    status: 500,
    message: expect.stringContaining("only the failed jobs"),
  });
});

test("cancelling is passed to the engine, and refused for a run that has ended", async () => {
  const started = await dispatched();
  const api = fixture.client("alice");
  expect((await api.actions.cancelWorkflowRun({ ...fixture.repo, run_id: started.run.id })).status).toBe(202);
  expect(engine.cancelled).toEqual([started.run.id]);
  await finish(started, "failure");
  expect(await statusOf(api.actions.cancelWorkflowRun({ ...fixture.repo, run_id: started.run.id }))).toMatchObject({ status: 409 });
});

test("a kill and a restart keep runs, tokens, files and environments, and hand unfinished runs back", async () => {
  const done = await dispatched();
  const job = await finish(done, "success");
  const open = await dispatched();
  await open.host.reporter.runStatus(open.run.id, "in_progress", null);
  const openJob = await open.host.reporter.jobQueued(open.run.id, 1, { key: "take", name: "take" });
  const waiting = await dispatched();
  const waitingJob = await waiting.host.reporter.jobQueued(waiting.run.id, 1, { key: "take", name: "take" });
  const orphan = open.host.issueJobToken(open.run, { id: openJob, name: "take", environment: null }, { contents: "read" }).token;
  fixture.hub.setEnvironment({ name: "restore", branchPolicy: ["production"], vars: { ROLE: "r" } });
  const personal = fixture.hub.createToken({ login: "alice", permissions: full });
  await fixture.hub.close();

  const after = createScriptedEngine();
  fixture = await openFixture({ engine: after, state: fixture.state });
  expect(after.recovered).toMatchObject([
    { id: open.run.id, status: "in_progress", sha: open.run.sha },
    { id: waiting.run.id, status: "queued" },
  ]);
  const jobsOf = (id: number) =>
    fixture.hub
      .runs()
      .find((run) => run.id === id)
      ?.attempts[0]?.jobs.map((kept) => kept.id);
  expect([jobsOf(open.run.id), jobsOf(waiting.run.id)]).toEqual([[openJob], [waitingJob]]);
  const api = octokit(fixture.hub, personal);
  expect((await api.actions.getWorkflowRun({ ...fixture.repo, run_id: done.run.id })).data).toMatchObject({
    conclusion: "success",
    run_number: 1,
  });
  expect(String((await api.actions.downloadJobLogsForWorkflowRun({ ...fixture.repo, job_id: job })).data)).toContain("second line");
  expect((await api.repos.getEnvironment({ ...fixture.repo, environment_name: "restore" })).data.deployment_branch_policy).toEqual({
    protected_branches: false,
    custom_branch_policies: true,
  });
  expect(await statusOf(octokit(fixture.hub, orphan).repos.get(fixture.repo))).toMatchObject({ status: 401 });
  await api.actions.createWorkflowDispatch({ ...fixture.repo, workflow_id: "snapshot.yml", ref: "main" });
  expect(after.started.at(-1)?.run.id).toBe(waiting.run.id + 1);
});

test("locks that a killed git left behind do not stop the next life", async () => {
  const { gitDir } = fixture.hub;
  await fixture.hub.close();
  await writeFile(join(gitDir, "refs", "heads", "main.lock"), "");
  await writeFile(join(gitDir, "packed-refs.lock"), "");
  fixture = await openFixture({ engine: createScriptedEngine(), state: fixture.state });
  const sha = await fixture.commit("main", { "new.txt": "new" });
  expect((await fixture.client("alice").git.getRef({ ...fixture.repo, ref: "heads/main" })).data.object.sha).toBe(sha);
});

test("an environment lets in only the branches of its policy, in GitHub's words", async () => {
  fixture.hub.setEnvironment({ name: "restore", branchPolicy: ["production", "release/*"], vars: { ROLE: "arn" }, secrets: { KEY: "k" } });
  const { host, run } = await dispatched();
  const enter = (name: string, ref: string) => host.enterEnvironment({ ...run, ref }, 0, name);
  expect(enter("restore", "refs/heads/production")).toEqual({ vars: { ROLE: "arn" }, secrets: { KEY: "k" } });
  expect(enter("Restore", "refs/heads/release/1")).toMatchObject({ vars: { ROLE: "arn" } });
  expect(enter("restore", "refs/heads/main")).toEqual({
    refused: 'Branch "main" is not allowed to deploy to restore due to environment protection rules.',
  });
  expect(enter("restore", "refs/tags/production")).toEqual({
    refused: 'Tag "production" is not allowed to deploy to restore due to environment protection rules.',
  });
  const api = fixture.client("carol", { actions: "read" });
  const { data } = await api.repos.listDeploymentBranchPolicies({ ...fixture.repo, environment_name: "restore" });
  expect(data.branch_policies.map(({ name }) => name)).toEqual(["production", "release/*"]);
});

test("a push by a person starts what its branch and paths match; one by a job's token starts nothing", async () => {
  const api = fixture.client("alice", { contents: "write", workflows: "write" });
  const push = async (client: typeof api, path: string) => {
    const head = (await client.git.getRef({ ...fixture.repo, ref: "heads/main" })).data.object.sha;
    const tree = await client.git.createTree({
      ...fixture.repo,
      base_tree: head,
      tree: [{ path, mode: "100644", type: "blob", content: String(Math.random()) }],
    });
    const commit = await client.git.createCommit({ ...fixture.repo, message: path, tree: tree.data.sha, parents: [head] });
    await client.git.updateRef({ ...fixture.repo, ref: "heads/main", sha: commit.data.sha });
    return commit.data.sha;
  };
  await push(api, "docs/readme.md");
  expect(engine.started).toEqual([]);
  const sha = await push(api, "src/deep/b.txt");
  expect(engine.started.map(({ run }) => run)).toMatchObject([
    { event: "push", sha, ref: "refs/heads/main", actor: "alice", path: ".github/workflows/push.yml" },
  ]);
  const [first] = engine.started;
  if (first === undefined) throw new Error("nothing started");
  const job = { id: 1, name: "j", environment: null };
  const bot = octokit(fixture.hub, first.host.issueJobToken(first.run, job, { contents: "write" }).token);
  await push(bot, "src/c.txt");
  expect(engine.started).toHaveLength(1);
  await fixture.hub.refMoved("refs/heads/release/x/y", null, sha, "bob");
  expect(engine.started.at(-1)?.run).toMatchObject({ ref: "refs/heads/release/x/y", actor: "bob" });
});

test("the clock starts scheduled workflows once per due minute, from the default branch", async () => {
  const { hub } = fixture;
  expect(await hub.tick(new Date("2026-11-20T11:00:30Z"))).toEqual([]);
  expect(await hub.tick(new Date("2026-11-20T11:16:59Z"))).toEqual([]);
  const [run] = await hub.tick(new Date("2026-11-20T11:17:01Z"));
  expect(run).toMatchObject({ event: "schedule", ref: "refs/heads/main", workflowName: "Schedule" });
  expect(await hub.tick(new Date("2026-11-20T11:17:40Z"))).toEqual([]);
  expect(await hub.tick(new Date("2026-11-20T15:30:00Z"))).toHaveLength(1);
});

test("a planted check run says so and is found by its commit", async () => {
  const sha = await fixture.commit("main", files);
  const planted = fixture.hub.recordCiRun(sha);
  expect(fixture.hub.recordCiRun(sha).id).toBe(planted.id);
  const { data } = await fixture
    .client("carol", { actions: "read" })
    .actions.listWorkflowRunsForRepo({ ...fixture.repo, head_sha: sha, status: "success" });
  expect(data.workflow_runs).toMatchObject([
    {
      path: ".github/workflows/ci.yml",
      event: "push",
      conclusion: "success",
      display_title: expect.stringMatching(/planted by the sandbox/i),
    },
  ]);
});
