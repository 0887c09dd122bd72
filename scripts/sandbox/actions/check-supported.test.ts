import { describe, expect, test } from "vitest";
import { UnsupportedWorkflow } from "../github/engine-seam.ts";
import { checkSupported, formatProblem } from "./check-supported.ts";
import { createFakeHost, workflow } from "./fake-host.ts";
import { planWorkflow } from "./plan.ts";

const SHA = "0123456789abcdef0123456789abcdef01234567";
const job = (lines: string): string => `on: workflow_dispatch\njobs:\n  a:\n    runs-on: x\n${lines}`;
const step = (text: string): string => job(`    steps:\n      - ${text}\n`);

describe("refuses what it does not execute, naming file, key and line", () => {
  const cases: readonly (readonly [name: string, yaml: string, expected: string])[] = [
    [
      "matrix",
      job("    strategy: {matrix: {v: [1]}}\n    steps: [{run: x}]\n"),
      "w.yml line 5: jobs.a.strategy: is outside of what the sandbox supports",
    ],
    ["container", job("    container: node\n    steps: [{run: x}]\n"), "w.yml line 5: jobs.a.container: is outside"],
    ["services", job("    services: {db: {image: x}}\n    steps: [{run: x}]\n"), "w.yml line 5: jobs.a.services: is outside"],
    [
      "reusable workflow",
      `on: push\njobs:\n  a:\n    uses: acme/x/.github/workflows/y.yml@${SHA}\n`,
      "w.yml line 4: jobs.a.uses: is outside",
    ],
    ["event", "on: [push, release]\njobs:\n  a: {runs-on: x, steps: [{run: x}]}\n", "w.yml line 1: on.release: is outside"],
    [
      "event as mapping",
      "on:\n  push: {tags: [v1]}\njobs:\n  a: {runs-on: x, steps: [{run: x}]}\n",
      "w.yml line 2: on.push.tags: is outside",
    ],
    [
      "timezone of a cron",
      "on:\n  schedule: [{cron: '17 3 * * *', timezone: Europe/London}]\njobs:\n  a: {runs-on: x, steps: [{run: x}]}\n",
      "w.yml line 2: on.schedule[0].timezone: is outside",
    ],
    ["permissions as a word", `permissions: write-all\n${step("run: x")}`, "w.yml line 1: permissions: must be written as a mapping"],
    ["shell", step("{run: x, shell: python}"), "w.yml line 6: jobs.a.steps[0].shell: shell python is not supported; only bash is"],
    ["shell by default", `defaults: {run: {shell: sh}}\n${step("run: x")}`, "shell sh is not supported"],
    [
      "unknown action",
      step(`uses: acme/thing@${SHA}`),
      "jobs.a.steps[0].uses: acme/thing has no stand-in; supported are actions/checkout, actions/setup-node, actions/upload-artifact, aws-actions",
    ],
    ["tag", step("uses: actions/checkout@v7"), "actions/checkout must be pinned by a commit of 40 hex digits, got v7"],
    ["container action", step("uses: docker://alpine"), "docker://alpine is neither ./folder nor owner/name@commit"],
    ["way out of the workspace", step("uses: ./../x"), "./../x is neither"],
    [
      "input of a stand-in",
      step(`{uses: "actions/checkout@${SHA}", with: {submodules: true}}`),
      "jobs.a.steps[0].with.submodules: is not honoured by the stand-in; supported are ref,",
    ],
    ["function", step(`run: echo \${{ hashFiles('x') }}`), "Unrecognized function: 'hashFiles'"],
    ["context", step(`run: echo \${{ matrix.v }}`), "Unrecognized named-value: 'matrix'"],
    ["property of github", step("{if: github.actor_id == 1, run: x}"), "w.yml line 6: github.actor_id is not provided by the sandbox"],
    [
      "property of the event",
      step(`run: echo \${{ github.event.pull_request.number }}`),
      "github.event.pull_request.number is not provided",
    ],
    ["variables in the title", `run-name: \${{ vars.X }}\n${step("run: x")}`, "run-name: vars.x is not provided by the sandbox here"],
    [
      "repository in the title",
      `run-name: \${{ github.repository }}\n${step("run: x")}`,
      "github.repository is not provided by the sandbox here",
    ],
    [
      "which of two crons",
      "on:\n  schedule: [{cron: '1 * * * *'}, {cron: '2 * * * *'}]\njobs:\n  a: {if: github.event.schedule != '', runs-on: x, steps: [{run: x}]}\n",
      "w.yml line 4: github.event.schedule is not provided",
    ],
    ["expression over lines", step(`run: "a \${{ github.sha }}\n          b"`), "an expression in a value of several lines needs a block"],
  ];
  test.each(cases)("%s", (_name, yaml, expected) => {
    const problems = checkSupported(yaml, "w.yml");
    expect(problems.map(formatProblem).join("\n")).toContain(expected);
    expect(problems.every(({ kind }) => kind === "unsupported")).toBe(true);
    expect(() => planWorkflow(yaml, "w.yml")).toThrow(UnsupportedWorkflow);
  });

  test.each([
    [
      "pre of an action",
      "name: x\ndescription: x\nruns: {using: node24, main: a.js, pre: b.js}\n",
      "action.yml line 3: runs.pre: is outside",
    ],
    [
      "docker action",
      "name: x\ndescription: x\nruns: {using: docker, image: x}\n",
      "docker is not supported; only node24, node20, composite are",
    ],
    ["old runtime", "name: x\ndescription: x\nruns: {using: node16, main: a.js}\n", "node16 is not supported"],
  ])("%s", (_name, yaml, expected) => {
    expect(checkSupported(yaml, "actions/x/action.yml").map(formatProblem).join("\n")).toContain(expected);
  });
});

