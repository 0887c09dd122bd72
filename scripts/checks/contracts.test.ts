import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  CANARY_INPUTS,
  CLEANUP_INPUTS,
  CUT_OVER_BEFORE,
  CUT_OVER_CHECKLIST,
  CUT_OVER_INPUTS,
  DETECT_INPUTS,
  HOLD_ACTIONS,
  HOLD_INPUTS,
  LINT_INPUTS,
  MIGRATE_INPUTS,
  MIGRATE_STAGES,
  ORPHAN_RESOURCES,
  PULL_INPUTS,
  RESPOND_INPUTS,
  RESPONSE_ACTIONS,
  RESTORE_INPUTS,
  RETENTION_INPUTS,
  RETENTION_MODES,
  REWIND_INPUTS,
  REWIND_MODES,
  SNAPSHOT_INPUTS,
  SNAPSHOT_TRIGGERS,
} from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { checkSupported, formatProblem } from "../sandbox/actions/check-supported.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}${path}`, "utf8");
const workflows = readdirSync(`${ROOT}.github/workflows`).map((name) => `.github/workflows/${name}`);
const actions = [
  "snapshot",
  "restore",
  "cleanup",
  "drill",
  "migrate",
  "lint-pull-request",
  "rewind",
  "retention",
  "hold",
  "cut-over",
  "respond",
  "pull-alerts",
  "canary",
  "detect",
  "schedule",
  "promote",
].map((name) => `actions/${name}/action.yml`);

test.each([...workflows, ...actions])("%s uses only what the sandbox executes", (path) => {
  expect(checkSupported(read(path), path).map(formatProblem)).toEqual([]);
});

test.each([
  ["snapshot", SNAPSHOT_INPUTS],
  ["restore", RESTORE_INPUTS],
  ["cleanup", CLEANUP_INPUTS],
  ["retention", RETENTION_INPUTS],
  ["hold", HOLD_INPUTS],
  ["respond", RESPOND_INPUTS],
  ["pull-alerts", PULL_INPUTS],
  ["canary", CANARY_INPUTS],
  ["detect", DETECT_INPUTS],
] as const)("the %s worker, its action and its workflow ask for the same inputs", (name, inputs) => {
  const action = parse(read(`actions/${name}/action.yml`));
  const workflow = parse(read(`.github/workflows/${name}.yml`));
  expect(Object.keys(action.inputs).sort()).toEqual([...inputs, "token"].sort());
  expect(Object.keys(workflow.on.workflow_dispatch.inputs).sort()).toEqual([...inputs].sort());
  const steps: readonly { uses?: string; with: object }[] = workflow.jobs[name].steps;
  const passed = steps.find((step) => step.uses === `./actions/${name}`)?.with ?? {};
  expect(Object.keys(passed).sort()).toEqual([...inputs].sort());
});

test("the migrate workflow asks for one request and runs every stage of it, each with what the one before ended with", () => {
  const action = parse(read("actions/migrate/action.yml"));
  const workflow = parse(read(".github/workflows/migrate.yml"));
  expect(Object.keys(action.inputs).sort()).toEqual([...MIGRATE_INPUTS, "stage", "digest", "rendered", "token"].sort());
  expect(Object.keys(workflow.on.workflow_dispatch.inputs).sort()).toEqual([...MIGRATE_INPUTS].sort());
  const ended = (job: string) => `\${{ needs.${job}.outputs.digest }}`;
  const digests = { render: undefined, plan: undefined, rehearse: ended("plan"), apply: ended("rehearse") };
  for (const stage of MIGRATE_STAGES) {
    const job: { permissions: object; steps: readonly { uses?: string; run?: string; with: Record<string, string> }[] } =
      workflow.jobs[stage];
    if (stage !== "render") expect(job.permissions).toEqual({ actions: "read", contents: "write", "id-token": "write" });
    expect(job.steps.filter(({ run }) => run !== undefined)).toEqual([]);
    const passed = job.steps.find((step) => step.uses === "./actions/migrate")?.with ?? {};
    expect([passed.stage, passed.digest]).toEqual([stage, digests[stage]]);
    expect(passed.rendered).toBe(stage === "render" ? undefined : `\${{ needs.render.outputs.rendered }}`);
    expect(MIGRATE_INPUTS.every((name) => passed[name] === `\${{ inputs.${name} }}`)).toBe(true);
  }
  expect(workflow.jobs.apply.environment).toBe("migration-approval");
  // It runs the team's code: nothing that it could take may be there.
  const { permissions, environment, steps } = workflow.jobs.render;
  expect([permissions, environment]).toEqual([{ contents: "read" }, undefined]);
  expect(JSON.stringify(steps)).not.toMatch(/secrets\.|vars\.|AWS_|DATABASE_/);
  expect(workflow.jobs.apply.concurrency.queue).toBe("max");
});

