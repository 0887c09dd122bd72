import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { until } from "../../testing/patience.ts";
import type { EnvironmentGrant, EnvironmentRefusal, EnvironmentReview } from "../github/engine-seam.ts";
import { type Fixture, openFixture } from "../github/sandbox-fixture.ts";
import { createEngine } from "./engine.ts";
import { createFakeHost, type FakeHost, type FakeHostOptions, workflow } from "./fake-host.ts";

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

interface Gate extends EnvironmentReview {
  decide(answer: EnvironmentGrant | EnvironmentRefusal): void;
  readonly withdrawals: number;
}

function createGate(): Gate {
  let withdrawals = 0;
  let decide: Gate["decide"] = () => {};
  const decided = new Promise<EnvironmentGrant | EnvironmentRefusal>((resolve) => {
    decide = resolve;
  });
  return {
    decided,
    decide: (answer) => decide(answer),
    withdraw: () => {
      withdrawals += 1;
    },
    get withdrawals() {
      return withdrawals;
    },
  };
}

function createWorld(jobs: string, environments: NonNullable<FakeHostOptions["environments"]>): FakeHost {
  const world = createFakeHost({ files: workflow(jobs), environments });
  open.push(world);
  return world;
}

const GATED = `  a:
    runs-on: x
    environment: restore
    steps: [{run: 'echo "$PLACE and $KEY"', env: {PLACE: "\${{ vars.PLACE }}", KEY: "\${{ secrets.KEY }}"}}]
  b: {runs-on: x, needs: a, steps: [{run: echo after}]}
`;
const grant: EnvironmentGrant = { vars: { PLACE: "there" }, secrets: { KEY: "k3y" } };

test("a job waits for its reviewer without a token, then runs with what the environment gives", async () => {
  const gate = createGate();
  const world = createWorld(GATED, { restore: gate });
  const { id } = await world.start();
  await world.until("it waits", () => world.job("a").status === "waiting" && world.runs.get(id)?.status === "waiting");
  expect([world.tokens, world.job("a").log]).toEqual([[], []]);
  gate.decide(grant);
  await world.until("the run is completed", () => world.runs.get(id)?.status === "completed");
  expect(world.runs.get(id)?.conclusion).toBe("success");
  expect(world.job("a").log).toContain("there and ***");
  expect(world.job("a").history).toEqual(["queued", "waiting", "in_progress", "completed"]);
  expect(gate.withdrawals).toBe(0);
});

test("a rejection fails the job with the words it came with, skips what needs it, and issues no token", async () => {
  const gate = createGate();
  const world = createWorld(GATED, { restore: gate });
  const { id } = await world.start();
  await world.until("it waits", () => world.job("a").status === "waiting");
  gate.decide({ refused: "No, said Bob." });
  await world.until("the run is completed", () => world.runs.get(id)?.status === "completed");
  expect(world.runs.get(id)?.conclusion).toBe("failure");
  expect([world.job("a").conclusion, world.job("b").conclusion]).toEqual(["failure", "skipped"]);
  expect(world.job("a").annotations).toEqual([{ level: "error", message: "No, said Bob." }]);
  expect(world.tokens).toEqual([]);
});

test("a cancelled run gives up its wait", async () => {
  const gate = createGate();
  const world = createWorld(GATED, { restore: gate });
  const { id } = await world.start();
  await world.until("it waits", () => world.job("a").status === "waiting");
  await world.engine.cancel(id);
  await world.until("the run is completed", () => world.runs.get(id)?.status === "completed");
  expect([world.runs.get(id)?.conclusion, world.job("a").conclusion, gate.withdrawals]).toEqual(["cancelled", "cancelled", 1]);
});

test("a closing engine does not wait for a reviewer, not even where the job runs whatever happens", async () => {
  const world = createWorld("  a: {runs-on: x, if: always(), environment: restore, steps: [{run: echo}]}\n", { restore: createGate() });
  await world.start();
  await world.until("it waits", () => world.job("a").status === "waiting");
  await world.engine.close();
  // Nothing was told to the store: the next life goes on waiting.
  expect(world.job("a").status).toBe("waiting");
});

