/** How the repository is set up, for whoever judges it: what GitHub enforces, which environments there are, what runs and what is served. */
import * as z from "zod/mini";
import type {
  ActionsFacts,
  BranchFacts,
  BranchName,
  EnvironmentFacts,
  Known,
  PagesFacts,
  RepositoryFacts,
  RulesetFacts,
  SubjectFacts,
  TokenFacts,
  WorkflowFacts,
} from "../doctor/facts.ts";
import { type GitHub, orNull, statusOf } from "./client.ts";

const LARGEST_PAGE = 100;

/** What was read, or why it was not: a refusal names the permission that is missing. */
export async function known<T>(permission: string, read: () => Promise<T>): Promise<Known<T>> {
  try {
    return await read();
  } catch (error) {
    const status = statusOf(error);
    const refused = status === 401 || status === 403 || status === 404;
    const said = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return refused
      ? { unread: `GitHub answered ${status}`, needs: `Run the doctor with a token that has ${permission}` }
      : { unread: String(said), needs: "Try again; githubstatus.com says whether GitHub is well" };
  }
}

export async function readRepository(
  github: GitHub,
  ofJob: boolean,
): Promise<{ readonly repository: RepositoryFacts; readonly token: TokenFacts }> {
  const { data, headers } = await github.rest.repos.get({ ...github.repository });
  const scopes = headers["x-oauth-scopes"];
  const expiry = headers["github-authentication-token-expiration"];
  // Given as `2026-12-01 00:00:00 UTC`.
  const expiresAt = typeof expiry === "string" ? new Date(expiry.replace(" UTC", "Z").replace(" ", "T")) : null;
  return {
    repository: {
      name: data.full_name,
      id: data.id,
      ownerId: data.owner.id,
      url: data.html_url,
      private: data.private,
      archived: data.archived,
      defaultBranch: data.default_branch,
      plan: data.owner.type === "Organization" ? await planOf(github) : null,
    },
    token: {
      classicScopes: typeof scopes === "string" ? scopes.split(/, */).filter((scope) => scope !== "") : null,
      expiresAt: expiresAt === null || Number.isNaN(expiresAt.getTime()) ? null : expiresAt,
      ofJob,
    },
  };
}

async function planOf(github: GitHub): Promise<string | null> {
  try {
    const { data } = await github.rest.orgs.get({ org: github.repository.owner });
    return data.plan?.name.toLowerCase() ?? null;
  } catch {
    // Only owners are told; whoever does not know the plan calls nothing gated.
    return null;
  }
}

const ruleSchema = z.object({
  type: z.string(),
  parameters: z.optional(
    z.object({
      required_approving_review_count: z.optional(z.number()),
      required_status_checks: z.optional(z.array(z.object({ context: z.string() }))),
    }),
  ),
});

export async function readBranch(github: GitHub, branch: BranchName): Promise<BranchFacts> {
  const [ref, rules] = await Promise.all([
    orNull(github.rest.git.getRef({ ...github.repository, ref: `heads/${branch}` })),
    readRules(github, branch),
  ]);
  const reviews = rules.filter((rule) => rule.type === "pull_request");
  return {
    exists: ref !== null,
    rules: rules.map((rule) => rule.type),
    approvals: reviews.length === 0 ? null : Math.max(...reviews.map((rule) => rule.parameters?.required_approving_review_count ?? 0)),
    statusChecks: rules.flatMap((rule) => rule.parameters?.required_status_checks ?? []).map(({ context }) => context),
  };
}

async function readRules(github: GitHub, branch: string) {
  try {
    const { data } = await github.rest.repos.getBranchRules({ ...github.repository, branch, per_page: LARGEST_PAGE });
    return z.array(ruleSchema).parse(data);
  } catch (error) {
    // A plan without rulesets is refused in these words: then no rule is in force.
    if (statusOf(error) === 403 && error instanceof Error && /upgrade/i.test(error.message)) return [];
    throw error;
  }
}

const namesSchema = z.object({ ref_name: z.optional(z.object({ include: z.optional(z.array(z.string())) })) });

export async function readRulesets(github: GitHub): Promise<readonly RulesetFacts[]> {
  const listed = await github.rest.repos.getRepoRulesets({ ...github.repository, includes_parents: true, per_page: LARGEST_PAGE });
  const rulesets = await Promise.all(
    listed.data.map(({ id }) => github.rest.repos.getRepoRuleset({ ...github.repository, ruleset_id: id, includes_parents: true })),
  );
  return rulesets.map(({ data }) => {
    const names = z.safeParse(namesSchema, data.conditions);
    return {
      name: data.name,
      enforcement: data.enforcement,
      includes: (names.success ? names.data.ref_name?.include : undefined) ?? [],
      bypass:
        data.bypass_actors === undefined
          ? null
          : data.bypass_actors.filter((actor) => actor.bypass_mode !== "pull_request").map((actor) => actor.actor_type ?? "somebody"),
    };
  });
}