test("pull requests are judged by promoted code that checks out nothing of theirs and may do nothing but comment", () => {
  const action = parse(read("actions/lint-pull-request/action.yml"));
  const { on, jobs, permissions } = parse(read(".github/workflows/lint.yml"));
  expect([Object.keys(on), permissions]).toEqual([["workflow_call"], {}]);
  expect(Object.keys(on.workflow_call.inputs).sort()).toEqual([...LINT_INPUTS].sort());
  expect(Object.keys(action.inputs).sort()).toEqual([...LINT_INPUTS, "token"].sort());
  expect(jobs.lint.permissions).toEqual({ contents: "read", "pull-requests": "write" });
  const [checkout, judge, ...rest]: readonly { uses?: string; with: object }[] = jobs.lint.steps;
  expect(checkout?.with).toEqual({ ref: "production", "persist-credentials": false });
  expect([judge?.uses, Object.keys(judge?.with ?? {}).sort(), rest]).toEqual(["./actions/lint-pull-request", [...LINT_INPUTS].sort(), []]);
  const caller = /```yaml\n(name: verdicts\n[\s\S]*?)```/.exec(read("docs/migrations.md"))?.[1] ?? "";
  const called = parse(caller);
  expect([Object.keys(called.on), called.permissions, called.jobs.lint.permissions]).toEqual([["pull_request"], {}, jobs.lint.permissions]);
  expect(Object.keys(called.jobs.lint.with).every((name) => name in on.workflow_call.inputs)).toBe(true);
});

test("the snapshot workflow offers every trigger there is", () => {
  expect(parse(read(".github/workflows/snapshot.yml")).on.workflow_dispatch.inputs.trigger.options).toEqual([...SNAPSHOT_TRIGGERS]);
});

test("the rewind workflow passes every input to both its stages, gates the second and removes every scratch cluster however it ended", () => {
  const action = parse(read("actions/rewind/action.yml"));
  const { on, jobs } = parse(read(".github/workflows/rewind.yml"));
  expect(on.workflow_dispatch.inputs.mode.options).toEqual([...REWIND_MODES]);
  expect(Object.keys(on.workflow_dispatch.inputs).sort()).toEqual([...REWIND_INPUTS].sort());
  expect(Object.keys(action.inputs).sort()).toEqual([...REWIND_INPUTS, "stage", "token"].sort());
  for (const job of [jobs.plan, jobs.apply]) {
    const steps: readonly { uses?: string; with: object }[] = job.steps;
    expect(Object.keys(steps.find((step) => step.uses === "./actions/rewind")?.with ?? {}).sort()).toEqual(
      [...REWIND_INPUTS, "stage"].sort(),
    );
  }
  expect([jobs.apply.environment, jobs.apply.needs]).toEqual(["rewind", "plan"]);
  expect([jobs.remove.environment, jobs.remove.if]).toEqual(["cleanup", "always()"]);
  const removed: readonly { with?: { name?: string } }[] = jobs.remove.steps;
  const names = Object.keys(action.outputs).filter((name) => /^(before|after)\d$/.test(name));
  expect(removed.flatMap((step) => step.with?.name ?? [])).toEqual(names.map((name) => `\${{ needs.plan.outputs.${name} }}`));
});

