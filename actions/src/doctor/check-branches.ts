import { BRANCHES, type BranchFacts, type BranchName, type Facts, isUnread, type RulesetFacts } from "./facts.ts";
import { type Finding, fail, pass, unknown, warn } from "./finding.ts";

/** The guides that whoever mends a ruleset follows: each file is the body of one request. */
const RULESETS = "docs/examples/rulesets";

/** Who may change which branch, by the rules that GitHub says are in force. */
export function checkBranches(facts: Facts): readonly Finding[] {
  return [...BRANCHES.flatMap((name) => checkBranch(name, facts)), ...checkRulesets(facts)];
}

function checkBranch(name: BranchName, { branches, repository }: Facts): readonly Finding[] {
  const branch = branches[name];
  if (isUnread(branch)) return [unknown("branch-exists", name, branch)];
  const mend = `gh api -X POST repos/${repository.name}/rulesets --input ${RULESETS}/${name}.json`;
  switch (name) {
    case "main":
      return [...keeps(name, branch, mend), ...reviewed(name, branch, mend), statusChecks(branch, mend)];
    case "production":
      if (!branch.exists)
        return [
          fail("branch-exists", name, "does not exist: no worker can run", `gh workflow run promote.yml -R ${repository.name} --ref main`),
        ];
      return [...keeps(name, branch, mend), ...guarded(branch, mend)];
    case "ledger":
      return [
        branch.exists
          ? pass("branch-exists", name, "exists")
          : warn(
              "branch-exists",
              name,
              "does not exist yet: nothing was ever recorded",
              "Take a first snapshot: page, Recovery, Take snapshot",
            ),
        ...keeps(name, branch, mend),
        writable(name, branch, ["pull_request", "update"], repository.url),
      ];
    case "status":
      return [writable(name, branch, ["pull_request", "update", "non_fast_forward"], repository.url)];
  }
}

function keeps(name: BranchName, { rules }: BranchFacts, mend: string): readonly Finding[] {
  return [
    rules.includes("non_fast_forward")
      ? pass("branch-force-push", name, "cannot be force-pushed")
      : fail("branch-force-push", name, "can be force-pushed: its history can be replaced", mend),
    rules.includes("deletion") ? pass("branch-deletion", name, "cannot be deleted") : fail("branch-deletion", name, "can be deleted", mend),
  ];
}

function reviewed(name: BranchName, { approvals }: BranchFacts, mend: string): readonly Finding[] {
  if (approvals === null) return [fail("branch-pull-request", name, "takes pushes from everybody who may write", mend)];
  return [
    pass("branch-pull-request", name, "changes by pull request only"),
    approvals > 0
      ? pass("branch-review", name, `needs ${approvals} to approve a pull request`)
      : warn("branch-review", name, "takes a pull request that nobody else has seen", mend),
  ];
}

/** `update` keeps everybody away but those who may pass the rule by, which is how a promotion writes. */
function guarded(branch: BranchFacts, mend: string): readonly Finding[] {
  if (branch.rules.includes("update")) return [pass("branch-pull-request", "production", "is written by the promotion alone")];
  if (branch.approvals === null)
    return [
      fail(
        "branch-pull-request",
        "production",
        "takes pushes from everybody who may write: whoever pushes there holds every role and secret",
        mend,
      ),
    ];
  return reviewed("production", branch, mend);
}

function statusChecks({ statusChecks: required }: BranchFacts, mend: string): Finding {
  return required.length > 0
    ? pass("branch-status-checks", "main", `needs ${required.join(", ")} to pass`)
    : warn("branch-status-checks", "main", "takes commits that no check has passed", mend);
}

/** A rule that is right for code keeps the workers from writing their record. */
function writable(name: BranchName, { rules }: BranchFacts, hindrances: readonly string[], url: string): Finding {
  const found = hindrances.filter((rule) => rules.includes(rule));
  return found.length === 0
    ? pass("branch-writable", name, "can be written by workers")
    : fail("branch-writable", name, `cannot be written by workers: ${found.join(", ")} is in force there`, `${url}/settings/rules`);
}

function checkRulesets({ rulesets, repository }: Facts): readonly Finding[] {
  if (isUnread(rulesets)) return [unknown("ruleset-enforced", "rulesets", rulesets)];
  const ours = rulesets.filter(({ includes }) => BRANCHES.some((branch) => covers(includes, branch)));
  const mend = `${repository.url}/settings/rules`;
  return ours.flatMap((ruleset) => [
    ruleset.enforcement === "active"
      ? pass("ruleset-enforced", ruleset.name, "is enforced")
      : fail("ruleset-enforced", ruleset.name, `is ${ruleset.enforcement}: it keeps nobody from anything`, mend),
    bypass(ruleset, mend),
  ]);
}

function bypass({ name, bypass, includes }: RulesetFacts, mend: string): Finding {
  if (bypass === null)
    return unknown("ruleset-bypass", name, {
      unread: "GitHub tells only administrators who may pass it by",
      needs: "Run the doctor with a token that has Administration: read",
    });
  // A promotion has to pass the rule by that keeps everybody else from writing production: one app, key or account of its own.
  const promotion = covers(includes, "production") && bypass.length === 1 ? ["Integration", "DeployKey", "User"] : [];
  const people = bypass.filter((actor) => !promotion.includes(actor));
  return people.length === 0
    ? pass(
        "ruleset-bypass",
        name,
        bypass.length === 0 ? "nobody may pass it by" : `only one ${bypass.join()} may pass it by, for the promotion`,
      )
    : fail("ruleset-bypass", name, `${people.join(", ")} may pass it by at any time`, mend);
}

function covers(includes: readonly string[], branch: string): boolean {
  return (
    includes.includes("~ALL") || includes.includes(`refs/heads/${branch}`) || (branch === "main" && includes.includes("~DEFAULT_BRANCH"))
  );
}
