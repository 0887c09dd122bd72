import { type Config, SCHEDULED_WORKS } from "../domain/index.ts";
import { type EnvironmentFacts, type EnvironmentUse, type Facts, isUnread } from "./facts.ts";
import { type Finding, fail, pass, unknown, warn } from "./finding.ts";
import { gateOf } from "./gate.ts";

/** What the clock dispatches, and an answer to an alert at three in the morning, may not wait for a person. */
const UNATTENDED: readonly string[] = [...SCHEDULED_WORKS, "respond"];
/** What changes the course of a recovery takes a second person. */
const SECOND_PERSON: readonly string[] = ["restore", "rewind", "migration-approval", "override"];
/** Only the promotion runs before there is anything promoted. */
const branchOf = (environment: string) => (environment === "promote" ? "main" : "production");
/** Whose runs tell people themselves, by the cadence under which they run. */
const TELLING = ["detect", "drill"] as const;

/** Every environment that a promoted workflow enters: there, closed to other branches, gated where it should be, and with what the job reads. */
export function checkEnvironments(facts: Facts): readonly Finding[] {
  const { uses, environments } = facts;
  if (isUnread(uses)) return [unknown("environment-exists", "environments", uses)];
  if (isUnread(environments)) return [unknown("environment-exists", "environments", environments)];
  const names = [...new Set(uses.map(({ environment }) => environment))];
  return [
    ...names.flatMap((name) => {
      const environment = environments.find((each) => each.name.toLowerCase() === name.toLowerCase());
      if (environment === undefined) return [missing(name, facts)];
      const its = uses.filter((use) => use.environment === name);
      return [
        pass("environment-exists", name, "exists"),
        branches(environment, facts),
        ...gate(environment, facts),
        ...variables(environment, its, facts),
        ...secrets(environment, its, facts),
      ];
    }),
    ...rolesApart(environments),
  ];
}

const settings = ({ repository }: Facts) => `${repository.url}/settings/environments`;

function missing(name: string, facts: Facts): Finding {
  return fail(
    "environment-exists",
    name,
    "does not exist: GitHub makes it at first use, open to every branch",
    `gh api -X PUT repos/${facts.repository.name}/environments/${name} -F 'deployment_branch_policy[protected_branches]=false' -F 'deployment_branch_policy[custom_branch_policies]=true' ; gh api -X POST repos/${facts.repository.name}/environments/${name}/deployment-branch-policies -f name=${branchOf(name)}`,
  );
}

function branches({ name, branches: allowed }: EnvironmentFacts, facts: Facts): Finding {
  const found = allowed === "all" ? "every branch" : allowed === "protected" ? "whatever branch is protected" : allowed.join(", ");
  return typeof allowed !== "string" && allowed.length === 1 && allowed[0] === branchOf(name)
    ? pass("environment-branches", name, `lets only ${branchOf(name)} in`)
    : fail("environment-branches", name, `lets ${found || "no branch"} in; allowed: ${branchOf(name)} alone`, settings(facts));
}

function gate(environment: EnvironmentFacts, facts: Facts): readonly Finding[] {
  const { name, reviewers, waitMinutes } = environment;
  const on = name.toLowerCase();
  if (UNATTENDED.includes(on)) {
    return [
      reviewers.length === 0 && waitMinutes === 0
        ? pass("environment-unattended", name, "waits for nobody")
        : fail(
            "environment-unattended",
            name,
            `waits for ${reviewers.join(", ") || `${waitMinutes} minutes`}: what the clock or an alarm starts would stand still`,
            settings(facts),
          ),
    ];
  }
  if (!SECOND_PERSON.includes(on)) return [];
  const verdict = gateOf(environment, facts.repository);
  if (verdict.gated)
    return [pass("environment-gate", name, `is gated: ${verdict.by} decide, and not over their own request`), ...reach(environment, facts)];
  const { required, migrations } = isUnread(facts.config) ? { required: 1, migrations: "environment" } : facts.config.approvals;
  if (on === "migration-approval" && migrations === "dispatch")
    return [pass("environment-gate", name, `is not the gate (${verdict.why}): ${Math.max(1, required)} others approve by respond.yml`)];
  // Whoever listed reviewers believes in a gate; that there is none is worse than having chosen none.
  const says = `is not gated: ${verdict.why}`;
  const bad = verdict.certain && (reviewers.length > 0 || (on === "override" && required > 0));
  return [(bad ? fail : warn)("environment-gate", name, says, settings(facts)), ...reach(environment, facts)];
}

