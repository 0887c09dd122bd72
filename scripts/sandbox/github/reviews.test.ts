import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunHost, RunRecord } from "./engine-seam.ts";
import { type Fixture, full, octokit, openFixture, statusOf } from "./sandbox-fixture.ts";
import { createScriptedEngine, type ScriptedEngine } from "./scripted-engine.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const files = { ".github/workflows/restore.yml": "name: Restore\non: {workflow_dispatch: {}}\n" };
const approver = { actions: "read", deployments: "write" } as const;
const NOT_PASSED = "The deployment was rejected or didn't satisfy other protection rules.";
// The client does not show a sentence where it expects a list of errors; one test looks at the body itself.
const NOTHING = "Validation Failed - https://docs.github.com/rest";

let engine: ScriptedEngine;
let fixture: Fixture;
let clock: Date;

beforeEach(async () => {
  clock = new Date("2026-11-20T11:00:00Z");
  engine = createScriptedEngine();
  fixture = await openFixture({ engine, now: () => clock });
  await fixture.commit("main", files);
  fixture.hub.setEnvironment({
    name: "restore",
    vars: { ROLE: "arn" },
    secrets: { KEY: "k" },
    reviewers: ["bob"],
    preventSelfReview: true,
  });
});
afterEach(() => fixture.close());

interface Waiting {
  readonly host: RunHost;
  readonly run: RunRecord;
  readonly jobId: number;
  readonly answer: ReturnType<RunHost["enterEnvironment"]>;
}

/** Dispatches and does what the engine does until the job waits. */
async function waiting(login = "alice", environment = "restore"): Promise<Waiting> {
  await fixture.client(login).actions.createWorkflowDispatch({ ...fixture.repo, workflow_id: "restore.yml", ref: "main" });
  const last = engine.started.at(-1);
  if (last === undefined) throw new Error("nothing started");
  const { host, run } = last;
  const jobId = await host.reporter.jobQueued(run.id, run.attempt, { key: "restore", name: "restore" });
  const answer = host.enterEnvironment(run, jobId, environment);
  await host.reporter.jobStatus(jobId, "waiting", null);
  await host.reporter.runStatus(run.id, "waiting", null);
  return { host, run, jobId, answer };
}

function decided({ answer }: Pick<Waiting, "answer">) {
  if (!("decided" in answer)) throw new Error(`the job was not asked to wait: ${JSON.stringify(answer)}`);
  return answer.decided;
}

const pendingOf = async (login: string, run: RunRecord) =>
  (await fixture.client(login, { actions: "read" }).actions.getPendingDeploymentsForRun({ ...fixture.repo, run_id: run.id })).data;

const review = (login: string, run: RunRecord, environmentId: number, state: "approved" | "rejected", permissions = full) =>
  fixture.client(login, permissions).actions.reviewPendingDeploymentsForRun({
    ...fixture.repo,
    run_id: run.id,
    environment_ids: [environmentId],
    state,
    comment: `${state} by ${login}`,
  });

async function environmentId(name = "restore"): Promise<number> {
  return (await fixture.client("carol", { actions: "read" }).repos.getEnvironment({ ...fixture.repo, environment_name: name })).data.id;
}

test("an environment shows who must agree; one without reviewers shows that nobody does", async () => {
  fixture.hub.setEnvironment({ name: "snapshot", branchPolicy: ["main"] });
  const api = fixture.client("carol", { actions: "read" });
  const { data } = await api.repos.getAllEnvironments(fixture.repo);
  const rules = data.environments?.map(({ name, protection_rules = [] }) => [name, protection_rules.map(({ type }) => type)]);
  expect(rules).toEqual([
    ["restore", ["required_reviewers"]],
    ["snapshot", ["branch_policy"]],
  ]);
  expect(data.environments?.[0]?.protection_rules?.[0]).toMatchObject({
    prevent_self_review: true,
    reviewers: [{ type: "User", reviewer: { login: "bob" } }],
  });
  const seven = ["alice", "bob", "carol", "alice", "bob", "carol", "alice"];
  expect(() => fixture.hub.setEnvironment({ name: "x", reviewers: seven })).toThrow("environment x lists 7 reviewers; allowed: up to 6");
  expect(() => fixture.hub.setEnvironment({ name: "x", reviewers: ["mallory"] })).toThrow(/lists mallory as a reviewer; allowed: people/);
});

