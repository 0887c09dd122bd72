import { execute, GraphQLError, type GraphQLFormattedError, parse, validate } from "graphql";
import { ApiError, ok } from "./answer.ts";
import { isObject, readBody } from "./body.ts";
import { type CommitOnBranchDeps, commitOnBranch } from "./commit-on-branch.ts";
import { findCommit } from "./contents-routes.ts";
import { allows, refusedFor } from "./gate.ts";
import { type Commit, listTree, readCommit, type Signature, shaPattern } from "./git-objects.ts";
import { typedError } from "./graphql-error.ts";
import { prunedSchema } from "./graphql-schema.ts";
import { nodeId, type View } from "./repository.ts";
import type { Caller, Route } from "./route.ts";
import { type RefUpdate, updateRefs } from "./update-refs.ts";

/** GraphQL over the pruned schema: the ledger's compare-and-swap commit, and the few reads that go with it. */

export interface GraphqlDeps extends CommitOnBranchDeps {
  readonly view: View;
}

export function graphqlRoute(deps: GraphqlDeps): Route {
  return {
    method: "POST",
    path: "/graphql",
    access: "user",
    async handle({ body, caller }) {
      const request = readBody(body, "any");
      const query = request.optionalText("query");
      if (query === undefined || query.trim() === "") throw new ApiError(400, "A query attribute must be specified and must be a string.");
      const { schema, isGitHubs } = prunedSchema();
      const variables = request.raw("variables");
      const operationName = request.raw("operationName");
      try {
        const document = parse(query);
        const errors = validate(schema, document);
        if (errors.length > 0) return ok({ errors: errors.map((error) => ownWords(error, isGitHubs)) });
        const result = await execute({
          schema,
          document,
          rootValue: rootOf(deps, caller),
          variableValues: isObject(variables) ? variables : {},
          operationName: typeof operationName === "string" ? operationName : null,
          typeResolver: (value) => (isObject(value) && typeof value.__typename === "string" ? value.__typename : undefined),
        });
        const failed = result.errors?.map((error) => shape(error.toJSON()));
        return ok({ ...(result.data === undefined ? {} : { data: result.data }), ...(failed === undefined ? {} : { errors: failed }) });
      } catch (error) {
        if (error instanceof GraphQLError) return ok({ errors: [shape(error.toJSON())] });
        throw error;
      }
    },
  };
}

function shape({ message, locations, path, extensions }: GraphQLFormattedError): Record<string, unknown> {
  const type = extensions?.type;
  return {
    ...(typeof type === "string" ? { type } : {}),
    ...(path === undefined ? {} : { path }),
    ...(locations === undefined ? {} : { locations }),
    message,
  };
}

function ownWords(error: GraphQLError, isGitHubs: (type: string, field: string) => boolean): Record<string, unknown> {
  const [, field = "", type = ""] = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(error.message) ?? [];
  if (field === "") return shape(error.toJSON());
  const message = isGitHubs(type, field)
    ? `The sandbox's GitHub does not answer field '${field}' of type '${type}'`
    : `Field '${field}' doesn't exist on type '${type}'`;
  return { ...shape(error.toJSON()), message, extensions: { code: "undefinedField", typeName: type, fieldName: field } };
}

