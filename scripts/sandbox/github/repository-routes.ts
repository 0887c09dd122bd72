import { ApiError, notFound, ok } from "./answer.ts";
import { readBody } from "./body.ts";
import type { Git } from "./git.ts";
import { readCommit } from "./git-objects.ts";
import { pagedList } from "./page.ts";
import { profileJson, userJson } from "./people.ts";
import { type RateLimit, rateLimitJson } from "./rate-limit.ts";
import { commitJson, repositoryJson, type View } from "./repository.ts";
import type { Call, Route } from "./route.ts";
import type { Gate } from "./serve.ts";
import type { Tokens } from "./tokens.ts";

export interface RepositoryDeps {
  readonly view: View;
  readonly git: Git;
  readonly gate: Gate;
  readonly limits: RateLimit;
  readonly tokens: Tokens;
}

const metadata = { permission: "metadata", level: "read" } as const;
const contents = { permission: "contents", level: "read" } as const;
const graphqlLimit = 5000;

/** Branch names and their commits, sorted as git sorts them. */
async function listBranches(git: Git): Promise<readonly { readonly name: string; readonly sha: string }[]> {
  const listing = await git.text(["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/"]);
  return listing
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ sha: line.slice(0, 40), name: line.slice(41 + "refs/heads/".length) }));
}

export function repositoryRoutes({ view, git, gate, limits, tokens }: RepositoryDeps): readonly Route[] {
  const { repository, urls, base, html, people } = view;

  const roleFlags = (call: Call) => {
    const { role } = call.caller.person;
    const push = role === "write" || role === "admin";
    return { admin: role === "admin", maintain: role === "admin", push, triage: push, pull: true };
  };

  const branchOf = async (name: string) => {
    const commit = await readCommit(git, `refs/heads/${name}`);
    if (commit === null) throw new ApiError(404, "Branch not found");
    return commit;
  };

  return [
    {
      method: "GET",
      path: "/user",
      access: "user",
      handle: ({ caller }) => ok(profileJson(caller.person, urls, repository.createdAt)),
    },
    {
      method: "GET",
      path: "/rate_limit",
      access: "user",
      handle({ caller }) {
        const { who, limit } = gate.allowance(caller);
        const core = rateLimitJson(limits.look(who, "core", limit));
        const graphql = rateLimitJson(limits.look(who, "graphql", graphqlLimit));
        return ok({ resources: { core, graphql, search: { ...core, limit: 30, used: 0, remaining: 30 } }, rate: core });
      },
    },
    {
      method: "POST",
      path: "/credentials/revoke",
      access: "open",
      handle({ headers, body }) {
        if (headers.authorization !== undefined) throw new ApiError(403, "This endpoint does not accept authenticated requests.");
        const credentials = readBody(body, ["credentials"]).list("credentials") ?? [];
        const listed = credentials.filter((token) => typeof token === "string");
        if (listed.length === 0 || listed.length !== credentials.length || listed.length > 1000) {
          throw new ApiError(422, "Validation Failed", [{ resource: "Credential", field: "credentials", code: "invalid" }]);
        }
        for (const token of listed) tokens.revoke(token);
        return { status: 202, json: {} };
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo",
      access: metadata,
      handle: (call) => ok({ ...repositoryJson(view), permissions: roleFlags(call) }),
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/branches",
      access: contents,
      async handle(call) {
        const branches = await listBranches(git);
        return pagedList(call, urls.api, branches, ({ name, sha }) => ({
          name,
          commit: { sha, url: `${base}/commits/${sha}` },
          protected: false,
        }));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/branches/*branch",
      access: contents,
      async handle(call) {
        const name = call.param("branch");
        const commit = await branchOf(name);
        return ok({
          name,
          commit: commitJson(commit, view),
          _links: { self: `${base}/branches/${name}`, html: `${html}/tree/${name}` },
          protected: false,
          protection: { enabled: false, required_status_checks: { enforcement_level: "off", contexts: [], checks: [] } },
          protection_url: `${base}/branches/${name}/protection`,
        });
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/collaborators/:user/permission",
      access: metadata,
      handle(call) {
        const person = people.find(call.param("user"));
        if (person === undefined) throw notFound();
        return ok({ permission: person.role, role_name: person.role, user: { ...userJson(person, urls), role_name: person.role } });
      },
    },
  ];
}
