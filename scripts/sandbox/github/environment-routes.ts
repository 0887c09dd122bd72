import { notFound, ok } from "./answer.ts";
import type { Environment, Environments } from "./environments.ts";
import { linkHeader, pageOf } from "./page.ts";
import { userJson } from "./people.ts";
import { nodeId, type View } from "./repository.ts";
import type { Call, Route } from "./route.ts";

/** Deployment environments as GitHub shows them, with the rules that protect them. */

const read = { permission: "actions", level: "read" } as const;

/** The few fields that other answers repeat. */
export function environmentSummary(environment: Environment, { base, html }: View): Record<string, unknown> {
  return {
    id: environment.id,
    node_id: nodeId("Environment", environment.id),
    name: environment.name,
    url: `${base}/environments/${encodeURIComponent(environment.name)}`,
    html_url: `${html}/deployments/activity_log?environments_filter=${encodeURIComponent(environment.name)}`,
  };
}

export function reviewersJson({ reviewers }: Environment, { people, urls }: View): readonly Record<string, unknown>[] {
  return reviewers.flatMap((login) => {
    const person = people.find(login);
    return person === undefined ? [] : [{ type: "User", reviewer: userJson(person, urls) }];
  });
}

function environmentJson(environment: Environment, view: View): Record<string, unknown> {
  const restricted = environment.branchPolicy.length > 0;
  const gate = (type: string, id: number) => ({ id, node_id: nodeId("Gate", id), type });
  return {
    ...environmentSummary(environment, view),
    created_at: environment.createdAt,
    updated_at: environment.updatedAt,
    protection_rules: [
      ...(environment.reviewers.length === 0
        ? []
        : [
            {
              ...gate("required_reviewers", environment.id * 2 + 1),
              prevent_self_review: environment.preventSelfReview,
              reviewers: reviewersJson(environment, view),
            },
          ]),
      ...(restricted ? [gate("branch_policy", environment.id * 2)] : []),
    ],
    deployment_branch_policy: restricted ? { protected_branches: false, custom_branch_policies: true } : null,
  };
}

export function environmentRoutes(view: View, environments: Environments): readonly Route[] {
  const environmentOf = (call: Call): Environment => {
    const found = environments.find(call.param("environment"));
    if (found === undefined) throw notFound();
    return found;
  };

  return [
    {
      method: "GET",
      path: "/repos/:owner/:repo/environments",
      access: read,
      handle(call) {
        const all = environments.list();
        const { skip, size } = pageOf(call);
        const shown = all.slice(skip, skip + size).map((environment) => environmentJson(environment, view));
        return ok({ total_count: all.length, environments: shown }, linkHeader(call, view.urls.api, all.length));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/environments/:environment",
      access: read,
      handle: (call) => ok(environmentJson(environmentOf(call), view)),
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/environments/:environment/deployment-branch-policies",
      access: read,
      handle(call) {
        const { branchPolicy } = environmentOf(call);
        const policies = branchPolicy.map((name, index) => ({
          id: index + 1,
          node_id: nodeId("DeploymentBranchPolicy", name),
          name,
          type: "branch",
        }));
        return ok({ total_count: policies.length, branch_policies: policies });
      },
    },
  ];
}
