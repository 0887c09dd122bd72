import { expect, test } from "vitest";
import { parseConfig } from "../domain/index.ts";
import { examine } from "./examine.ts";
import type { BranchFacts, BranchName, ClusterSettings, EnvironmentFacts, Facts, PagesFacts, RepositoryFacts, Unread } from "./facts.ts";
import { CHECKS, type Check, type Verdict } from "./finding.ts";
import { ENVIRONMENTS, GUARD, HEALTHY, HEALTHY_CONFIG, NOW, roleArn, trustOf } from "./healthy-installation.ts";

const unread: Unread = { unread: "GitHub answered 403", needs: "a token" };

function known<T>(value: T | Unread): T {
  if (typeof value === "object" && value !== null && "unread" in value) throw new Error("the healthy installation is known whole");
  return value;
}

const repository = (change: Partial<RepositoryFacts>): Partial<Facts> => ({ repository: { ...HEALTHY.repository, ...change } });
const branch = (name: BranchName, change: Partial<BranchFacts>): Partial<Facts> => ({
  branches: { ...HEALTHY.branches, [name]: { ...known(HEALTHY.branches[name]), ...change } },
});
const ruleset = (index: number, change: object): Partial<Facts> => ({
  rulesets: known(HEALTHY.rulesets).map((each, at) => (at === index ? { ...each, ...change } : each)),
});
const actions = (change: object): Partial<Facts> => ({ actions: { ...known(HEALTHY.actions), ...change } });
const environment = (name: string, change: Partial<EnvironmentFacts>): Partial<Facts> => ({
  environments: known(HEALTHY.environments).map((each) => (each.name === name ? { ...each, ...change } : each)),
});
const workflow = (file: string, change: object): Partial<Facts> => ({
  workflows: known(HEALTHY.workflows).map((each) => (each.file === file ? { ...each, ...change } : each)),
});
const pages = (change: Partial<PagesFacts>): Partial<Facts> => {
  const healthy = known(HEALTHY.pages);
  return { pages: healthy === null ? null : { ...healthy, ...change } };
};
const cluster = (change: Partial<ClusterSettings>): Partial<Facts> => ({
  regions: HEALTHY.regions.map((each) => ({ ...each, clusters: known(each.clusters).map((one) => ({ ...one, ...change })) })),
});
const quota = (value: Facts["regions"][number]["quota"]): Partial<Facts> => ({
  regions: HEALTHY.regions.map((each) => ({ ...each, quota: value })),
});
const config = (change: object): Partial<Facts> => ({ config: parseConfig({ ...HEALTHY_CONFIG, ...change }) });
const trusting = (change: Readonly<Record<string, unknown>>): Partial<Facts> => {
  const text = JSON.stringify(trustOf("snapshot"));
  const changed = Object.entries(change).reduce(
    (all, [claim, value]) =>
      all.replace(new RegExp(`,?"token.actions.githubusercontent.com:${claim}":"[^"]*"`), (found) =>
        value === null ? "" : `${found.startsWith(",") ? "," : ""}"token.actions.githubusercontent.com:${claim}":${JSON.stringify(value)}`,
      ),
    text,
  );
  return { roles: known(HEALTHY.roles).map((each) => (each.arn === roleArn("snapshot") ? { ...each, trust: JSON.parse(changed) } : each)) };
};
const ledger = (change: object): Partial<Facts> => ({ ledger: { ...known(HEALTHY.ledger), ...change } });
const seen = (change: object) =>
  ledger({ protections: { "app-prod": { at: NOW, guards: [GUARD], schemaChangers: ["migrator"], ...change } } });
const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
const without = (name: string) => ({ environments: known(HEALTHY.environments).filter((each) => each.name !== name) });
const run = (hours: number, conclusion: string | null) => ({
  newest: { at: ago(hours), conclusion, url: "https://github.com/acme/holdfast/actions/runs/2" },
});