export async function readActions(github: GitHub): Promise<ActionsFacts> {
  const [general, workflow] = await Promise.all([
    github.rest.actions.getGithubActionsPermissionsRepository({ ...github.repository }),
    github.rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository({ ...github.repository }),
  ]);
  return {
    enabled: general.data.enabled,
    allowed: general.data.allowed_actions ?? "all",
    defaultWrite: workflow.data.default_workflow_permissions === "write",
    mayApprove: workflow.data.can_approve_pull_request_reviews,
  };
}

const ON_MAIN = ["ci.yml", "schedule.yml", "promote.yml"];

export async function readWorkflows(github: GitHub): Promise<readonly WorkflowFacts[]> {
  const { data } = await github.rest.actions.listRepoWorkflows({ ...github.repository, per_page: LARGEST_PAGE });
  return Promise.all(
    data.workflows.map(async ({ id, path, state }) => {
      const file = path.split("/").at(-1) ?? path;
      // A run of another branch may be anybody's experiment.
      const branch = ON_MAIN.includes(file) ? "main" : "production";
      const runs = await github.rest.actions.listWorkflowRuns({ ...github.repository, workflow_id: id, branch, per_page: 1 });
      const [newest] = runs.data.workflow_runs;
      return {
        file,
        state,
        newest: newest === undefined ? null : { at: new Date(newest.created_at), conclusion: newest.conclusion, url: newest.html_url },
      };
    }),
  );
}

const protectionSchema = z.object({
  type: z.string(),
  wait_timer: z.optional(z.number()),
  prevent_self_review: z.optional(z.boolean()),
  reviewers: z.optional(
    z.array(z.object({ reviewer: z.optional(z.object({ login: z.optional(z.string()), slug: z.optional(z.string()) })) })),
  ),
});
// Sent by GitHub and missing in its description.
const bypassSchema = z.object({ can_admins_bypass: z.optional(z.boolean()) });

export async function readEnvironments(github: GitHub): Promise<readonly EnvironmentFacts[]> {
  const { data } = await github.rest.repos.getAllEnvironments({ ...github.repository, per_page: LARGEST_PAGE });
  return Promise.all(
    (data.environments ?? []).map(async (environment) => {
      const { name, deployment_branch_policy: policy } = environment;
      const rules = z.array(protectionSchema).parse(environment.protection_rules ?? []);
      const reviews = rules.filter(({ type }) => type === "required_reviewers");
      const bypass = z.safeParse(bypassSchema, environment);
      const where = { ...github.repository, environment_name: name };
      const [variables, secrets] = await Promise.all([
        known("Environments: read", async () => {
          // GitHub's page of variables holds 30 at most.
          const all = await github.paginate(github.rest.actions.listEnvironmentVariables, { ...where, per_page: 30 });
          return Object.fromEntries(all.map((variable) => [variable.name, variable.value]));
        }),
        known("Environments: read", async () => {
          const all = await github.rest.actions.listEnvironmentSecrets({ ...where, per_page: LARGEST_PAGE });
          return all.data.secrets.map((secret) => secret.name);
        }),
      ]);
      return {
        name,
        branches: policy == null ? "all" : policy.protected_branches ? "protected" : await branchPatterns(github, name),
        reviewers: reviews
          .flatMap((rule) => rule.reviewers ?? [])
          .map(({ reviewer }) => reviewer?.login ?? `team ${reviewer?.slug ?? "(unnamed)"}`),
        preventSelfReview: reviews.length > 0 && reviews.every((rule) => rule.prevent_self_review === true),
        waitMinutes: Math.max(0, ...rules.map((rule) => rule.wait_timer ?? 0)),
        adminsBypass: bypass.success ? (bypass.data.can_admins_bypass ?? null) : null,
        variables,
        secrets,
      };
    }),
  );
}

async function branchPatterns(github: GitHub, environment: string): Promise<readonly string[]> {
  const { data } = await github.rest.repos.listDeploymentBranchPolicies({ ...github.repository, environment_name: environment });
  return data.branch_policies.map(({ name, type }) => (type === "tag" ? `tags ${name}` : (name ?? "")));
}

export async function readRepositorySecrets(github: GitHub): Promise<readonly string[]> {
  const { data } = await github.rest.actions.listRepoSecrets({ ...github.repository, per_page: LARGEST_PAGE });
  return data.secrets.map(({ name }) => name);
}

export async function readPages(github: GitHub): Promise<PagesFacts | null> {
  const answer = await orNull(github.rest.repos.getPages({ ...github.repository }));
  if (answer === null) return null;
  const { status, cname, https_enforced, build_type, source } = answer.data;
  return { status, domain: cname, https: https_enforced ?? false, buildType: build_type ?? null, branch: source?.branch ?? null };
}

const immutableSchema = z.object({ use_immutable_subject: z.optional(z.boolean()) });

export async function readSubject(github: GitHub): Promise<SubjectFacts> {
  const { data } = await github.rest.actions.getCustomOidcSubClaimForRepo({ ...github.repository });
  return {
    usesDefault: data.use_default,
    claimKeys: data.include_claim_keys ?? [],
    immutable: immutableSchema.parse(data).use_immutable_subject ?? false,
  };
}