function rootOf(deps: GraphqlDeps, caller: Caller) {
  const { view, git } = deps;
  const { repository } = view;
  const full = `${repository.owner}/${repository.name}`;

  const needContents = (level: "read" | "write") => {
    if (!allows(caller, { permission: "contents", level })) throw typedError("FORBIDDEN", refusedFor(caller));
  };

  const objectNode = async (expression: string): Promise<unknown> => {
    const found = await git.read(expression);
    if (found === null) return null;
    if (found.type === "commit") {
      const commit = await readCommit(git, found.sha);
      return commit === null ? null : commitNode(commit);
    }
    const common = { id: nodeId(found.type, found.sha), oid: found.sha, abbreviatedOid: found.sha.slice(0, 7) };
    if (found.type === "tree") return { __typename: "Tree", ...common, entries: () => treeEntries(found.sha) };
    if (found.type !== "blob") return null;
    const isBinary = found.content.includes(0);
    return {
      __typename: "Blob",
      ...common,
      byteSize: found.content.length,
      isBinary,
      isTruncated: false,
      text: isBinary ? null : found.content.toString(),
    };
  };

  const treeEntries = async (tree: string) => {
    const entries = await listTree(git, tree, false);
    return entries.map((entry) => ({
      name: entry.path,
      mode: Number.parseInt(entry.mode, 8),
      type: entry.type,
      oid: entry.sha,
      size: entry.size ?? 0,
      object: () => objectNode(entry.sha),
    }));
  };

  const actor = (by: Signature) => ({ name: by.name, email: by.email, date: by.date });

  const commitNode = (commit: Commit): unknown => ({
    __typename: "Commit",
    id: nodeId("Commit", commit.sha),
    oid: commit.sha,
    abbreviatedOid: commit.sha.slice(0, 7),
    message: commit.message,
    messageHeadline: commit.message.split("\n")[0] ?? "",
    messageBody: commit.message.split("\n").slice(2).join("\n"),
    authoredDate: commit.author.date,
    committedDate: commit.committer.date,
    url: `${view.html}/commit/${commit.sha}`,
    tree: () => objectNode(commit.tree),
    author: actor(commit.author),
    parents: async ({ first }: { readonly first?: number }) => ({
      totalCount: commit.parents.length,
      nodes: await Promise.all(commit.parents.slice(0, first ?? commit.parents.length).map((sha) => objectNode(sha))),
    }),
  });

  const refNode = async (qualified: string): Promise<unknown> => {
    const found = await git.read(qualified);
    if (found === null) return null;
    const prefix = /^refs\/[^/]+\//.exec(qualified)?.[0] ?? "";
    return { id: nodeId("Ref", qualified), name: qualified.slice(prefix.length), prefix, target: () => objectNode(qualified) };
  };

  const repositoryNode = () => ({
    id: nodeId("Repository", repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: full,
    isPrivate: repository.private,
    defaultBranchRef: () => {
      needContents("read");
      return refNode(`refs/heads/${repository.defaultBranch}`);
    },
    ref: async ({ qualifiedName }: { readonly qualifiedName: string }) => {
      needContents("read");
      return qualifiedName.startsWith("refs/")
        ? refNode(qualifiedName)
        : ((await refNode(`refs/heads/${qualifiedName}`)) ?? refNode(`refs/tags/${qualifiedName}`));
    },
    object: async ({ expression, oid }: { readonly expression?: string; readonly oid?: string }) => {
      needContents("read");
      if (oid !== undefined) return shaPattern.test(oid) ? objectNode(oid) : null;
      const [revision = "", ...path] = (expression ?? "").split(":");
      const commit = await findCommit(git, revision);
      if (commit === null) return null;
      return objectNode(path.length === 0 ? commit.sha : path.join(":") === "" ? commit.tree : `${commit.sha}:${path.join(":")}`);
    },
  });

  const named = (asked: string) => {
    if (asked.toLowerCase() !== full.toLowerCase() || caller.person.role === "none") {
      throw typedError("NOT_FOUND", `Could not resolve to a Repository with the name '${asked}'.`);
    }
  };

  return {
    viewer: () => ({ login: caller.person.login, databaseId: caller.person.id, id: nodeId("User", caller.person.id) }),
    repository: ({ owner, name }: { readonly owner: string; readonly name: string }) => {
      named(`${owner}/${name}`);
      return repositoryNode();
    },
    createCommitOnBranch: async ({ input }: { readonly input: CreateCommitInput }) => {
      const { repositoryNameWithOwner, branchName, id } = input.branch;
      if (id != null) throw new GraphQLError("The sandbox names a branch by repositoryNameWithOwner and branchName, not by id");
      if (repositoryNameWithOwner == null || branchName == null) {
        throw typedError("UNPROCESSABLE", "Must provide either an id or a repositoryNameWithOwner and branchName for branch");
      }
      named(repositoryNameWithOwner);
      needContents("write");
      const commit = await commitOnBranch(deps, caller, {
        branch: branchName,
        expectedHead: input.expectedHeadOid,
        headline: input.message.headline,
        body: input.message.body ?? "",
        additions: (input.fileChanges?.additions ?? []).map(({ path, contents }) => ({ path, contents: Buffer.from(contents, "base64") })),
        deletions: (input.fileChanges?.deletions ?? []).map(({ path }) => path),
      });
      return {
        clientMutationId: input.clientMutationId ?? null,
        commit: commitNode(commit),
        ref: () => refNode(`refs/heads/${branchName}`),
      };
    },
    updateRefs: async ({ input }: { readonly input: UpdateRefsInput }) => {
      if (input.repositoryId !== nodeId("Repository", repository.id)) {
        throw typedError("NOT_FOUND", `Could not resolve to a node with the global id of '${input.repositoryId}'`);
      }
      named(full);
      needContents("write");
      await updateRefs(deps, caller, input.refUpdates);
      return { clientMutationId: input.clientMutationId ?? null };
    },
  };
}

/** The mutation's input as the schema guarantees it. */
interface CreateCommitInput {
  readonly branch: { readonly repositoryNameWithOwner?: string | null; readonly branchName?: string | null; readonly id?: string | null };
  readonly expectedHeadOid: string;
  readonly clientMutationId?: string | null;
  readonly message: { readonly headline: string; readonly body?: string | null };
  readonly fileChanges?: {
    readonly additions: readonly { readonly path: string; readonly contents: string }[];
    readonly deletions: readonly { readonly path: string }[];
  } | null;
}

interface UpdateRefsInput {
  readonly repositoryId: string;
  readonly clientMutationId?: string | null;
  readonly refUpdates: readonly RefUpdate[];
}