test("who waits for a reviewer holds its own concurrency group and nobody else's", async () => {
  const gate = createGate();
  const world = createWorld(
    `  a:
    runs-on: x
    environment: \${{ inputs.environment }}
    concurrency: {group: "to-\${{ inputs.target }}", queue: max}
    steps: [{run: echo}]
`,
    { restore: gate, open: grant },
  );
  const waiting = await world.start({ inputs: { environment: "restore", target: "one" } });
  await world.until("the first waits", () => world.job("a", waiting.id).status === "waiting");
  const same = await world.start({ inputs: { environment: "open", target: "one" } });
  expect(await world.finish({ inputs: { environment: "open", target: "two" } })).toBe("success");
  expect(world.job("a", same.id).status).toBe("pending");
  gate.decide({ refused: "no" });
  await world.until("the place is free", () => world.runs.get(same.id)?.status === "completed");
  expect(world.runs.get(same.id)?.conclusion).toBe("success");
});

test("a run shows work while any job works, and waiting once only people can go on", async () => {
  const gate = createGate();
  const world = createWorld(
    `  a: {runs-on: x, environment: restore, steps: [{run: echo}]}
  b: {runs-on: x, environment: slow, steps: [{run: echo}]}
`,
    { restore: gate, slow: grant },
  );
  const { id } = await world.start();
  await world.until("b is done", () => world.job("b").status === "completed" && world.runs.get(id)?.status === "waiting");
  gate.decide(grant);
  await world.until("the run is completed", () => world.runs.get(id)?.status === "completed");
  expect(world.runs.get(id)?.conclusion).toBe("success");
});

const WAITING = `name: W
on: workflow_dispatch
jobs:
  before:
    runs-on: x
    outputs: {word: "\${{ steps.say.outputs.word }}"}
    steps:
      - id: say
        run: echo "word=kept" >> "$GITHUB_OUTPUT"
  gated:
    runs-on: x
    needs: before
    environment: restore
    steps: [{run: 'echo "$WORD and $PLACE"', env: {WORD: "\${{ needs.before.outputs.word }}", PLACE: "\${{ vars.PLACE }}"}}]
`;

async function openWorld(state: string): Promise<Fixture> {
  const world = await openFixture({ state, engine: createEngine({ stateDir: state, grace: { interrupt: 100, terminate: 100 } }) });
  open.push(world);
  return world;
}

test("a run that waits keeps waiting over a restart, and what it had done before is not done again", async () => {
  const state = mkdtempSync(join(tmpdir(), "holdfast-waiting-"));
  const first = await openWorld(state);
  await first.commit("main", { ".github/workflows/w.yml": WAITING });
  first.hub.setEnvironment({ name: "restore", vars: { PLACE: "there" }, reviewers: ["bob"], preventSelfReview: true });
  await first.client("alice").actions.createWorkflowDispatch({ ...first.repo, workflow_id: "w.yml", ref: "main" });
  const waits = (world: Fixture) =>
    until("the run waits", async () => {
      const run = world.hub.runs()[0];
      const attempt = run?.attempts[0];
      return run !== undefined && attempt?.status === "waiting" && attempt.jobs[1]?.status === "waiting" ? run : null;
    });
  const before = (await waits(first)).attempts[0]?.jobs;
  await first.hub.close();
  open.pop();

  const second = await openWorld(state);
  const run = await waits(second);
  expect(run.attempts[0]?.jobs.map(({ id, startedAt }) => [id, startedAt])).toEqual(before?.map(({ id, startedAt }) => [id, startedAt]));
  const bob = second.client("bob", { actions: "read", deployments: "write" });
  const { data: pending } = await until("the wait is taken up", async () => {
    const answer = await bob.actions.getPendingDeploymentsForRun({ ...second.repo, run_id: run.id });
    return answer.data.length > 0 ? answer : null;
  });
  await bob.actions.reviewPendingDeploymentsForRun({
    ...second.repo,
    run_id: run.id,
    environment_ids: pending.map(({ environment }) => Number(environment.id)),
    state: "approved",
    comment: "",
  });
  const ended = await until("the run is completed", async () => {
    const { data } = await bob.actions.getWorkflowRun({ ...second.repo, run_id: run.id });
    return data.status === "completed" ? data : null;
  });
  expect(ended.conclusion).toBe("success");
  const log = await bob.actions.downloadJobLogsForWorkflowRun({ ...second.repo, job_id: before?.[1]?.id ?? 0 });
  expect(String(log.data)).toContain("kept and there");
  await rm(state, { recursive: true, force: true });
});
