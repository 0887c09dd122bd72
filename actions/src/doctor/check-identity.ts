import * as z from "zod/mini";
import { type EnvironmentFacts, type Facts, isUnread, type RepositoryFacts, type RoleFacts, type SubjectFacts } from "./facts.ts";
import { type Finding, fail, pass, unknown } from "./finding.ts";

const ISSUER = "token.actions.githubusercontent.com";

const oneOrMore = z.union([z.string(), z.array(z.string())]);
const statementSchema = z.object({
  Effect: z.string(),
  Action: oneOrMore,
  Condition: z.optional(z.record(z.string(), z.record(z.string(), oneOrMore))),
});
const trustSchema = z.object({ Statement: z.union([statementSchema, z.array(statementSchema)]) });

/** The subject that a token of an environment's job carries. */
export function subjectOf({ name, id, ownerId }: RepositoryFacts, { immutable }: SubjectFacts, environment: string): string {
  const [owner, repo] = name.split("/");
  return immutable ? `repo:${owner}@${ownerId}/${repo}@${id}:environment:${environment}` : `repo:${name}:environment:${environment}`;
}

/** Whether AWS takes exactly the tokens that our jobs carry. */
export function checkIdentity(facts: Facts): readonly Finding[] {
  const { subject, roles, environments, uses, repository } = facts;
  if (isUnread(subject)) return [unknown("identity-subject", "OIDC", subject)];
  const template =
    subject.usesDefault || subject.claimKeys.includes("environment") || subject.claimKeys.includes("context")
      ? pass("identity-subject", "OIDC", `subjects read ${subjectOf(repository, subject, "<environment>")}`)
      : fail(
          "identity-subject",
          "OIDC",
          `subjects are made of ${subject.claimKeys.join(", ")}, without the environment: no role can tell one job from another`,
          `gh api -X PUT repos/${repository.name}/actions/oidc/customization/sub -F use_default=true`,
        );
  if (isUnread(roles)) return [template, unknown("identity-trust", "roles", roles)];
  if (isUnread(environments) || isUnread(uses)) return [template];
  const identified = environments.filter(({ name }) => uses.some((use) => use.identity && use.environment === name));
  return [template, ...identified.flatMap((environment) => trust(environment, roles, facts, subject))];
}

function trust(
  environment: EnvironmentFacts,
  roles: readonly RoleFacts[],
  { repository }: Facts,
  subject: SubjectFacts,
): readonly Finding[] {
  const { name, variables } = environment;
  const arn = isUnread(variables) ? undefined : variables.AWS_ROLE_ARN;
  // Told by the check of its variables.
  if (arn === undefined) return [];
  const role = roles.find((each) => each.arn === arn);
  const show = `aws iam get-role --role-name ${arn.split("/").at(-1)}`;
  if (role === undefined)
    return [unknown("identity-trust", name, { unread: `${arn} is not among the roles that were given`, needs: `${show} >> roles.json` })];
  const problem = trustProblem(role.trust, {
    aud: "sts.amazonaws.com",
    sub: subjectOf(repository, subject, name),
    ref: "refs/heads/production",
    repository_id: String(repository.id),
  });
  return [
    problem === null
      ? pass("identity-trust", name, "is trusted by its role, and nobody else is")
      : fail("identity-trust", name, `${arn} ${problem}`, "docs/examples/cloud holds the trust policy"),
  ];
}

/** What is wrong with a trust policy that should admit exactly these claims; null when nothing is. */
export function trustProblem(policy: unknown, claims: Readonly<Record<string, string>>): string | null {
  const read = z.safeParse(trustSchema, policy);
  if (!read.success) return "has a trust policy that cannot be understood";
  const statements = [read.data.Statement].flat().filter(({ Effect, Action }) => Effect === "Allow" && [Action].flat().some(assumes));
  if (statements.length === 0) return "trusts no identity token";
  for (const { Condition = {} } of statements) {
    // Patterns and lists of "at least one" have let strangers in; exact comparison is the only form that is read at a glance.
    const loose = Object.keys(Condition).find((operator) => operator !== "StringEquals");
    if (loose !== undefined) return `compares by ${loose}; allowed: StringEquals`;
    for (const [claim, expected] of Object.entries(claims)) {
      const given = Condition.StringEquals?.[`${ISSUER}:${claim}`];
      if (given === undefined) return `does not look at ${claim}; expected: ${expected}`;
      const stranger = [given].flat().find((value) => value !== expected);
      if (stranger !== undefined) return `trusts the ${claim} ${stranger}; this repository's is ${expected}`;
    }
  }
  return null;
}

function assumes(action: string): boolean {
  return ["sts:AssumeRoleWithWebIdentity", "sts:*", "*"].includes(action);
}
