import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { RunHost, RunRecord } from "../sandbox/github/engine-seam.ts";
import { defaultPeople, type Person } from "../sandbox/github/people.ts";
import { type Fixture, openFixture, statusOf } from "../sandbox/github/sandbox-fixture.ts";
import { createScriptedEngine, type ScriptedEngine } from "../sandbox/github/scripted-engine.ts";
import type { RecordEntry } from "../sandbox/record.ts";
import { checkRecord } from "./check-record.ts";
import { githubDescription } from "./github-description.ts";
import { OPERATIONS } from "./operations.ts";

const OWNER: Person = { login: "dora", id: 1009, type: "User", role: "admin" };
const WORKFLOW = "name: Snapshot\non:\n  workflow_dispatch:\n    inputs:\n      reason: {type: string}\njobs: {}\n";

/** A run only waits for people under the real engine; the whole world's test goes there. */
const REVIEWS = /pending_deployments|approvals/;

const record: RecordEntry[] = [];
let engine: ScriptedEngine;
let fixture: Fixture;
let main: string;

beforeAll(async () => {
  engine = createScriptedEngine();
  fixture = await openFixture({ engine, people: [...defaultPeople, OWNER], record: (entry) => record.push(entry) });
  main = await fixture.commit("main", { ".github/workflows/snapshot.yml": WORKFLOW, "docs/a.txt": "one\n", "docs/deep/b.txt": "two\n" });
  await fixture.commit("other", { "docs/a.txt": "three\n" });
  fixture.hub.setEnvironment({ name: "restore", branchPolicy: ["production"] });
});
afterAll(() => fixture.close());

async function dispatched(): Promise<{ readonly host: RunHost; readonly run: RunRecord }> {
  const { repo } = fixture;
  const inputs = { reason: "To have a run" };
  await fixture.client("alice").actions.createWorkflowDispatch({ ...repo, workflow_id: "snapshot.yml", ref: "main", inputs });
  const last = engine.started.at(-1);
  if (last === undefined) throw new Error("nothing started");
  return last;
}

async function ended({ host, run }: Awaited<ReturnType<typeof dispatched>>, conclusion: "success" | "failure"): Promise<number> {
  const { reporter } = host;
  await reporter.runStatus(run.id, "in_progress", null);
  const job = await reporter.jobQueued(run.id, run.attempt, { key: "take", name: "Take the snapshot" });
  await reporter.jobStatus(job, "in_progress", null);
  reporter.log(job, ["working"]);
  const at = new Date().toISOString();
  await reporter.steps(job, [{ number: 1, name: "Set up job", status: "completed", conclusion, startedAt: at, completedAt: at }]);
  await reporter.jobStatus(job, "completed", conclusion);
  await reporter.runStatus(run.id, "completed", conclusion);
  return job;
}

test("people, repository, branches, commits and contents", async () => {
  const api = fixture.client("alice");
  const { repo } = fixture;
  await api.users.getAuthenticated();
  await api.rateLimit.get();
  await api.repos.get(repo);
  await api.repos.listBranches({ ...repo, per_page: 1 });
  await api.repos.getBranch({ ...repo, branch: "main" });
  await api.repos.getCollaboratorPermissionLevel({ ...repo, username: "bob" });
  await api.repos.listCommits({ ...repo, sha: "main", path: "docs" });
  await api.repos.getCommit({ ...repo, ref: "main" });
  await api.repos.compareCommitsWithBasehead({ ...repo, basehead: `${main}...main` });
  for (const path of ["docs", "docs/a.txt", ""]) await api.repos.getContent({ ...repo, path, ref: "main" });
  await api.repos.getContent({ ...repo, path: "docs/a.txt", mediaType: { format: "raw" } });
  await api.repos.listDeploymentBranchPolicies({ ...repo, environment_name: "restore" });
  await api.repos.getAllEnvironments(repo);
  await api.repos.getEnvironment({ ...repo, environment_name: "restore" });
  expect(await statusOf(api.repos.getContent({ ...repo, path: "none" }))).toMatchObject({ status: 404 });
  const revoked = fixture.hub.createToken({ login: "carol", permissions: {} });
  await fetch(`${fixture.hub.url}/credentials/revoke`, { method: "POST", body: JSON.stringify({ credentials: [revoked] }) });
});

