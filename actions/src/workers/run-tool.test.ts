import { expect, test } from "vitest";
import { packRendered, readRendered } from "./rendered.ts";
import { lastLines, runTool, type ToolCall } from "./run-tool.ts";

const node = (script: string, change: Partial<ToolCall> = {}) =>
  runTool({ command: [process.execPath, "-e", script], environment: {}, network: "taken away", limitMs: 60_000, ...change });

test("the tool sees nothing of this process's environment, its home and other processes' included", async () => {
  process.env.HOLDFAST_TEST_SECRET = "for one test run";
  const ended = await node(
    "console.log(JSON.stringify([process.env, process.platform === 'linux' && require('fs').readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length]))",
    { environment: { FLASK_APP: "app" } },
  );
  delete process.env.HOLDFAST_TEST_SECRET;
  if (!ended.ok) throw new Error(ended.problem);
  const [env, processes] = JSON.parse(ended.output);
  expect(
    Object.keys(env)
      .filter((name) => name !== "_" && name !== "PWD" && name !== "SHLVL")
      .sort(),
  ).toEqual(["FLASK_APP", "HOME", "LANG", "PATH"]);
  expect(env.HOME).not.toBe(process.env.HOME);
  if (ended.isolated) expect(processes).toBeLessThan(5);
});

test("where the network was said to be taken away, not even this machine can be reached", async () => {
  const ended = await node("console.log(Object.keys(require('os').networkInterfaces()).length)");
  if (!ended.ok) throw new Error(ended.problem);
  if (ended.isolated) expect(ended.output.trim()).toBe("0");
  expect(await node("0", { network: "needed" })).toMatchObject({ ok: true, isolated: false });
});

test.each<[string, Promise<unknown>, string, string]>([
  [
    "that is not there",
    runTool({ command: ["./nobody", "-x"], environment: {}, network: "needed", limitMs: 1_000 }),
    "`./nobody` is not there: `./nobody -x` cannot be called",
    "",
  ],
  ["that fails", node("console.error('first\\nlast'); process.exit(7)", { network: "needed" }), "ended with status 7", "first\nlast\n"],
  ["that never ends", node("setInterval(() => {}, 1000)", { network: "needed", limitMs: 500 }), "was not over after", ""],
  ["that never stops writing", node("for (;;) require('fs').writeSync(1, 'x'.repeat(65536))"), "wrote more than 16777216 bytes", ""],
])("a tool %s is told as that", async (_what, running, problem, said) => {
  expect(await running).toEqual({ ok: false, problem: expect.stringContaining(problem), said });
});

test("what it said last is short and without secrets", () => {
  const said = `${Array.from({ length: 40 }, (_, line) => `line ${line}`).join("\n")}\n   ^^^^^\nDATABASE_PASSWORD=hunter2\n`;
  const lines = lastLines(said).split("\n");
  expect(lines).toHaveLength(12);
  expect(lines.slice(-2)).toEqual(["line 39", "DATABASE_PASSWORD=[redacted]"]);
  expect(lastLines("x".repeat(10_000)).length).toBeLessThan(2_000);
});

test("what is handed on comes back as it was, and what is too large becomes a refusal that says so", () => {
  const rendering = { version: "alembic 1.20.1", sql: "select 'ä';\n".repeat(10_000) };
  expect(readRendered(packRendered(rendering))).toEqual(rendering);
  expect(readRendered("")).toBeNull();
  let noise = "";
  for (let seed = 1; noise.length < 400_000; seed = (seed * 48_271) % 2_147_483_647) noise += seed.toString(36);
  expect(() => readRendered(packRendered({ version: "1", sql: noise }))).toThrow(/at most 122880 can be handed on/);
  expect(() => readRendered(packRendered({ problem: "it broke", next: "mend it" }))).toThrow("it broke");
});