test("nothing of the environment is given before a reviewer agrees, and then all of it", async () => {
  const job = await waiting();
  const [pending] = await pendingOf("bob", job.run);
  expect(pending).toMatchObject({
    environment: { name: "restore" },
    current_user_can_approve: true,
    reviewers: [{ type: "User", reviewer: { login: "bob" } }],
    wait_timer: 0,
  });
  expect(JSON.stringify(job.answer)).not.toContain("arn");
  const { data } = await review("bob", job.run, await environmentId(), "approved", approver);
  expect(data).toMatchObject([{ environment: "restore", task: "deploy", creator: { login: "alice" }, sha: job.run.sha }]);
  expect(await decided(job)).toEqual({ vars: { ROLE: "arn" }, secrets: { KEY: "k" } });
  expect(await pendingOf("bob", job.run)).toEqual([]);
  await expect(review("bob", job.run, await environmentId(), "rejected")).rejects.toMatchObject({
    status: 422,
    response: { data: { message: "Validation Failed", errors: "No pending deployment requests to approve or reject" } },
  });
});

test("a rejection refuses the job in GitHub's words; the history says who said what", async () => {
  const job = await waiting();
  await review("bob", job.run, await environmentId(), "rejected");
  expect(await decided(job)).toEqual({ refused: NOT_PASSED });
  const api = fixture.client("carol", { actions: "read" });
  const { data } = await api.actions.getReviewsForRun({ ...fixture.repo, run_id: job.run.id });
  expect(data).toMatchObject([
    { state: "rejected", user: { login: "bob" }, comment: "rejected by bob", environments: [{ name: "restore" }] },
  ]);
});

test("who is not asked, and who asked, cannot decide; neither can a token without the right or a job's own", async () => {
  fixture.hub.setEnvironment({ name: "restore", reviewers: ["alice", "bob"], preventSelfReview: true });
  const job = await waiting("alice");
  const id = await environmentId();
  const can = async (login: string) => (await pendingOf(login, job.run)).map((each) => each.current_user_can_approve);
  expect([await can("alice"), await can("bob"), await can("carol")]).toEqual([[false], [true], [false]]);
  expect(await statusOf(review("alice", job.run, id, "approved"))).toEqual({ status: 422, message: NOTHING });
  expect(await statusOf(review("carol", job.run, id, "rejected"))).toEqual({ status: 422, message: NOTHING });
  expect(await statusOf(review("bob", job.run, id, "approved", { actions: "write", deployments: "read" }))).toMatchObject({
    status: 403,
    message: expect.stringContaining("Resource not accessible by personal access token"),
  });
  const token = job.host.issueJobToken(job.run, { id: job.jobId, name: "j", environment: null }, { deployments: "write" }).token;
  const bot = octokit(fixture.hub, token).actions.reviewPendingDeploymentsForRun({
    ...fixture.repo,
    run_id: job.run.id,
    environment_ids: [id],
    state: "approved",
    comment: "",
  });
  expect(await statusOf(bot)).toEqual({ status: 422, message: NOTHING });
  expect(
    (await fixture.client("carol", { actions: "read" }).actions.getReviewsForRun({ ...fixture.repo, run_id: job.run.id })).data,
  ).toEqual([]);
});

test("who started a run may approve it where that is not prevented, and a reviewer who may only read may decide too", async () => {
  fixture.hub.setEnvironment({ name: "restore", reviewers: ["alice", "carol"] });
  const [one, two] = [await waiting("alice"), await waiting("alice")];
  await review("alice", one.run, await environmentId(), "approved");
  await review("carol", two.run, await environmentId(), "approved", approver);
  expect(await Promise.all([decided(one), decided(two)])).toEqual([
    { vars: {}, secrets: {} },
    { vars: {}, secrets: {} },
  ]);
});

test("a review that is no review is refused with the field and what is allowed", async () => {
  const job = await waiting();
  const api = fixture.client("bob");
  const id = await environmentId();
  const send = (body: Record<string, unknown>) =>
    statusOf(
      api.request("POST /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments", {
        ...fixture.repo,
        run_id: job.run.id,
        environment_ids: [id],
        state: "approved",
        comment: "",
        ...body,
      }),
    );
  expect(await send({ state: "maybe" })).toEqual({
    status: 422,
    message: expect.stringContaining('maybe is not a member of ["approved", "rejected"]'),
  });
  expect(await send({ comment: undefined })).toMatchObject({ status: 422, message: expect.stringContaining('"comment" wasn\'t supplied') });
  expect(await send({ environment_ids: ["restore"] })).toMatchObject({ status: 422 });
  expect(await send({ environment_ids: [1] })).toEqual({ status: 422, message: NOTHING });
  expect(await send({ run_id: 7 })).toMatchObject({ status: 404 });
});

