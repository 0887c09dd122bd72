import { ApiError } from "./answer.ts";
import { mayWrite, refusedFor } from "./gate.ts";
import type { Git } from "./git.ts";
import { type Commit, listTree, readCommit, type TreeChange, writeBlob, writeCommit, writeTree } from "./git-objects.ts";
import { typedError } from "./graphql-error.ts";
import type { Refs } from "./move-ref.ts";
import { signature } from "./people.ts";
import type { Caller } from "./route.ts";

/** `createCommitOnBranch`: the whole commit is built first, and the branch moves only if it still points where the caller believes. */

export interface CommitOnBranchDeps {
  readonly git: Git;
  readonly refs: Refs;
  readonly now: () => Date;
}

export interface BranchCommit {
  readonly branch: string;
  readonly expectedHead: string;
  readonly headline: string;
  readonly body: string;
  readonly additions: readonly { readonly path: string; readonly contents: Buffer }[];
  readonly deletions: readonly string[];
}

const malformed = (path: string) =>
  path === "" || path.split("/").some((part) => part === "" || part === "." || part === ".." || part === ".git");

export async function commitOnBranch({ git, refs, now }: CommitOnBranchDeps, caller: Caller, wanted: BranchCommit): Promise<Commit> {
  const { branch, expectedHead, additions, deletions } = wanted;
  const ref = `refs/heads/${branch}`;
  if (!mayWrite(caller)) throw typedError("FORBIDDEN", refusedFor(caller));
  // The two spaces are GitHub's.
  const stale = () => typedError("STALE_DATA", `Expected branch to point to "${expectedHead}" but it did not.  Pull and try again.`);
  const current = await refs.read(ref);
  if (current === null) throw typedError("NOT_FOUND", `No branch named '${branch}' was found`);
  if (current !== expectedHead) throw stale();

  const bad = [...additions.map(({ path }) => path), ...deletions].find(malformed);
  if (bad !== undefined) throw typedError("UNPROCESSABLE", `A path was provided that is not valid: \`${bad}\``);
  const standing = new Map((await listTree(git, expectedHead, true)).map((entry) => [entry.path, entry]));
  const missing = deletions.find((path) => !standing.has(path));
  if (missing !== undefined)
    throw typedError("NOT_FOUND", `A path was requested for deletion which does not exist as of commit oid \`${expectedHead}\``);

  const removed = deletions.flatMap((path): TreeChange[] =>
    [...standing.values()]
      .filter((entry) => entry.type === "blob" && (entry.path === path || entry.path.startsWith(`${path}/`)))
      .map((entry) => ({ path: entry.path, mode: entry.mode, sha: null })),
  );
  const put = await Promise.all(
    additions.map(
      async ({ path, contents }): Promise<TreeChange> => ({
        path,
        mode: standing.get(path)?.mode ?? "100644",
        sha: await writeBlob(git, contents),
      }),
    ),
  );
  const tree = await writeTree(git, expectedHead, [...removed, ...put]);
  const author = signature(caller.person, now());
  const sha = await writeCommit(git, {
    tree,
    parents: [expectedHead],
    author,
    committer: { name: "GitHub", email: "noreply@github.com", date: author.date },
    message: wanted.body === "" ? wanted.headline : `${wanted.headline}\n\n${wanted.body}`,
  });
  const moved = await refs.move({ ref, expected: expectedHead, after: sha, caller, actor: caller.person.login }).catch((error: unknown) => {
    if (error instanceof ApiError) throw typedError("FORBIDDEN", error.message);
    throw error;
  });
  if (!moved.moved) throw stale();
  const commit = await readCommit(git, sha);
  if (commit === null) throw new Error(`The new commit ${sha} cannot be read`);
  return commit;
}