test("the cleanup workflow offers everything that can be left over", () => {
  expect(parse(read(".github/workflows/cleanup.yml")).on.workflow_dispatch.inputs.resource.options).toEqual([...ORPHAN_RESOURCES]);
});

test.each([
  ["Before", CUT_OVER_BEFORE],
  ["After", CUT_OVER_CHECKLIST],
])("the cut-over's runbook has, under %s, what page and summary say", (heading, list) => {
  const [, section = ""] = read("docs/runbooks/cut-over.md").split(`## ${heading}\n`);
  const numbered = section.split("\n## ")[0]?.match(/^\d+\. .*$/gm);
  expect(numbered).toEqual(list.map((each, index) => `${index + 1}. ${each}`));
});

test("both jobs of the cut-over ask for the same, each behind the environment's gate, the swap after what is carried over", () => {
  const action = parse(read("actions/cut-over/action.yml"));
  const { on, jobs } = parse(read(".github/workflows/cut-over.yml"));
  expect(Object.keys(on.workflow_dispatch.inputs).sort()).toEqual([...CUT_OVER_INPUTS].sort());
  expect(Object.keys(action.inputs).sort()).toEqual([...CUT_OVER_INPUTS, "stage", "token"].sort());
  for (const stage of ["prepare", "swap"]) {
    const steps: readonly { uses?: string; with: Readonly<Record<string, string>> }[] = jobs[stage].steps;
    const passed = steps.find((step) => step.uses === "./actions/cut-over")?.with ?? {};
    expect(Object.keys(passed).sort()).toEqual([...CUT_OVER_INPUTS, "stage"].sort());
    expect([passed.stage, jobs[stage].environment, jobs[stage].concurrency.queue]).toEqual([stage, "cut-over", "max"]);
  }
  expect(jobs.swap.needs).toBe("prepare");
});

test("the retention and hold workflows offer everything that their workers do", () => {
  const optionsOf = (name: string, input: string) =>
    parse(read(`.github/workflows/${name}.yml`)).on.workflow_dispatch.inputs[input].options;
  expect(optionsOf("retention", "mode")).toEqual([...RETENTION_MODES]);
  expect(optionsOf("hold", "action")).toEqual([...HOLD_ACTIONS]);
});

test("the respond workflow offers every answer there is, gates overrides, and names nobody's address in its title", () => {
  const workflow = parse(read(".github/workflows/respond.yml"));
  expect(workflow.on.workflow_dispatch.inputs.action.options).toEqual([...RESPONSE_ACTIONS]);
  const job = workflow.jobs.respond;
  expect(job.environment).toContain("'override'");
  expect(job.concurrency.queue).toBe("max");
  expect(job.permissions).toEqual({ actions: "read", contents: "write" });
  expect(workflow["run-name"]).not.toContain("inputs.key");
});

test.each(["snapshot", "restore", "cleanup", "retention", "hold", "detect"])(
  "the %s job queues instead of being dropped, inside an environment, with an identity and nothing it does not need",
  (name) => {
    const job = parse(read(`.github/workflows/${name}.yml`)).jobs[name];
    expect(job.concurrency.queue).toBe("max");
    expect(job.environment).toBe(name);
    expect(job.permissions).toEqual({ actions: "read", contents: "write", "id-token": "write" });
    const installs = job.steps.filter((step: { run?: string }) => step.run !== undefined);
    expect(installs, "nothing is installed at recovery time").toEqual([]);
  },
);

test("the schedule holds no secret and no identity", () => {
  const text = read(".github/workflows/schedule.yml");
  expect(text).not.toContain("secrets.");
  expect(parse(text).jobs.tick.permissions).toEqual({ actions: "write", contents: "read" });
});
