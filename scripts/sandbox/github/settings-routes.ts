import { notFound, ok } from "./answer.ts";
import type { Environments } from "./environments.ts";
import { matchesFilter } from "./glob.ts";
import { linkHeader, pagedList, pageOf } from "./page.ts";
import { userJson } from "./people.ts";
import { nodeId, type View } from "./repository.ts";
import { type Call, numberIn, type Route } from "./route.ts";
import type { OpenSettings, RulesetSetting } from "./settings.ts";

/** How the repository is set up: rules, Actions, secrets by name, Pages, subjects of identity tokens. Reading only. */

const metadata = { permission: "metadata", level: "read" } as const;
const administration = { permission: "administration", level: "read" } as const;
const actions = { permission: "actions", level: "read" } as const;
const inEnvironments = { permission: "environments", level: "read" } as const;
const secrets = { permission: "secrets", level: "read" } as const;
const pages = { permission: "pages", level: "read" } as const;

export interface SettingsRoutesDeps {
  readonly view: View;
  readonly settings: OpenSettings;
  readonly environments: Environments;
  readonly immutableSubjects: boolean;
}

export function rulesOf(settings: OpenSettings, branch: string, defaultBranch: string) {
  return settings
    .get()
    .rulesets.map((ruleset, index) => ({ ruleset, id: index + 1 }))
    .filter(({ ruleset }) => ruleset.enforcement === "active" && names(ruleset, branch, defaultBranch));
}

function names({ conditions: { ref_name } }: RulesetSetting, branch: string, defaultBranch: string): boolean {
  const fits = (pattern: string) =>
    pattern === "~ALL" ||
    (pattern === "~DEFAULT_BRANCH" && branch === defaultBranch) ||
    (pattern.startsWith("refs/heads/") && matchesFilter([pattern.slice("refs/heads/".length)], branch));
  return ref_name.include.some(fits) && !ref_name.exclude.some(fits);
}