test("git data", async () => {
  const api = fixture.client("alice");
  const { repo } = fixture;
  const blob = await api.git.createBlob({ ...repo, content: "text\n", encoding: "utf-8" });
  await api.git.getBlob({ ...repo, file_sha: blob.data.sha });
  await api.git.getBlob({ ...repo, file_sha: blob.data.sha, mediaType: { format: "raw" } });
  const tree = await api.git.createTree({
    ...repo,
    tree: [{ path: "x/y.txt", mode: "100644", type: "blob", sha: blob.data.sha }],
  });
  await api.git.getTree({ ...repo, tree_sha: tree.data.sha, recursive: "1" });
  await api.git.getTree({ ...repo, tree_sha: "main" });
  const commit = await api.git.createCommit({ ...repo, message: "First", tree: tree.data.sha, parents: [] });
  await api.git.getCommit({ ...repo, commit_sha: commit.data.sha });
  await api.git.createRef({ ...repo, ref: "refs/heads/made", sha: commit.data.sha });
  const next = await api.git.createCommit({ ...repo, message: "Second", tree: tree.data.sha, parents: [commit.data.sha] });
  await api.git.updateRef({ ...repo, ref: "heads/made", sha: next.data.sha });
  await api.git.getRef({ ...repo, ref: "heads/made" });
  await api.git.listMatchingRefs({ ...repo, ref: "heads/m" });
  expect(await statusOf(api.git.createRef({ ...repo, ref: "refs/heads/made", sha: commit.data.sha }))).toMatchObject({ status: 422 });
  expect(await statusOf(api.git.getRef({ ...repo, ref: "heads/none" }))).toMatchObject({ status: 404 });
  expect(await statusOf(fixture.client("carol").git.createBlob({ ...repo, content: "no" }))).toMatchObject({ status: 403 });
});

test("GraphQL: a commit on a branch, reads, a stale head", async () => {
  const api = fixture.client("alice");
  const commit = (expectedHeadOid: string) =>
    api.graphql(
      "mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid url } ref { name } } }",
      {
        input: {
          branch: { repositoryNameWithOwner: "acme/holdfast", branchName: "other" },
          message: { headline: "A line more" },
          expectedHeadOid,
          fileChanges: { additions: [{ path: "b.txt", contents: Buffer.from("b").toString("base64") }] },
        },
      },
    );
  const { data } = await api.git.getRef({ ...fixture.repo, ref: "heads/other" });
  await commit(data.object.sha);
  await expect(commit(data.object.sha)).rejects.toThrow(/Expected branch to point to/);
  const answer = await api.graphql(
    `query ($owner: String!) { viewer { login } repository(owner: $owner, name: "holdfast") { nameWithOwner object(expression: "main:docs/a.txt") { __typename oid ... on Blob { text byteSize } } } }`,
    { owner: "acme" },
  );
  expect(answer).toMatchObject({ repository: { object: { text: "one\n" } } });
});

test("workflows, runs, jobs and logs", async () => {
  const api = fixture.client("alice");
  const { repo } = fixture;
  await api.actions.listRepoWorkflows(repo);
  const { data: workflow } = await api.actions.getWorkflow({ ...repo, workflow_id: "snapshot.yml" });
  await api.request("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", {
    ...repo,
    workflow_id: workflow.id,
    ref: "main",
    return_run_details: true,
  });
  const waiting = await dispatched();
  await api.actions.getWorkflowRun({ ...repo, run_id: waiting.run.id });
  const job = await ended(waiting, "failure");
  const ids = { ...repo, run_id: waiting.run.id };
  await api.actions.getWorkflowRun(ids);
  await api.actions.listWorkflowRuns({ ...repo, workflow_id: "snapshot.yml", per_page: 20, status: "failure" });
  await api.actions.listWorkflowRunsForRepo({ ...repo, branch: "main", event: "workflow_dispatch" });
  await api.actions.listJobsForWorkflowRun({ ...ids, filter: "all" });
  await api.actions.getWorkflowRunAttempt({ ...ids, attempt_number: 1 });
  await api.actions.listJobsForWorkflowRunAttempt({ ...ids, attempt_number: 1 });
  await api.actions.getJobForWorkflowRun({ ...repo, job_id: job });
  await api.actions.downloadJobLogsForWorkflowRun({ ...repo, job_id: job });
  expect(await statusOf(api.actions.cancelWorkflowRun(ids))).toMatchObject({ status: 409 });
  await api.actions.reRunWorkflow(ids);
  await api.actions.cancelWorkflowRun(ids);
  const failed = await dispatched();
  await ended(failed, "failure");
  await api.actions.reRunWorkflowFailedJobs({ ...repo, run_id: failed.run.id });
});

