import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fixture, full, octokit, openFixture, statusOf } from "./sandbox-fixture.ts";
import { createScriptedEngine } from "./scripted-engine.ts";

const restore = `
name: Restore
on:
  workflow_dispatch:
    inputs:
      request_id: {type: string, required: true}
      cluster: {type: choice, options: [app-prod, app-test], default: app-prod}
      dry: {type: boolean, default: true}
      keep: {type: number}
      note: {type: string}
`;
const manyInputs = Array.from({ length: 25 }, (_, index) => `      i${index}: {type: string}`).join("\n");

const engine = createScriptedEngine();
let fixture: Fixture;

beforeAll(async () => {
  fixture = await openFixture({ engine });
  await fixture.commit("main", {
    ".github/workflows/restore.yml": restore,
    ".github/workflows/many.yml": `name: Many\non:\n  workflow_dispatch:\n    inputs:\n${manyInputs}\n`,
    ".github/workflows/later.yml": "name: Later\non: {workflow_dispatch: {}}\n",
    ".github/workflows/odd.yml": "name: Odd\non: {workflow_dispatch: {}}\n",
  });
  await fixture.commit("production", {
    ".github/workflows/restore.yml": restore,
    ".github/workflows/later.yml": "name: Later\non: {push: {}}\n",
    ".github/workflows/odd.yml": "name: Odd\nstrategy: {}\non: {workflow_dispatch: {}}\n",
    ".github/workflows/only-here.yml": restore,
  });
});
afterAll(() => fixture.close());

const dispatch = (inputs: Record<string, unknown>, more: Record<string, unknown> = {}, login = "alice") =>
  fixture.client(login).request("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", {
    ...fixture.repo,
    workflow_id: "restore.yml",
    ref: "production",
    inputs,
    ...more,
  });

test("a dispatch starts a run with typed inputs and answers 204, or the run's details when asked", async () => {
  const quiet = await dispatch({ request_id: "r-1" });
  expect(quiet.status).toBe(204);
  const told = await dispatch({ request_id: "r-2", dry: "false", keep: "7", cluster: "app-test" }, { return_run_details: true });
  expect(told.status).toBe(200);
  const { host, run } = engine.started.at(-1) ?? {};
  expect(run).toMatchObject({
    path: ".github/workflows/restore.yml",
    ref: "refs/heads/production",
    event: "workflow_dispatch",
    actor: "alice",
    inputs: { request_id: "r-2", dry: false, keep: 7, cluster: "app-test", note: "" },
  });
  expect(told.data).toEqual({
    workflow_run_id: run?.id,
    run_url: `${fixture.hub.url}/repos/acme/holdfast/actions/runs/${run?.id}`,
    html_url: `${fixture.hub.url}/acme/holdfast/actions/runs/${run?.id}`,
  });
  expect(await host?.readFile(run?.sha ?? "", ".github/workflows/restore.yml")).toBe(restore);
  const shown = await fixture.client("carol", { actions: "read" }).actions.getWorkflowRun({ ...fixture.repo, run_id: run?.id ?? 0 });
  expect(shown.data).toMatchObject({
    name: "Restore",
    status: "queued",
    conclusion: null,
    head_branch: "production",
    display_title: expect.stringContaining("r-2"),
    run_number: 2,
  });
});

test("the newer API version always answers with the run", async () => {
  const told = await dispatch({ request_id: "r-3" }, { headers: { "x-github-api-version": "2026-03-10" } });
  expect(told.status).toBe(200);
  expect(await statusOf(dispatch({ request_id: "r" }, { headers: { "x-github-api-version": "1999-01-01" } }))).toMatchObject({
    status: 400,
  });
});

test.each([
  ["an unknown input", { request_id: "r", foo: "x" }, 'Unexpected inputs provided: ["foo"]'],
  ["a missing required input", {}, "Required input 'request_id' not provided"],
  [
    "a choice off the list",
    { request_id: "r", cluster: "other" },
    "Provided value 'other' for input 'cluster' not in the list of allowed values",
  ],
  ["an empty boolean", { request_id: "r", dry: "" }, "Provided value '' for input 'dry' not in the list of allowed values"],
  ["a number that is none", { request_id: "r", keep: "many" }, "Provided value 'many' for input 'keep'"],
  [
    "26 inputs",
    Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`i${index}`, ""])),
    "No more than 25 properties are allowed; 26 were supplied.",
  ],
  ["a payload over 65,535 characters", { request_id: "r", note: "x".repeat(65_535) }, "inputs are too large."],
])("%s is refused", async (_name, inputs, message) => {
  const before = engine.started.length;
  expect(await statusOf(dispatch(inputs))).toMatchObject({ status: 422, message: expect.stringContaining(message) });
  expect(engine.started).toHaveLength(before);
});

test("the payload limit is exact", async () => {
  const spare = 65_535 - JSON.stringify({ request_id: "r", note: "" }).length;
  expect((await dispatch({ request_id: "r", note: "x".repeat(spare) })).status).toBe(204);
  expect(await statusOf(dispatch({ request_id: "r", note: "x".repeat(spare + 1) }))).toMatchObject({ status: 422 });
});