test("two reviewers at once: one decides, the other is told that nothing is left", async () => {
  fixture.hub.setEnvironment({ name: "restore", reviewers: ["bob", "carol"] });
  const job = await waiting();
  const id = await environmentId();
  const outcomes = await Promise.allSettled([review("bob", job.run, id, "approved"), review("carol", job.run, id, "rejected", approver)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const { data } = await fixture.client("bob").actions.getReviewsForRun({ ...fixture.repo, run_id: job.run.id });
  expect(data).toHaveLength(1);
  const outcome = await decided(job);
  expect("refused" in outcome).toBe(data[0]?.state === "rejected");
});

test("nobody's decision within 30 days fails the job; a second earlier it still waits", async () => {
  const job = await waiting();
  clock = new Date(clock.getTime() + 30 * DAY_MS - 1000);
  await fixture.hub.tick(clock);
  expect(await pendingOf("bob", job.run)).toHaveLength(1);
  clock = new Date(clock.getTime() + 1000);
  await fixture.hub.tick(clock);
  expect(await decided(job)).toEqual({ refused: NOT_PASSED });
  expect(await pendingOf("bob", job.run)).toEqual([]);
  expect(await statusOf(review("bob", job.run, await environmentId(), "approved"))).toMatchObject({ status: 422 });
});

test("a restart keeps a wait and its age, and a decision that the engine had not heard of yet", async () => {
  const [open, answered] = [await waiting(), await waiting()];
  await review("bob", answered.run, await environmentId(), "approved");
  await fixture.hub.close();
  clock = new Date(clock.getTime() + 20 * DAY_MS);
  engine = createScriptedEngine();
  fixture = await openFixture({ engine, state: fixture.state, now: () => clock });
  expect(engine.recovered.map(({ id, status }) => [id, status])).toEqual([
    [open.run.id, "waiting"],
    [answered.run.id, "waiting"],
  ]);
  // As the engine does when it takes the runs up again.
  await fixture.client("alice").actions.createWorkflowDispatch({ ...fixture.repo, workflow_id: "restore.yml", ref: "main" });
  const host = engine.started.at(-1)?.host;
  if (host === undefined) throw new Error("nothing started");
  expect(await host.reporter.jobQueued(open.run.id, 1, { key: "restore", name: "restore" })).toBe(open.jobId);
  expect(host.enterEnvironment(answered.run, answered.jobId, "restore")).toMatchObject({ secrets: { KEY: "k" } });
  const answer = host.enterEnvironment(open.run, open.jobId, "restore");
  expect(await pendingOf("bob", open.run)).toMatchObject([{ current_user_can_approve: true }]);
  clock = new Date(clock.getTime() + 10 * DAY_MS);
  await fixture.hub.tick(clock);
  expect(await decided({ answer })).toEqual({ refused: NOT_PASSED });
});

test("waiting runs are listed as waiting, and a second attempt must be approved again", async () => {
  const job = await waiting();
  const api = fixture.client("carol", { actions: "read" });
  const list = async () => (await api.actions.listWorkflowRunsForRepo({ ...fixture.repo, status: "waiting" })).data.total_count;
  expect(await list()).toBe(1);
  await review("bob", job.run, await environmentId(), "rejected");
  await job.host.reporter.jobStatus(job.jobId, "completed", "failure");
  await job.host.reporter.runStatus(job.run.id, "completed", "failure");
  expect(await list()).toBe(0);
  await fixture.client("bob").actions.reRunWorkflow({ ...fixture.repo, run_id: job.run.id });
  const again = engine.started.at(-1);
  if (again === undefined) throw new Error("nothing started");
  const jobId = await again.host.reporter.jobQueued(again.run.id, 2, { key: "restore", name: "restore" });
  expect(jobId).not.toBe(job.jobId);
  expect("decided" in again.host.enterEnvironment(again.run, jobId, "restore")).toBe(true);
  // Who starts it again is who asks now.
  expect((await pendingOf("bob", again.run)).map((each) => each.current_user_can_approve)).toEqual([false]);
});