test("settings: rules, Actions, subjects, secrets, variables, Pages, the owner's plan", async () => {
  const { hub, repo } = fixture;
  const rulesets = await Promise.all(
    ["main", "production", "ledger"].map(async (name) => JSON.parse(await readFile(`docs/examples/rulesets/${name}.json`, "utf8"))),
  );
  hub.changeSettings({
    rulesets,
    pages: { status: "built", cname: "holdfast.example.org", httpsEnforced: true, source: "workflow" },
    secrets: ["OLD"],
  });
  hub.setEnvironment({ name: "restore", vars: { DATABASE_USER: "app" }, secrets: { DATABASE_PASSWORD: "hidden" } });
  const reading = { administration: "read", secrets: "read", pages: "read", environments: "read", actions: "read" } as const;
  const api = fixture.client("dora", reading);
  const main = await api.repos.getBranchRules({ ...repo, branch: "main" });
  expect(main.data.map((rule) => rule.type)).toEqual(["deletion", "non_fast_forward", "pull_request", "required_status_checks"]);
  expect((await api.repos.getBranchRules({ ...repo, branch: "other" })).data).toEqual([]);
  await api.repos.getRepoRulesets({ ...repo, includes_parents: true });
  expect((await api.repos.getRepoRuleset({ ...repo, ruleset_id: 2 })).data.bypass_actors).toHaveLength(1);
  const stranger = await fixture.client("alice").repos.getRepoRuleset({ ...repo, ruleset_id: 2 });
  expect(stranger.data.bypass_actors, "GitHub tells only administrators").toBeUndefined();
  await api.actions.getGithubActionsPermissionsRepository(repo);
  await api.actions.getGithubActionsDefaultWorkflowPermissionsRepository(repo);
  await api.actions.getCustomOidcSubClaimForRepo(repo);
  expect((await api.actions.listRepoSecrets(repo)).data.secrets.map(({ name }) => name)).toEqual(["OLD"]);
  const environment = { ...repo, environment_name: "restore" };
  expect((await api.actions.listEnvironmentSecrets(environment)).data.secrets.map(({ name }) => name)).toEqual(["DATABASE_PASSWORD"]);
  expect((await api.actions.listEnvironmentVariables(environment)).data.variables).toMatchObject([{ name: "DATABASE_USER", value: "app" }]);
  await api.repos.getPages(repo);
  expect((await api.orgs.get({ org: "acme" })).data.plan?.name).toBe("team");
  expect((await fixture.client("alice").orgs.get({ org: "acme" })).data.plan).toBeUndefined();
  expect(await statusOf(fixture.client("alice").actions.listRepoSecrets(repo))).toMatchObject({ status: 403 });
});

test("a workflow that somebody switched off is told so, and is not started", async () => {
  const { hub, repo } = fixture;
  const api = fixture.client("alice");
  hub.changeSettings({ workflowStates: { "snapshot.yml": "disabled_manually" } });
  expect((await api.actions.getWorkflow({ ...repo, workflow_id: "snapshot.yml" })).data.state).toBe("disabled_manually");
  expect(await statusOf(dispatched())).toMatchObject({ status: 422 });
  hub.changeSettings({ workflowStates: {} });
});

test("artifacts: listed by name, downloaded through a signed address, gone when expired", async () => {
  const api = fixture.client("alice");
  const { repo } = fixture;
  const { id } = fixture.hub.plantArtifact({ name: "alerts", zip: Buffer.from("zip"), branch: "main" });
  const { data } = await api.actions.listArtifactsForRepo({ ...repo, name: "alerts", per_page: 5 });
  expect(data.artifacts).toMatchObject([{ id, name: "alerts", size_in_bytes: 3, workflow_run: { head_branch: "main" } }]);
  const download = await api.actions.downloadArtifact({ ...repo, artifact_id: id, archive_format: "zip" });
  expect(Buffer.from(z.instanceof(ArrayBuffer).parse(download.data)).toString()).toBe("zip");
  expect(await statusOf(api.actions.downloadArtifact({ ...repo, artifact_id: id + 1, archive_format: "zip" }))).toMatchObject({
    status: 404,
  });
  expect((await fetch(`${fixture.hub.url}/_artifacts/${id}?se=9999999999999&sig=forged`)).status).toBe(403);
});

test("nothing that was asked and answered violates GitHub's description", () => {
  expect(checkRecord(record)).toEqual([]);
});

test("every operation was asked and answered well at least once", () => {
  const description = githubDescription();
  const done = record
    .filter(({ status, path }) => status < 400 && path !== "/graphql")
    .map(({ method, path }) => description.match(method, new URL(path, "http://record").pathname)?.operation.key);
  expect(OPERATIONS.filter((operation) => !done.includes(operation) && !REVIEWS.test(operation))).toEqual([]);
});