const PLANTED: readonly (readonly [string, Check, Verdict, string, Partial<Facts>])[] = [
  [
    "a configuration that does not hold",
    "config",
    "fail",
    "holdfast.yml",
    { config: { unread: "apps[0].cluster: unknown", needs: "Correct it" } },
  ],
  ["no app", "apps", "warning", "holdfast.yml", config({ apps: [] })],
  ["nobody is told", "notify", "warning", "holdfast.yml", config({ notify: [] })],
  ["one person decides alone", "approvals-required", "warning", "holdfast.yml", config({ approvals: { required: 0 } })],
  ["no drills", "schedule-drill", "warning", "holdfast.yml", config({ schedule: { drill: "off" } })],
  ["no snapshots", "schedule-snapshot", "fail", "holdfast.yml", config({ schedule: { snapshot: "off" } })],
  ["snapshots rarer than promised", "schedule-snapshot", "warning", "app-prod", config({ schedule: { snapshot: "weekly" } })],
  ["an archived repository", "repository-archived", "fail", "acme/holdfast", repository({ archived: true })],
  ["another default branch", "repository-default-branch", "fail", "acme/holdfast", repository({ defaultBranch: "trunk" })],
  ["a public ledger of names", "privacy", "fail", "acme/holdfast", repository({ private: false })],
  ["secrets that every branch reads", "repository-secrets", "fail", "acme/holdfast", { repositorySecrets: ["AWS_SECRET_ACCESS_KEY"] }],
  ["a classic token", "token-classic", "fail", "the doctor's token", { token: { ...HEALTHY.token, classicScopes: ["repo"] } }],
  ["a token for ever", "token-expiry", "warning", "the doctor's token", { token: { ...HEALTHY.token, expiresAt: null } }],
  ["a token at its end", "token-expiry", "warning", "the doctor's token", { token: { ...HEALTHY.token, expiresAt: ago(-30) } }],
  ["main without pull requests", "branch-pull-request", "fail", "main", branch("main", { approvals: null })],
  ["main without reviews", "branch-review", "warning", "main", branch("main", { approvals: 0 })],
  ["main without checks", "branch-status-checks", "warning", "main", branch("main", { statusChecks: [] })],
  ["main can be force-pushed", "branch-force-push", "fail", "main", branch("main", { rules: ["deletion"] })],
  ["production can be force-pushed", "branch-force-push", "fail", "production", branch("production", { rules: ["update", "deletion"] })],
  ["production can be deleted", "branch-deletion", "fail", "production", branch("production", { rules: ["update", "non_fast_forward"] })],
  [
    "production takes pushes",
    "branch-pull-request",
    "fail",
    "production",
    branch("production", { rules: ["deletion", "non_fast_forward"] }),
  ],
  ["no production", "branch-exists", "fail", "production", branch("production", { exists: false })],
  ["no ledger", "branch-exists", "warning", "ledger", branch("ledger", { exists: false })],
  ["a ledger that can be force-pushed", "branch-force-push", "fail", "ledger", branch("ledger", { rules: ["deletion"] })],
  ["a ledger that can be deleted", "branch-deletion", "fail", "ledger", branch("ledger", { rules: ["non_fast_forward"] })],
  [
    "a ledger that workers cannot write",
    "branch-writable",
    "fail",
    "ledger",
    branch("ledger", { rules: ["deletion", "non_fast_forward", "pull_request"], approvals: 1 }),
  ],
  ["views that workers cannot replace", "branch-writable", "fail", "status", branch("status", { rules: ["non_fast_forward"] })],
  ["a ruleset on trial", "ruleset-enforced", "fail", "holdfast ledger", ruleset(2, { enforcement: "evaluate" })],
  ["a ruleset switched off", "ruleset-enforced", "fail", "holdfast main", ruleset(0, { enforcement: "disabled" })],
  ["administrators pass the ledger's rules by", "ruleset-bypass", "fail", "holdfast ledger", ruleset(2, { bypass: ["RepositoryRole"] })],
  ["machines pass main's rules by", "ruleset-bypass", "fail", "holdfast main", ruleset(0, { bypass: ["Integration"] })],
  ["two accounts write production", "ruleset-bypass", "fail", "holdfast production", ruleset(1, { bypass: ["User", "Team"] })],
  ["bypasses that nobody may read", "ruleset-bypass", "warning", "holdfast main", ruleset(0, { bypass: null })],
  ["Actions off", "actions-enabled", "fail", "Actions", actions({ enabled: false })],
  ["no action but ours", "actions-allowed", "fail", "Actions", actions({ allowed: "local_only" })],
  ["job tokens that write", "actions-token", "warning", "Actions", actions({ defaultWrite: true })],
  ["workflows that approve", "actions-approve", "fail", "Actions", actions({ mayApprove: true })],
  ["a database that no plan looked into", "database-roles", "warning", "app-prod", ledger({ protections: {} })],
  ["an application that may change the schema", "database-roles", "warning", "app-prod", seen({ schemaChangers: ["app_web", "migrator"] })],
  [
    "a guard that somebody switched off",
    "database-guards",
    "fail",
    "app-prod",
    seen({ guards: [{ ...GUARD, broken: ["holdfast_guard_delete"] }] }),
  ],
  [
    "a workflow that is gone",
    "workflow-exists",
    "fail",
    "restore.yml",
    { workflows: known(HEALTHY.workflows).filter(({ file }) => file !== "restore.yml") },
  ],
  [
    "a schedule that GitHub put to sleep",
    "workflow-enabled",
    "fail",
    "schedule.yml",
    workflow("schedule.yml", { state: "disabled_inactivity" }),
  ],
  [
    "a workflow that somebody switched off",
    "workflow-enabled",
    "fail",
    "snapshot.yml",
    workflow("snapshot.yml", { state: "disabled_manually" }),
  ],
  ["a schedule that never ran", "schedule-runs", "fail", "schedule.yml", workflow("schedule.yml", { newest: null })],
  ["a schedule that stopped", "schedule-runs", "fail", "schedule.yml", workflow("schedule.yml", run(9, "success"))],
  ["a snapshot that failed", "workflow-result", "warning", "snapshot.yml", workflow("snapshot.yml", run(2, "failure"))],
  ["a production without bundles", "production-built", "fail", "production", { promotion: { ...known(HEALTHY.promotion), built: false } }],
  [
    "a production that is behind",
    "production-current",
    "warning",
    "production",
    { promotion: { ...known(HEALTHY.promotion), main: "c".repeat(40) } },
  ],
  ["an environment that is missing", "environment-exists", "fail", "snapshot", without("snapshot")],
  ["an environment open to every branch", "environment-branches", "fail", "snapshot", environment("snapshot", { branches: "all" })],
  [
    "an environment open to protected branches",
    "environment-branches",
    "fail",
    "restore",
    environment("restore", { branches: "protected" }),
  ],
  ["an environment open to main too", "environment-branches", "fail", "drill", environment("drill", { branches: ["production", "main"] })],
  ["an environment open to a pattern", "environment-branches", "fail", "cleanup", environment("cleanup", { branches: ["prod*"] })],
  ["a snapshot that waits for a person", "environment-unattended", "fail", "snapshot", environment("snapshot", { reviewers: ["bob"] })],
  ["a canary that waits for a clock", "environment-unattended", "fail", "canary", environment("canary", { waitMinutes: 30 })],
  ["a restore that asks nobody", "environment-gate", "warning", "restore", environment("restore", { reviewers: [] })],
  ["an override that asks nobody", "environment-gate", "fail", "override", environment("override", { reviewers: [] })],
  [
    "a restore that its own requester approves",
    "environment-gate",
    "fail",
    "restore",
    environment("restore", { preventSelfReview: false }),
  ],
  ["a gate that administrators pass by", "environment-gate", "fail", "restore", environment("restore", { adminsBypass: true })],
  ["a plan that asks no reviewer", "environment-gate", "fail", "restore", repository({ plan: "team" })],
  ["a plan that nobody knows", "environment-gate", "warning", "restore", repository({ plan: null })],
  ["more approvals than reviewers", "approvals-reachable", "fail", "override", config({ approvals: { required: 2 } })],
  ["reviewers who are no approvers", "approvals-reachable", "fail", "override", config({ approvals: { approvers: ["carol"] } })],
  ["no role", "environment-variable", "fail", "snapshot", environment("snapshot", { variables: {} })],
  ["no database user", "environment-variable", "fail", "drill", environment("drill", { variables: { AWS_ROLE_ARN: roleArn("drill") } })],
  [
    "a role that is no name",
    "environment-role",
    "fail",
    "snapshot",
    environment("snapshot", { variables: { AWS_ROLE_ARN: "holdfast-snapshot" } }),
  ],
  [
    "one role for two jobs",
    "roles-apart",
    "fail",
    "snapshot, restore",
    environment("restore", { variables: { AWS_ROLE_ARN: roleArn("snapshot"), DATABASE_USER: "h" } }),
  ],
  ["no database password", "environment-secret", "fail", "restore", environment("restore", { secrets: [] })],
  ["no address of Slack", "environment-secret", "fail", "detect", environment("detect", { secrets: [] })],
  ["strict privacy without a key", "environment-secret", "fail", "detect", config({ privacy: "strict" })],
  ["other repositories without a token", "environment-secret", "fail", "pull-alerts", config({ pull: { repositories: ["acme/shop"] } })],
  ["no address of Slack for a drill", "environment-secret", "fail", "drill", environment("drill", { secrets: ["DATABASE_PASSWORD"] })],
  [
    "a notice's secret that no workflow hands on",
    "notify-secret",
    "fail",
    "SLACK_ONCALL",
    config({ notify: [{ slack: { secret: "SLACK_ONCALL" } }] }),
  ],
  [
    "subjects without the environment",
    "identity-subject",
    "fail",
    "OIDC",
    { subject: { usesDefault: false, claimKeys: ["repo"], immutable: false } },
  ],
  [
    "immutable subjects and a role that knows names",
    "identity-trust",
    "fail",
    "snapshot",
    { subject: { usesDefault: true, claimKeys: [], immutable: true } },
  ],
  ["trust in another environment", "identity-trust", "fail", "snapshot", trusting({ sub: "repo:acme/holdfast:environment:restore" })],
  [
    "trust in another environment as well",
    "identity-trust",
    "fail",
    "snapshot",
    trusting({ sub: ["repo:acme/holdfast:environment:snapshot", "repo:acme/holdfast:pull_request"] }),
  ],
  ["trust in any branch", "identity-trust", "fail", "snapshot", trusting({ ref: null })],
  ["trust in main", "identity-trust", "fail", "snapshot", trusting({ ref: "refs/heads/main" })],
  ["trust in whoever takes the name", "identity-trust", "fail", "snapshot", trusting({ repository_id: null })],
  ["trust in another repository", "identity-trust", "fail", "snapshot", trusting({ repository_id: "70002" })],
  [
    "trust by pattern",
    "identity-trust",
    "fail",
    "snapshot",
    {
      roles: known(HEALTHY.roles).map((each) => ({
        ...each,
        trust: JSON.parse(JSON.stringify(each.trust).replace("StringEquals", "StringLike")),
      })),
    },
  ],
  [
    "a role that nobody showed",
    "identity-trust",
    "warning",
    "detect",
    { roles: known(HEALTHY.roles).filter(({ arn }) => arn !== roleArn("detect")) },
  ],
  ["a cluster that AWS does not know", "cluster-exists", "fail", "app-prod", cluster({ id: "app-other" })],
  ["a cluster that is stopped", "cluster-status", "fail", "app-prod", cluster({ status: "stopped" })],
  ["another engine", "cluster-engine", "fail", "app-prod", cluster({ engine: "aurora-mysql" })],
  ["no instance", "cluster-instances", "fail", "app-prod", cluster({ instances: 0 })],
  ["no protection against deletion", "cluster-deletion-protection", "fail", "app-prod", cluster({ deletionProtection: false })],
  ["a day of backups", "cluster-backup-window", "warning", "app-prod", cluster({ backupDays: 1 })],
  ["no encryption", "cluster-encryption", "warning", "app-prod", cluster({ encrypted: false })],
  ["a public address", "cluster-public", "fail", "app-prod", cluster({ public: true })],
  ["a range that stands still", "cluster-range", "fail", "app-prod", cluster({ latestRestorable: ago(2) })],
  ["no range", "cluster-range", "fail", "app-prod", cluster({ latestRestorable: null })],
  ["no snapshot", "recovery-point", "fail", "app-prod", cluster({ newestSnapshot: null })],
  ["a snapshot older than promised", "recovery-point", "fail", "app-prod", cluster({ newestSnapshot: ago(25) })],
  ["a full quota", "snapshot-quota", "fail", "eu-west-1", quota({ used: 100, max: 100 })],
  ["a quota that is nearly full", "snapshot-quota", "warning", "eu-west-1", quota({ used: 93, max: 100 })],
  ["a quota that nobody tells", "snapshot-quota", "warning", "eu-west-1", quota(null)],
  ["a broken chain", "ledger-chain", "fail", "ledger", ledger({ broken: "2026/11/20/000000000002.jsonl, line 1" })],
  ["a ledger shorter than its view", "ledger-head", "fail", "ledger", ledger({ published: { seq: 20, hash: "d".repeat(64) } })],
  [
    "a ledger shorter than was remembered",
    "ledger-head",
    "fail",
    "ledger",
    ledger({ remembered: { head: { seq: 20, hash: "d".repeat(64) }, problem: "its tail was cut off" } }),
  ],
  [
    "a silent collector",
    "collector",
    "fail",
    "web-1",
    { collectors: known(HEALTHY.collectors).map((each) => ({ ...each, at: ago(1).toISOString() })) },
  ],
  ["no collector", "collector", "warning", "collectors", { collectors: [] }],
  ["something left over", "orphans", "warning", "acme/holdfast", { orphans: 2 }],
  ["no page", "pages", "warning", "Pages", { pages: null }],
  ["a page that did not build", "pages", "fail", "Pages", pages({ status: "errored" })],
  ["a page without encryption", "pages-https", "fail", "Pages", pages({ https: false })],
  ["a page from main", "pages-source", "fail", "Pages", pages({ buildType: "legacy", branch: "main" })],
  ["a page beside others", "pages-domain", "warning", "Pages", pages({ domain: null })],
];

