import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createFakeHost, type FakeHost, workflow } from "./fake-host.ts";
import { createProcesses } from "./processes.ts";

const open: FakeHost[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

function alive(pid: number): boolean {
  try {
    // A dead child that nobody has collected yet is still listed, as a zombie.
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .startsWith("Z");
  } catch {
    return false;
  }
}

test("after the engine was closed a new one ends what was in progress and starts what waited", async () => {
  const runnerEnv: Record<string, string> = {};
  const world = createFakeHost({
    engine: { runnerEnv },
    files: workflow(`  first:
    runs-on: x
    concurrency: {group: one, queue: max}
    steps:
      - run: |
          echo in
          if [ ! -e "$FOLDER/go" ]; then sleep 60; fi
          echo out
      - if: always()
        run: echo last
  second: {runs-on: x, needs: first, steps: [{run: echo second}]}
`),
  });
  runnerEnv.FOLDER = world.folder;
  open.push(world);
  const runs = [await world.start(), await world.start()];
  await world.until("the first works and the second waits", () => {
    const jobs = [...world.jobs.values()];
    return jobs[0]?.log.includes("in") === true && jobs[1]?.status === "pending";
  });
  await world.engine.close();
  // A closed engine ends nothing in the store: only the next life can say what became of it.
  expect(runs.map(({ id }) => world.runs.get(id)?.status)).toEqual(["in_progress", "pending"]);
  writeFileSync(join(world.folder, "go"), "");
  await world.revive().recover(
    world.host,
    runs.map((run) => ({ ...run, status: world.runs.get(run.id)?.status ?? "queued" })),
  );
  await world.until("the second is completed", () => world.runs.get(2)?.status === "completed");
  expect([...world.runs.values()].map(({ conclusion }) => conclusion)).toEqual(["failure", "success"]);
  const lost = world.job("first", 1);
  expect(lost.conclusion).toBe("failure");
  expect(lost.log.at(-1)).toMatch(/^##\[error\]The runner has received a shutdown signal\./);
  expect(lost.steps.map(({ status, conclusion }) => `${status} ${conclusion}`)).toEqual([
    "completed success",
    "completed failure",
    "completed skipped",
    "completed skipped",
  ]);
  // The waiting job kept its record: no second one was made for it.
  expect([...world.jobs.values()].map(({ runId, key }) => `${runId} ${key}`)).toEqual(["1 first", "2 first", "2 second"]);
  expect(world.job("first", 2).log).toContain("out");
  expect(readdirSync(join(world.folder, "state", "runner", "_journal"))).toEqual([]);
});

test("children of a killed sandbox are found by the next one and ended", async () => {
  const world = createFakeHost({ files: { x: "x" } });
  open.push(world);
  const folder = join(world.folder, "processes");
  const script = join(world.folder, "host.mts");
  const pidFile = join(world.folder, "pid");
  writeFileSync(
    script,
    `import { createProcesses } from ${JSON.stringify(join(import.meta.dirname, "processes.ts"))};
const command = "sleep 300 & echo $! > ${pidFile}.part; mv ${pidFile}.part ${pidFile}; wait";
await createProcesses(${JSON.stringify(folder)}).run({ command: "bash", args: ["-c", command], cwd: "/", env: { PATH: process.env.PATH ?? "" }, owner: "x", signal: new AbortController().signal, grace: { interrupt: 1, terminate: 1 }, onLine: () => {} });
`,
  );
  const host = spawn(process.execPath, ["--import", "tsx", script], { stdio: "inherit", cwd: import.meta.dirname });
  await world.until("the grandchild runs", () => existsSync(pidFile));
  const grandchild = Number(readFileSync(pidFile, "utf8"));
  const ended = new Promise((resolve) => host.once("exit", resolve));
  host.kill("SIGKILL");
  await ended;
  expect(alive(grandchild)).toBe(true);
  createProcesses(folder).killOrphans();
  await world.until("the grandchild is gone", () => !alive(grandchild));
  expect(readdirSync(folder)).toEqual([]);
});

test("a stranger that got the number of a lost child is left alone", async () => {
  const world = createFakeHost({ files: { x: "x" } });
  open.push(world);
  const folder = join(world.folder, "processes");
  const processes = createProcesses(folder);
  const stranger = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
  const pid = stranger.pid ?? 0;
  try {
    writeFileSync(join(folder, String(pid)), "started at another time");
    processes.killOrphans();
    expect(readdirSync(folder)).toEqual([]);
    expect(alive(pid)).toBe(true);
  } finally {
    stranger.kill("SIGKILL");
  }
});

test("a process that a step left in the background ends with its job, not with the step", async () => {
  const world = createFakeHost({
    files: workflow(`  a:
    runs-on: x
    steps:
      - run: |
          nohup sleep 300 > /dev/null 2>&1 &
          echo "pid=$!" >> "$GITHUB_OUTPUT"
        id: start
      - run: |
          kill -0 \${{ steps.start.outputs.pid }}
          echo "still there \${{ steps.start.outputs.pid }}"
`),
  });
  open.push(world);
  expect(await world.finish()).toBe("success");
  const pid = Number(/still there (\d+)$/m.exec(world.job("a").log.findLast((line) => line.startsWith("still there")) ?? "")?.[1]);
  expect(pid).toBeGreaterThan(1);
  await world.until("the background process is gone", () => !alive(pid));
});

test("a run that cannot be started again does not keep the others from it", async () => {
  const errors: unknown[] = [];
  const world = createFakeHost({
    engine: { onError: (error) => errors.push(error) },
    files: workflow("  a: {runs-on: x, steps: [{run: echo fine}]}\n"),
  });
  open.push(world);
  const lost = world.record({ sha: "0".repeat(40), createdAt: "2026-11-20T10:00:00Z" });
  const waiting = world.record({ createdAt: "2026-11-20T10:01:00Z" });
  await world.engine.recover(world.host, [
    { ...waiting, status: "queued" },
    { ...lost, status: "queued" },
  ]);
  await world.until("the other is completed", () => world.runs.get(waiting.id)?.status === "completed");
  expect(world.runs.get(lost.id)).toEqual({ status: "completed", conclusion: "failure" });
  expect(world.runs.get(waiting.id)?.conclusion).toBe("success");
  expect(String(errors[0])).toMatch(/w\.yml does not exist at 0000/);
});