/** Whether enough people could ever agree to an override. */
function reach({ name, reviewers }: EnvironmentFacts, { config, repository }: Facts): readonly Finding[] {
  if (name.toLowerCase() !== "override" || isUnread(config)) return [];
  const { required, approvers } = config.approvals;
  // How many are in a team GitHub tells only its members.
  const open = reviewers.some((each) => each.startsWith("team "));
  const able = reviewers.filter((each) => approvers.length === 0 || approvers.includes(each));
  return [
    open || able.length >= required
      ? pass("approvals-reachable", name, `${required} can agree`)
      : fail(
          "approvals-reachable",
          name,
          `needs ${required} to agree, and ${able.length} may: every override would be refused`,
          `${repository.url}/settings/environments, or approvals in holdfast.yml`,
        ),
  ];
}

// A role that may rename the live cluster is lent for the hour of a cut-over, and an installation does well without it.
const OPTIONAL: readonly string[] = ["PAGE_URL", "CUT_OVER_ROLE_ARN"];

function variables({ name, variables: known }: EnvironmentFacts, uses: readonly EnvironmentUse[], facts: Facts): readonly Finding[] {
  const wanted = [...new Set(uses.flatMap((use) => use.variables))].filter((variable) => !OPTIONAL.includes(variable));
  if (wanted.length === 0) return [];
  if (isUnread(known)) return [unknown("environment-variable", name, known)];
  const role = known.AWS_ROLE_ARN;
  const identity = uses.some((use) => use.identity);
  return [
    ...wanted.map((variable) =>
      known[variable]
        ? pass("environment-variable", name, `has ${variable}`)
        : fail(
            "environment-variable",
            name,
            `lacks the variable ${variable}`,
            `gh variable set ${variable} -R ${facts.repository.name} --env ${name}`,
          ),
    ),
    ...(identity && role && !/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/.test(role)
      ? [
          fail(
            "environment-role",
            name,
            "has an AWS_ROLE_ARN that is no role's name; allowed: arn:aws:iam::<account>:role/<name>",
            `gh variable set AWS_ROLE_ARN -R ${facts.repository.name} --env ${name}`,
          ),
        ]
      : []),
  ];
}

/** One role for two jobs is one stolen token for both. */
function rolesApart(environments: readonly EnvironmentFacts[]): readonly Finding[] {
  const byRole = new Map<string, string[]>();
  for (const { name, variables } of environments) {
    const role = isUnread(variables) ? undefined : variables.AWS_ROLE_ARN;
    if (role) byRole.set(role, [...(byRole.get(role) ?? []), name]);
  }
  return [...byRole].map(([role, names]) =>
    names.length === 1
      ? pass("roles-apart", names.join(), "has a role of its own")
      : fail(
          "roles-apart",
          names.join(", "),
          `share ${role}: what one job may, the other may too`,
          "docs/examples/cloud makes a role for each",
        ),
  );
}

function secrets({ name, secrets: known }: EnvironmentFacts, uses: readonly EnvironmentUse[], facts: Facts): readonly Finding[] {
  const { config } = facts;
  if (isUnread(config)) return [];
  const passed = new Set(uses.flatMap((use) => use.secrets));
  const telling = TELLING.find((work) => work === name);
  const notices = telling !== undefined && config.schedule[telling] !== "off" ? noticeSecrets(config) : [];
  const wanted = [...passed].filter((secret) => notices.includes(secret) || isNeeded(secret, config));
  const lacking = notices
    .filter((secret) => !passed.has(secret))
    .map((secret) =>
      fail(
        "notify-secret",
        secret,
        `is named by notify in holdfast.yml, and ${name}.yml does not hand it on`,
        `Add it to env in .github/workflows/${name}.yml, and promote`,
      ),
    );
  if (wanted.length === 0) return lacking;
  if (isUnread(known)) return [...lacking, unknown("environment-secret", name, known)];
  return [
    ...lacking,
    ...wanted.map((secret) =>
      known.includes(secret)
        ? pass("environment-secret", name, `has ${secret}`)
        : fail(
            "environment-secret",
            name,
            `lacks the secret ${secret}`,
            `gh secret set ${secret} -R ${facts.repository.name} --env ${name}`,
          ),
    ),
  ];
}

/** A secret that a workflow hands on and the configuration has no use for may be absent. */
function isNeeded(secret: string, config: Config): boolean {
  if (secret === "DATABASE_PASSWORD") return true;
  if (secret === "PRIVACY_KEY") return config.privacy === "strict";
  return secret === "PULL_TOKEN" && config.pull.repositories.length > 0;
}

function noticeSecrets({ notify }: Config): readonly string[] {
  return [...new Set(notify.flatMap(({ slack, email }) => [...(slack ? [slack.secret] : []), ...(email ? [email.secret] : [])]))];
}