test("an installation that nothing is wrong with is clean, and every check has looked at it", () => {
  const findings = examine(HEALTHY);
  expect(findings.filter(({ verdict }) => verdict !== "pass")).toEqual([]);
  // These two exist only where something is wrong.
  const silent: readonly string[] = ["environment-role", "notify-secret"];
  expect([...new Set(findings.map(({ check }) => check))].toSorted()).toEqual(CHECKS.filter((check) => !silent.includes(check)).toSorted());
});

test.each(PLANTED)("%s: %s is a %s", (_title, check, verdict, on, planted) => {
  const found = examine({ ...HEALTHY, ...planted }).filter((finding) => finding.check === check && finding.on === on);
  expect(found.map((finding) => finding.verdict)).toContain(verdict);
  for (const { fix } of found.filter((finding) => finding.verdict === verdict)) expect(fix, "says what mends it").toBeTruthy();
});

test("every check has a planted misconfiguration", () => {
  expect(CHECKS.filter((check) => !PLANTED.some(([, planted]) => planted === check))).toEqual([]);
});

test("a gate is called one only where GitHub would ask a second person", () => {
  const gates = (planted: Partial<Facts>) =>
    examine({ ...HEALTHY, ...planted }).filter(({ check, verdict }) => check === "environment-gate" && verdict === "pass").length;
  expect(gates({})).toBe(2);
  for (const planted of [repository({ plan: "team" }), repository({ plan: null }), { environments: unread }])
    expect(gates(planted)).toBe(0);
  expect(gates(repository({ private: false, plan: null })), "public repositories have reviewers on every plan").toBe(2);
});