test("what GitHub itself refuses is told in its words and is no question of support", () => {
  const yaml = job("    needs: [b]\n    steps: [{run: x, nonsense: 1}]\n");
  const problems = checkSupported(yaml, "w.yml").filter(({ kind }) => kind === "syntax");
  expect(problems.map(formatProblem)).toEqual(["w.yml line 6: Unexpected value 'nonsense'"]);
  expect(() => planWorkflow(yaml, "w.yml")).toThrow(/^Invalid workflow file: w.yml line 6: Unexpected value 'nonsense'$/);
  expect(checkSupported(job("    needs: [b]\n    steps: [{run: x}]\n"), "w.yml").map(formatProblem)).toEqual([
    "w.yml line 3: The workflow must contain at least one job with no dependencies.",
  ]);
  const group = job("    concurrency: {group: x, queue: max, cancel-in-progress: true}\n    steps: [{run: x}]\n");
  expect(checkSupported(group, "w.yml").map(formatProblem)).toEqual([
    "w.yml line 5: 'queue: max' cannot be combined with 'cancel-in-progress: true'",
  ]);
  expect(checkSupported("on: push\njobs: [", "w.yml")[0]?.kind).toBe("syntax");
});

test("a plan says what a form and a scheduler need", () => {
  const yaml = `name: Snapshot
run-name: Snapshot of \${{ inputs.cluster }} \${{ inputs.request_id }}
on:
  workflow_dispatch:
    inputs:
      cluster: {description: which, type: choice, options: [app-prod, app-test], required: true}
      dry_run: {type: boolean, default: true}
      keep: {type: number, default: 7}
      request_id: {}
  schedule: [{cron: "17 * * * *"}, {cron: "3 4 * * 1"}]
  push: {branches: [main, "release/**"], paths: ["actions/**"]}
permissions: {}
jobs:
  a:
    runs-on: ubuntu-latest
    permissions: {contents: read, id-token: write}
    environment: snapshot
    concurrency: {group: "aurora-\${{ inputs.cluster }}", queue: max}
    timeout-minutes: 30
    steps: [{uses: "actions/checkout@${SHA}"}]
`;
  expect(checkSupported(yaml, ".github/workflows/snapshot.yml")).toEqual([]);
  expect(planWorkflow(yaml, ".github/workflows/snapshot.yml")).toEqual({
    name: "Snapshot",
    events: ["workflow_dispatch", "schedule", "push"],
    dispatchInputs: [
      { name: "cluster", type: "choice", required: true, default: null, options: ["app-prod", "app-test"] },
      { name: "dry_run", type: "boolean", required: false, default: true, options: [] },
      { name: "keep", type: "number", required: false, default: 7, options: [] },
      { name: "request_id", type: "string", required: false, default: null, options: [] },
    ],
    crons: ["17 * * * *", "3 4 * * 1"],
    push: { branches: ["main", "release/**"], paths: ["actions/**"] },
  });
});

test("the title is the evaluated run-name, or the workflow's name", async () => {
  const world = createFakeHost({ files: { x: "x" } });
  try {
    const { title: _title, workflowName: _name, ...run } = world.record({ inputs: { cluster: "app-prod" } });
    const named = `name: Snapshot\nrun-name: \${{ inputs.cluster }} by @\${{ github.actor }} (\${{ github.workflow }})\n${step("run: x")}`;
    expect(world.engine.title(named, "w.yml", run)).toBe("app-prod by @alice (Snapshot)");
    expect(world.engine.title(`name: Snapshot\n${step("run: x")}`, "w.yml", run)).toBe("Snapshot");
    expect(world.engine.title(step("run: x"), ".github/workflows/w.yml", run)).toBe(".github/workflows/w.yml");
  } finally {
    await world.close();
  }
});

test("a run is refused at its start when a local action of its commit is outside of the subset", async () => {
  const world = createFakeHost({
    files: {
      ...workflow("  a: {runs-on: x, steps: [{uses: ./actions/x}]}\n"),
      "actions/x/action.yml": "name: x\ndescription: x\nruns: {using: node24, main: a.js, post: b.js}\n",
    },
  });
  try {
    await expect(world.start()).rejects.toThrow(/actions\/x\/action\.yml line 3: runs\.post: is outside/);
    expect(world.jobs.size).toBe(0);
  } finally {
    await world.close();
  }
});
