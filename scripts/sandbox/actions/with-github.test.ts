import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { until } from "../../testing/patience.ts";
import { type Fixture, full, openFixture } from "../github/sandbox-fixture.ts";
import { createEngine } from "./engine.ts";

const PATH = ".github/workflows/w.yml";
const open: Fixture[] = [];

afterEach(async () => {
  for (const fixture of open.splice(0)) await fixture.close();
});

async function openWorld(state = mkdtempSync(join(tmpdir(), "holdfast-with-github-"))): Promise<Fixture> {
  const fixture = await openFixture({ state, engine: createEngine({ stateDir: state, grace: { interrupt: 100, terminate: 100 } }) });
  open.push(fixture);
  return fixture;
}

const WORKFLOW = `name: W
run-name: W of \${{ inputs.who }}
on:
  workflow_dispatch:
    inputs: {who: {required: true}, wait: {type: boolean, default: false}}
jobs:
  a:
    runs-on: x
    environment: restore
    permissions: {contents: read, id-token: write}
    steps:
      - uses: actions/checkout@${"a".repeat(40)}
      - run: |
          echo "hello $WHO from $PLACE"
          curl -sf -H "authorization: bearer $TOKEN" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY" > repo.json
          node -p 'JSON.parse(require("fs").readFileSync("repo.json")).full_name'
          curl -sf -H "authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=x" > token.json
          node -p 'JSON.parse(Buffer.from(JSON.parse(require("fs").readFileSync("token.json")).value.split(".")[1], "base64url")).sub'
        env: {WHO: "\${{ inputs.who }}", PLACE: "\${{ vars.PLACE }}", TOKEN: "\${{ github.token }}"}
      - if: inputs.wait
        run: sleep 60
`;

test("a dispatch through the API becomes steps, a log and a conclusion to read there", async () => {
  const world = await openWorld();
  await world.commit("main", { [PATH]: WORKFLOW });
  await world.commit("production", { [PATH]: WORKFLOW });
  world.hub.setEnvironment({ name: "restore", branchPolicy: ["production"], vars: { PLACE: "there" }, secrets: {} });
  const alice = world.client("alice");
  const finish = async (ref: string) => {
    const { data } = await alice.request("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", {
      ...world.repo,
      workflow_id: "w.yml",
      ref,
      inputs: { who: "Ada" },
      return_run_details: true,
    });
    return until("the run is completed", async () => {
      const { data: run } = await alice.actions.getWorkflowRun({ ...world.repo, run_id: Number(data.workflow_run_id) });
      return run.status === "completed" ? run : null;
    });
  };
  const run = await finish("production");
  const { jobs } = (await alice.actions.listJobsForWorkflowRun({ ...world.repo, run_id: run.id })).data;
  const log = String((await alice.actions.downloadJobLogsForWorkflowRun({ ...world.repo, job_id: jobs[0]?.id ?? 0 })).data);
  expect(log).toMatch(/hello Ada from there\n.*acme\/holdfast\n.*repo:acme\/holdfast:environment:restore\n/);
  expect(run).toMatchObject({ conclusion: "success", display_title: "W of Ada" });
  expect(jobs[0]?.steps?.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
    "Set up job: success",
    `Run actions/checkout@${"a".repeat(40)}: success`,
    'Run echo "hello $WHO from $PLACE": success',
    "Run sleep 60: skipped",
    "Complete job: success",
  ]);
  expect((await finish("main")).conclusion).toBe("failure");
});

test("syntax outside of the subset is a loud 500 at dispatch", async () => {
  const world = await openWorld();
  await world.commit("main", { [PATH]: "on: workflow_dispatch\njobs:\n  a: {runs-on: x, container: node, steps: [{run: x}]}\n" });
  await expect(
    world.client("alice").actions.createWorkflowDispatch({ ...world.repo, workflow_id: "w.yml", ref: "main" }),
  ).rejects.toMatchObject({ status: 500, message: expect.stringContaining("w.yml line 3: jobs.a.container") });
});

test("a sandbox killed in the middle of a step ends that run at its next start", async () => {
  const state = mkdtempSync(join(tmpdir(), "holdfast-killed-"));
  const script = join(state, "host.mts");
  writeFileSync(
    script,
    `import { openFixture } from ${JSON.stringify(join(import.meta.dirname, "..", "github", "sandbox-fixture.ts"))};
import { createEngine } from ${JSON.stringify(join(import.meta.dirname, "engine.ts"))};
const world = await openFixture({ state: ${JSON.stringify(state)}, engine: createEngine({ stateDir: ${JSON.stringify(state)} }) });
await world.commit("main", { ${JSON.stringify(PATH)}: "on: workflow_dispatch\\njobs:\\n  a: {runs-on: x, steps: [{run: echo ready; sleep 300}]}\\n" });
await world.client("alice").actions.createWorkflowDispatch({ ...world.repo, workflow_id: "w.yml", ref: "main" });
setInterval(() => {
  const step = world.hub.runs()[0]?.attempts[0]?.jobs[0]?.steps[1];
  if (step?.status === "in_progress") process.stdout.write("ready\\n");
}, 20);
`,
  );
  const host = spawn(process.execPath, ["--import", "tsx", script], { stdio: ["ignore", "pipe", "inherit"], cwd: import.meta.dirname });
  const ended = new Promise((resolve) => host.once("exit", resolve));
  await Promise.race([new Promise((resolve) => host.stdout.once("data", resolve)), ended]);
  host.kill("SIGKILL");
  await ended;

  const world = await openWorld(state);
  const client = world.client("alice", full);
  const { workflow_runs: runs } = (await client.actions.listWorkflowRunsForRepo(world.repo)).data;
  expect(runs.map(({ status, conclusion }) => `${status} ${conclusion}`)).toEqual(["completed failure"]);
  const { jobs } = (await client.actions.listJobsForWorkflowRun({ ...world.repo, run_id: runs[0]?.id ?? 0 })).data;
  expect(jobs[0]?.steps?.map(({ conclusion }) => conclusion)).toEqual(["success", "failure", "skipped"]);
  const log = String((await client.actions.downloadJobLogsForWorkflowRun({ ...world.repo, job_id: jobs[0]?.id ?? 0 })).data);
  expect(log).toContain("The runner has received a shutdown signal.");
  await rm(state, { recursive: true, force: true });
});