test("an environment that asks nobody is the gate of migrations no more where holdfast.yml asks for approvals by dispatch", () => {
  const [override] = known(HEALTHY.environments).filter(({ name }) => name === "override");
  const [use] = known(HEALTHY.uses);
  if (override === undefined || use === undefined) throw new Error("a healthy installation has both");
  const environments = [...known(HEALTHY.environments), { ...override, name: "migration-approval", reviewers: [] }];
  const uses = [...known(HEALTHY.uses), { ...use, environment: "migration-approval", variables: [], secrets: [], identity: false }];
  const verdicts = (approvals: object) =>
    examine({ ...HEALTHY, ...config({ approvals }), environments, uses }).flatMap(({ check, on, verdict }) =>
      check === "environment-gate" && on === "migration-approval" ? [verdict] : [],
    );
  expect([verdicts({}), verdicts({ migrations: "dispatch" })]).toEqual([["warning"], ["pass"]]);
});

test.each([
  "rulesets",
  "actions",
  "workflows",
  "uses",
  "environments",
  "repositorySecrets",
  "promotion",
  "pages",
  "subject",
  "roles",
  "ledger",
  "collectors",
  "orphans",
] as const)("what could not be read (%s) is a warning that names what would let it be read, and never a pass", (name) => {
  const findings = examine({ ...HEALTHY, [name]: unread }).filter(({ verdict }) => verdict !== "pass");
  expect(findings.length).toBeGreaterThan(0);
  for (const finding of findings) expect(finding).toMatchObject({ verdict: "warning", fix: unread.needs });
});

test("an environment that one workflow of several names is looked at once", () => {
  expect(examine(HEALTHY).filter(({ check }) => check === "environment-exists")).toHaveLength(ENVIRONMENTS.length);
});
