import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Octokit } from "@octokit/rest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Access, readAccess } from "../sandbox/access.ts";
import { octokit } from "../sandbox/github/sandbox-fixture.ts";
import type { RecordEntry } from "../sandbox/record.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { checkRecord } from "./check-record.ts";
import { isObject } from "./described.ts";

/** The promoted workers, run by the workflow engine as GitHub would run them: whatever they and their callers say must be what GitHub and AWS understand. */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const repo = { owner: "acme", repo: "holdfast" };

const record: RecordEntry[] = [];
let folder: string;
let sandbox: Sandbox;
let tokens: Access["tokens"];
let alice: Octokit;
let bob: Octokit;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-conformity-"));
  const state = join(folder, "state");
  const reviewers = { restore: ["bob"], preventSelfReview: true };
  sandbox = await startSandbox({ state, checkout: ROOT, reviewers, record: (entry) => record.push(entry) });
  await sandbox.promote();
  tokens = (await readAccess(state, sandbox.github)).tokens;
  alice = octokit(sandbox.github, tokens.operator);
  bob = octokit(sandbox.github, tokens.approver);
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

async function dispatched(workflow: string, ref: string, inputs: Readonly<Record<string, string>> = {}): Promise<number> {
  const { data } = await alice.request("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", {
    ...repo,
    workflow_id: workflow,
    ref,
    inputs,
    return_run_details: true,
  });
  return Number(data.workflow_run_id);
}

async function reaches(run_id: number, statuses: readonly string[]): Promise<string> {
  const read = async () => (await alice.actions.getWorkflowRun({ ...repo, run_id })).data;
  await expect.poll(async () => statuses.includes((await read()).status ?? ""), { interval: 250 }).toBe(true);
  const { status, conclusion } = await read();
  return conclusion ?? status ?? "";
}

async function reviewed(run_id: number, state: "approved" | "rejected"): Promise<string> {
  await reaches(run_id, ["waiting", "completed"]);
  const { data: pending } = await bob.actions.getPendingDeploymentsForRun({ ...repo, run_id });
  const environment_ids = pending.flatMap(({ environment }) => environment.id ?? []);
  // Who asked may not decide, and the refusal has GitHub's form too.
  await expect(
    alice.actions.reviewPendingDeploymentsForRun({ ...repo, run_id, environment_ids, state, comment: "My own" }),
  ).rejects.toThrow();
  await bob.actions.reviewPendingDeploymentsForRun({ ...repo, run_id, environment_ids, state, comment: `It is ${state}` });
  const ended = await reaches(run_id, ["completed"]);
  await alice.actions.getReviewsForRun({ ...repo, run_id });
  return ended;
}

const restore = (target: string) => ({
  cluster: "app-prod",
  target,
  snapshot: "",
  time: new Date().toISOString(),
  reason: "Because conformity is to be shown",
  request_id: randomUUID(),
});

test("a snapshot, a restore that waits for approval, a refused and a rejected one, and the clock's tick", async () => {
  const snapshot = {
    cluster: "app-prod",
    reason: "Because conformity is to be shown",
    request_id: randomUUID(),
    trigger: "manual",
    app_version: "1",
  };
  expect(await reaches(await dispatched("snapshot.yml", "production", snapshot), ["completed"])).toBe("success");
  expect(await reviewed(await dispatched("restore.yml", "production", restore("app-new")), "approved")).toBe("success");
  expect(await reviewed(await dispatched("restore.yml", "production", restore("app-prod")), "approved")).toBe("failure");
  expect(await reviewed(await dispatched("restore.yml", "production", restore("app-newer")), "rejected")).toBe("failure");
  expect(await reaches(await dispatched("schedule.yml", "main"), ["completed"])).toBe("success");
  await expect(dispatched("restore.yml", "no-such-branch", restore("app-never"))).rejects.toThrow(/No ref found/);
});

test("none of it violates what GitHub and AWS describe", () => {
  expect(checkRecord(record)).toEqual([]);
});

test("the record holds what it is about", () => {
  const services = new Set(record.map(({ service }) => service));
  expect([...services].sort()).toEqual(["github", "rds", "sts"]);
  expect(record.filter(({ status }) => status >= 500)).toEqual([]);
  const actions = record.map(({ request }) => (isObject(request) ? request.Action : ""));
  expect(actions).toEqual(expect.arrayContaining(["CreateDBClusterSnapshot", "RestoreDBClusterToPointInTime", "CreateDBInstance"]));
  const requests = record.map(({ method, path }) => `${method} ${path.replace(/\d+/g, "N")}`);
  for (const asked of [
    "POST /graphql",
    "POST /repos/acme/holdfast/actions/runs/N/pending_deployments",
    "GET /repos/acme/holdfast/actions/runs/N/approvals",
  ])
    expect(requests).toContain(asked);
});

test("no token of anybody stands in the record", () => {
  const text = JSON.stringify(record);
  for (const token of Object.values(tokens)) expect(text).not.toContain(token);
  expect(text).not.toMatch(/ghs_\w{10}|eyJ[\w-]+\.eyJ/);
});
