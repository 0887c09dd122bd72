import { formatDuration, SCHEDULED_WORKS } from "../domain/index.ts";
import { type ActionsFacts, type Facts, isUnread, type PromotionFacts, type WorkflowFacts } from "./facts.ts";
import { type Finding, fail, pass, unknown, warn } from "./finding.ts";

/** Without these nothing is taken, recovered or promoted. */
const NEEDED: readonly string[] = [...SCHEDULED_WORKS, "restore", "cleanup", "respond", "schedule", "promote", "ci"].map(
  (name) => `${name}.yml`,
);
// An hourly tick that GitHub drops once in a while is its habit; three in a row are not.
const SILENT_MS = 3 * 3_600_000;

/** Whether GitHub runs our workflows at all, what became of their newest runs, and what they run. */
export function checkWorkflows(facts: Facts): readonly Finding[] {
  const { workflows, actions, promotion } = facts;
  return [
    ...(isUnread(actions) ? [unknown("actions-enabled", "Actions", actions)] : checkActions(actions, facts)),
    ...(isUnread(workflows) ? [unknown("workflow-exists", "workflows", workflows)] : checkEach(workflows, facts)),
    ...(isUnread(promotion) ? [unknown("production-current", "production", promotion)] : checkPromotion(promotion, facts)),
  ];
}

function checkActions({ enabled, allowed, defaultWrite, mayApprove }: ActionsFacts, { repository }: Facts): readonly Finding[] {
  const fix = `${repository.url}/settings/actions`;
  const on = "Actions";
  if (!enabled) return [fail("actions-enabled", on, "are switched off: nothing runs", fix)];
  return [
    pass("actions-enabled", on, "are switched on"),
    allowed === "local_only"
      ? fail("actions-allowed", on, "may use this repository's own only: actions/checkout is refused", fix)
      : pass("actions-allowed", on, allowed === "all" ? "may use any action; ours are pinned" : "may use selected ones"),
    defaultWrite
      ? warn("actions-token", on, "give every job a token that may write, unless its workflow says otherwise", fix)
      : pass("actions-token", on, "give jobs a token that may only read, unless a workflow says otherwise"),
    mayApprove
      ? fail("actions-approve", on, "may approve pull requests: a workflow could be its own second person", fix)
      : pass("actions-approve", on, "may approve no pull request"),
  ];
}

function checkEach(workflows: readonly WorkflowFacts[], facts: Facts): readonly Finding[] {
  const { name } = facts.repository;
  return NEEDED.flatMap((file) => {
    const workflow = workflows.find((each) => each.file === file);
    if (workflow === undefined)
      return [
        fail(
          "workflow-exists",
          file,
          "is not on the default branch, and GitHub dispatches only what is",
          `git checkout main -- .github/workflows/${file}`,
        ),
      ];
    return [
      pass("workflow-exists", file, "is there"),
      workflow.state === "active"
        ? pass("workflow-enabled", file, "is enabled")
        : fail("workflow-enabled", file, `is ${workflow.state.replaceAll("_", " ")}`, `gh workflow enable ${file} -R ${name}`),
      ...(file === "schedule.yml" ? [schedule(workflow, facts)] : []),
      ...result(workflow),
    ];
  });
}

function schedule({ newest }: WorkflowFacts, { now, repository }: Facts): Finding {
  const fix = `gh workflow run schedule.yml -R ${repository.name} --ref main`;
  const on = "schedule.yml";
  if (newest === null) return fail("schedule-runs", on, "never ran: nothing that is due is asked for", fix);
  const age = now.getTime() - newest.at.getTime();
  return age <= SILENT_MS
    ? pass("schedule-runs", on, `ran ${formatDuration(age)} ago`)
    : fail("schedule-runs", on, `ran ${formatDuration(age)} ago and should run hourly: what is due is not asked for`, fix);
}

function result({ file, newest }: WorkflowFacts): readonly Finding[] {
  if (newest === null || newest.conclusion === null) return [];
  return [
    newest.conclusion === "success"
      ? pass("workflow-result", file, "ended well last time")
      : warn("workflow-result", file, `ended as ${newest.conclusion} last time`, newest.url),
  ];
}

function checkPromotion({ main, promoted, built }: PromotionFacts, { repository }: Facts): readonly Finding[] {
  const fix = `gh workflow run promote.yml -R ${repository.name} --ref main`;
  return [
    built
      ? pass("production-built", "production", "holds the bundles that the workers are")
      : fail("production-built", "production", "holds no actions/dist: every worker fails at its first step", fix),
    promoted === main
      ? pass("production-current", "production", "is the newest commit of main")
      : warn(
          "production-current",
          "production",
          promoted === null
            ? "does not say which commit of main it is"
            : `is ${promoted.slice(0, 12)}, and main has moved on to ${main.slice(0, 12)}`,
          fix,
        ),
  ];
}