test("25 inputs pass", async () => {
  const inputs = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`i${index}`, "v"]));
  expect((await dispatch(inputs, { workflow_id: "many.yml", ref: "main" })).status).toBe(204);
});

test("the file must be on the default branch, and the ref's copy must have the trigger", async () => {
  const missing = { workflow_id: "only-here.yml" };
  expect(await statusOf(dispatch({ request_id: "r" }, missing))).toMatchObject({ status: 404 });
  expect(await statusOf(dispatch({}, { workflow_id: "later.yml" }))).toMatchObject({
    status: 422,
    message: expect.stringContaining("Workflow does not have 'workflow_dispatch' trigger"),
  });
  expect(await statusOf(dispatch({ request_id: "r" }, { ref: "nowhere" }))).toMatchObject({
    status: 422,
    message: expect.stringContaining("No ref found for: nowhere"),
  });
});

test("syntax outside the engine's subset is a loud 500 that names the file", async () => {
  expect(await statusOf(dispatch({}, { workflow_id: "odd.yml" }))).toMatchObject({
    status: 500,
    message: expect.stringContaining(".github/workflows/odd.yml: the key strategy is not supported"),
  });
});

test("who may not write, or whose token may not, starts nothing", async () => {
  expect(await statusOf(dispatch({ request_id: "r" }, {}, "carol"))).toMatchObject({
    status: 403,
    message: expect.stringContaining("Must have admin rights to Repository."),
  });
  const weak = fixture.client("alice", { actions: "read" });
  const refused = statusOf(
    weak.actions.createWorkflowDispatch({ ...fixture.repo, workflow_id: "restore.yml", ref: "production", inputs: { request_id: "r" } }),
  );
  expect(await refused).toMatchObject({
    status: 403,
    message: expect.stringContaining("Resource not accessible by personal access token"),
  });
});

test("workflows are listed from the default branch and found by id or file name", async () => {
  const api = fixture.client("carol", { actions: "read" });
  const { data } = await api.actions.listRepoWorkflows(fixture.repo);
  expect(data.workflows.map(({ path }) => path.split("/").at(-1))).toEqual(["later.yml", "many.yml", "odd.yml", "restore.yml"]);
  const byName = await api.actions.getWorkflow({ ...fixture.repo, workflow_id: "restore.yml" });
  const byId = await api.actions.getWorkflow({ ...fixture.repo, workflow_id: byName.data.id });
  expect(byId.data).toMatchObject({ name: "Restore", state: "active", path: ".github/workflows/restore.yml" });
});

test("a job's token may dispatch, and the bot is the actor", async () => {
  await dispatch({ request_id: "outer" });
  const { host, run } = engine.started.at(-1) ?? {};
  if (host === undefined || run === undefined) throw new Error("nothing started");
  const id = await host.reporter.jobQueued(run.id, 1, { key: "tick", name: "tick" });
  const { token } = host.issueJobToken(run, { id, name: "tick", environment: null }, { actions: "write" });
  await octokit(fixture.hub, token).actions.createWorkflowDispatch({
    ...fixture.repo,
    workflow_id: "restore.yml",
    ref: "production",
    inputs: { request_id: "inner" },
  });
  expect(engine.started.at(-1)?.run).toMatchObject({ actor: "github-actions[bot]", inputs: { request_id: "inner" } });
  const { data } = await octokit(fixture.hub, token).actions.listWorkflowRuns({ ...fixture.repo, workflow_id: "restore.yml" });
  expect(data.workflow_runs[0]?.actor?.html_url).toBe(`${fixture.hub.url}/apps/github-actions`);
  await host.reporter.jobStatus(id, "completed", "success");
  expect(await statusOf(octokit(fixture.hub, token).repos.get(fixture.repo))).toMatchObject({ status: 401 });
});

test("a lost answer after a dispatch leaves a run that its request id finds", async () => {
  let armed = true;
  const lossy = await openFixture({
    engine,
    intercept: ({ path }) => {
      if (!armed || !path.endsWith("/dispatches")) return undefined;
      armed = false;
      return { kind: "hang-up", when: "after" };
    },
  });
  try {
    await lossy.commit("main", { ".github/workflows/restore.yml": restore });
    const api = octokit(lossy.hub, lossy.hub.createToken({ login: "alice", permissions: full }));
    await expect(
      api.actions.createWorkflowDispatch({ ...lossy.repo, workflow_id: "restore.yml", ref: "main", inputs: { request_id: "lost-1" } }),
    ).rejects.toThrow();
    const { data } = await api.actions.listWorkflowRuns({ ...lossy.repo, workflow_id: "restore.yml" });
    expect(data.workflow_runs.map(({ display_title }) => display_title)).toEqual([expect.stringContaining("lost-1")]);
  } finally {
    await lossy.close();
  }
});
