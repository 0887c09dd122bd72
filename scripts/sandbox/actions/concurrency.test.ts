import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createFakeHost, type FakeHost, workflow } from "./fake-host.ts";
import { createWaitingLine } from "./waiting-line.ts";

const open: FakeHost[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

/** A job that says it is there and goes on when the file `go` appears in the test's folder. */
const BARRIER = `echo "$GITHUB_RUN_ID in" >> "$BARRIER/log"
          while [ ! -e "$BARRIER/go" ]; do sleep 0.02; done
          echo "$GITHUB_RUN_ID out" >> "$BARRIER/log"`;

function createWorld(concurrency: { readonly job?: string; readonly run?: string }, options: { readonly runners?: number } = {}): FakeHost {
  const runnerEnv: Record<string, string> = {};
  const world = createFakeHost({
    engine: { runnerEnv, ...options },
    files: workflow(
      `  a:
    runs-on: x
    ${concurrency.job ?? ""}
    steps:
      - run: |
          ${BARRIER}
`,
      concurrency.run ?? "",
    ),
  });
  runnerEnv.BARRIER = world.folder;
  open.push(world);
  return world;
}

const logOf = (world: FakeHost): readonly string[] =>
  existsSync(join(world.folder, "log")) ? readFileSync(join(world.folder, "log"), "utf8").trim().split("\n") : [];
const release = (world: FakeHost): void => writeFileSync(join(world.folder, "go"), "");
const conclusions = (world: FakeHost): readonly unknown[] => [...world.runs.values()].map(({ conclusion }) => conclusion);
const allDone = (world: FakeHost): Promise<void> =>
  world.until("all runs are completed", () => [...world.runs.values()].every(({ status }) => status === "completed"));

test("queue: max lets every job in, one at a time, in order of arrival", async () => {
  const world = createWorld({ job: `concurrency: {group: 'aurora-\${{ inputs.cluster }}', queue: max}` });
  for (let run = 0; run < 5; run += 1) await world.start({ inputs: { cluster: run % 2 === 0 ? "app-prod" : "APP-PROD" } });
  await world.until(
    "the first is inside and the others wait",
    () => logOf(world).length === 1 && [...world.jobs.values()].filter(({ status }) => status === "pending").length === 4,
  );
  release(world);
  await allDone(world);
  expect(logOf(world)).toEqual([1, 2, 3, 4, 5].flatMap((id) => [`${id} in`, `${id} out`]));
  expect(conclusions(world)).toEqual(Array.from({ length: 5 }, () => "success"));
});

test("without a queue a newcomer takes the place of the one that waits", async () => {
  const world = createWorld({ job: "concurrency: one" });
  for (let run = 0; run < 3; run += 1) await world.start();
  await world.until("the second is cancelled", () => world.runs.get(2)?.status === "completed");
  release(world);
  await allDone(world);
  expect(conclusions(world)).toEqual(["success", "cancelled", "success"]);
  expect(world.job("a", 2).annotations[0]?.message).toBe("Canceling since a higher priority waiting request for 'one' exists");
  expect(logOf(world)).toEqual(["1 in", "1 out", "3 in", "3 out"]);
});

test("a group of the whole run holds it back before it has any job", async () => {
  const world = createWorld({ run: `concurrency: {group: '\${{ github.workflow }}', queue: max}` });
  await world.start();
  await world.start();
  await world.until("the first is inside", () => logOf(world).length === 1);
  expect(world.runs.get(2)).toEqual({ status: "pending", conclusion: null });
  expect([...world.jobs.values()].map(({ runId }) => runId)).toEqual([1]);
  release(world);
  await allDone(world);
  expect(logOf(world)).toEqual(["1 in", "1 out", "2 in", "2 out"]);
});

test("cancel-in-progress ends the running one, process group included", async () => {
  const world = createWorld({ job: "concurrency: {group: one, cancel-in-progress: true}" });
  await world.start();
  await world.until("the first is inside", () => logOf(world).length === 1);
  await world.start();
  await world.until("the first is cancelled", () => world.runs.get(1)?.status === "completed");
  release(world);
  await allDone(world);
  expect(conclusions(world)).toEqual(["cancelled", "success"]);
  expect(logOf(world)).toEqual(["1 in", "2 in", "2 out"]);
});

test("a newcomer with cancel-in-progress also overtakes one that still waits for a runner", async () => {
  const world = createWorld({ job: `concurrency: {group: '\${{ inputs.group }}', cancel-in-progress: true}` }, { runners: 1 });
  await world.start({ inputs: { group: "other" } });
  await world.until("the first is inside", () => logOf(world).length === 1);
  await world.start({ inputs: { group: "one" } });
  await world.until("the second has its group and waits", () =>
    [...world.jobs.values()].some(({ runId, history }) => runId === 2 && history.length > 1),
  );
  await world.start({ inputs: { group: "one" } });
  await world.until("the second is cancelled", () => world.runs.get(2)?.status === "completed");
  release(world);
  await allDone(world);
  expect(conclusions(world)).toEqual(["success", "cancelled", "success"]);
  expect(world.job("a", 2).annotations[0]?.message).toBe("Canceling since a higher priority request for 'one' exists");
});

test("jobs without a group run side by side, as many as there are runners", async () => {
  const world = createWorld({}, { runners: 2 });
  for (let run = 0; run < 3; run += 1) await world.start();
  await world.until("two are inside", () => logOf(world).length === 2);
  expect([...world.jobs.values()].map(({ status }) => status)).toEqual(["in_progress", "in_progress", "queued"]);
  release(world);
  await allDone(world);
  const log = logOf(world);
  expect(log).toHaveLength(6);
  expect(log.indexOf("3 in")).toBeGreaterThan(log.findIndex((line) => line.endsWith("out")));
});

test("the same group on a run and its job is a deadlock that GitHub cancels", async () => {
  const world = createWorld({ run: "concurrency: same", job: "concurrency: Same" });
  expect(await world.finish()).toBe("cancelled");
  expect(world.job("a").annotations[0]?.message).toMatch(/deadlock was detected for concurrency group: 'Same'/);
});

test("a cancelled run leaves the line, and the next one moves up", async () => {
  const world = createWorld({ job: "concurrency: {group: one, queue: max}" });
  for (let run = 0; run < 3; run += 1) await world.start();
  await world.until("two wait", () => [...world.jobs.values()].filter(({ status }) => status === "pending").length === 2);
  await world.engine.cancel(2);
  await world.until("the second is cancelled", () => world.runs.get(2)?.status === "completed");
  release(world);
  await allDone(world);
  expect(conclusions(world)).toEqual(["success", "cancelled", "success"]);
});

test("cancel interrupts the running step, skips the rest, and still runs what asks for it", async () => {
  const world = createFakeHost({
    files: workflow(`  a:
    runs-on: x
    steps:
      - run: |
          trap 'echo interrupted; exit 130' INT
          echo ready
          while true; do sleep 0.02; done
      - run: echo never
      - if: cancelled()
        run: echo cleaned
  b: {runs-on: x, needs: a, steps: [{run: echo never}]}
  c: {runs-on: x, needs: a, if: always(), steps: [{if: always(), run: "echo a was \${{ needs.a.result }}"}]}
`),
  });
  open.push(world);
  const { id } = await world.start();
  await world.until("the step is ready", () => [...world.jobs.values()].some(({ log }) => log.at(-1) === "ready"));
  await world.engine.cancel(id);
  await allDone(world);
  expect(conclusions(world)).toEqual(["cancelled"]);
  const job = world.job("a");
  expect(job.conclusion).toBe("cancelled");
  expect(job.steps.map(({ conclusion }) => conclusion)).toEqual(["success", "cancelled", "skipped", "success", "success"]);
  expect(job.log).toEqual(expect.arrayContaining(["interrupted", "##[error]The operation was canceled.", "cleaned"]));
  expect(world.job("b").conclusion).toBe("cancelled");
  expect(world.job("c").log).toContain("a was cancelled");
});

test("a step or job beyond its minutes is stopped with its whole group, even when it ignores signals", async () => {
  const world = createFakeHost({
    engine: { minute: 150 },
    files: workflow(`  step:
    runs-on: x
    steps:
      - name: slow
        timeout-minutes: 1
        run: |
          trap '' INT TERM
          sleep 3600 & sleep 3600
      - if: failure()
        run: echo after
  job:
    runs-on: x
    timeout-minutes: 2
    steps: [{run: sleep 3600}]
`),
  });
  open.push(world);
  expect(await world.finish()).toBe("failure");
  expect(world.job("step").conclusion).toBe("failure");
  expect(world.job("step").annotations.map(({ message }) => message)).toContain("The action 'slow' has timed out after 1 minutes.");
  expect(world.job("step").log).toContain("after");
  expect(world.job("job").conclusion).toBe("cancelled");
  expect(world.job("job").annotations[0]?.message).toBe("The job has exceeded the maximum execution time of 2m0s");
});

test("a line of queue: max holds a hundred and turns the next away", async () => {
  const line = createWaitingLine(1);
  const ticket = { queue: "max", cancelInProgress: false, onSuperseded: () => {} } as const;
  const seats = Array.from({ length: 102 }, () => line.enter(ticket));
  expect(seats.filter((seat) => seat.waiting())).toHaveLength(100);
  expect(await seats[101]?.admitted).toBe("superseded");
  seats[0]?.leave();
  expect(await seats[1]?.admitted).toBe("admitted");
});