export function settingsRoutes({ view, settings, environments, immutableSubjects }: SettingsRoutesDeps): readonly Route[] {
  const { repository, urls, base, html } = view;
  const source = `${repository.owner}/${repository.name}`;
  const { createdAt } = repository;

  const rulesetJson = (ruleset: RulesetSetting, id: number) => ({
    id,
    name: ruleset.name,
    target: ruleset.target,
    source_type: "Repository",
    source,
    enforcement: ruleset.enforcement,
    node_id: nodeId("RepositoryRuleset", id),
    _links: { self: { href: `${base}/rulesets/${id}` }, html: { href: `${html}/rules/${id}` } },
    created_at: createdAt,
    updated_at: createdAt,
  });
  const environmentOf = (call: Call) => {
    const found = environments.find(call.param("environment"));
    if (found === undefined) throw notFound();
    return found;
  };
  const secretList = (call: Call, all: readonly string[]) => {
    const { skip, size } = pageOf(call);
    const shown = all.slice(skip, skip + size).map((name) => ({ name, created_at: createdAt, updated_at: createdAt }));
    return ok({ total_count: all.length, secrets: shown }, linkHeader(call, urls.api, all.length));
  };

  return [
    {
      method: "GET",
      path: "/repos/:owner/:repo/rules/branches/*branch",
      access: metadata,
      handle(call) {
        const rules = rulesOf(settings, call.param("branch"), repository.defaultBranch).flatMap(({ ruleset, id }) =>
          ruleset.rules.map((rule) => ({ ...rule, ruleset_source_type: "Repository", ruleset_source: source, ruleset_id: id })),
        );
        return pagedList(call, urls.api, rules, (rule) => rule);
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/rulesets",
      access: metadata,
      handle(call) {
        const all = settings.get().rulesets.map((ruleset, index) => rulesetJson(ruleset, index + 1));
        return pagedList(call, urls.api, all, (ruleset) => ruleset);
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/rulesets/:ruleset",
      access: metadata,
      handle(call) {
        const id = numberIn(call.param("ruleset"));
        const ruleset = settings.get().rulesets[id - 1];
        if (ruleset === undefined) throw notFound();
        const admin = call.caller.person.role === "admin";
        return ok({
          ...rulesetJson(ruleset, id),
          conditions: ruleset.conditions,
          rules: ruleset.rules,
          current_user_can_bypass: "never",
          // GitHub tells it only those who may change the ruleset.
          ...(admin ? { bypass_actors: ruleset.bypass_actors } : {}),
        });
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/permissions",
      access: administration,
      handle() {
        const { enabled, allowed } = settings.get().actions;
        return ok({ enabled, ...(enabled ? { allowed_actions: allowed, sha_pinning_required: false } : {}) });
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/permissions/workflow",
      access: administration,
      handle() {
        const { defaultPermissions, canApprove } = settings.get().actions;
        return ok({ default_workflow_permissions: defaultPermissions, can_approve_pull_request_reviews: canApprove });
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/oidc/customization/sub",
      access: actions,
      handle() {
        const { subjectKeys } = settings.get();
        return ok({
          use_default: subjectKeys === null,
          ...(subjectKeys === null ? {} : { include_claim_keys: subjectKeys }),
          use_immutable_subject: immutableSubjects,
        });
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/secrets",
      access: secrets,
      handle: (call) => secretList(call, settings.get().secrets),
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/environments/:environment/secrets",
      access: inEnvironments,
      handle: (call) => secretList(call, Object.keys(environmentOf(call).secrets)),
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/environments/:environment/variables",
      access: inEnvironments,
      handle(call) {
        const all = Object.entries(environmentOf(call).vars);
        const { skip, size } = pageOf(call);
        const shown = all.slice(skip, skip + size).map(([name, value]) => ({ name, value, created_at: createdAt, updated_at: createdAt }));
        return ok({ total_count: all.length, variables: shown }, linkHeader(call, urls.api, all.length));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/pages",
      access: pages,
      handle() {
        const { pages: site } = settings.get();
        if (site === null) throw notFound();
        return ok({
          url: `${base}/pages`,
          status: site.status,
          cname: site.cname,
          custom_404: false,
          html_url: site.cname === null ? `https://${repository.owner}.github.io/${repository.name}/` : `https://${site.cname}/`,
          build_type: site.source === "workflow" ? "workflow" : "legacy",
          source: { branch: site.source === "workflow" ? repository.defaultBranch : site.source.branch, path: "/" },
          public: true,
          https_enforced: site.httpsEnforced,
        });
      },
    },
    {
      method: "GET",
      path: "/orgs/:org",
      access: "user",
      handle(call) {
        if (call.param("org").toLowerCase() !== repository.owner.toLowerCase()) throw notFound();
        const self = `${urls.api}/orgs/${repository.owner}`;
        const admin = call.caller.person.role === "admin";
        const { avatar_url } = userJson({ login: repository.owner, id: repository.ownerId, type: "User", role: "none" }, urls);
        return ok({
          login: repository.owner,
          id: repository.ownerId,
          node_id: nodeId("Organization", repository.ownerId),
          url: self,
          repos_url: `${self}/repos`,
          events_url: `${self}/events`,
          hooks_url: `${self}/hooks`,
          issues_url: `${self}/issues`,
          members_url: `${self}/members{/member}`,
          public_members_url: `${self}/public_members{/member}`,
          avatar_url,
          description: null,
          html_url: `${urls.server}/${repository.owner}`,
          has_organization_projects: false,
          has_repository_projects: false,
          public_repos: 0,
          public_gists: 0,
          followers: 0,
          following: 0,
          type: "Organization",
          created_at: createdAt,
          updated_at: createdAt,
          archived_at: null,
          ...(admin ? { plan: { name: settings.get().plan, space: 1, private_repos: 1 } } : {}),
        });
      },
    },
  ];
}
