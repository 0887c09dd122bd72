import { GraphqlResponseError } from "@octokit/graphql";
import * as z from "zod/mini";
import { type GitHub, orNull, statusOf } from "./client.ts";

export interface BranchFile {
  readonly path: string;
  readonly sha: string;
}

export interface FileText {
  readonly path: string;
  readonly text: string;
}

export type CommitOutcome = { readonly moved: false; readonly head: string } | { readonly moved: true };

// A blob is immutable, so what was read once need not be asked for again while this process lives.
type BlobCache = Map<string, string>;

/** One branch as a place to read files from and to commit to; every write says which head it was built on. */
export interface Branch {
  /** The commit at the branch's tip, or null when there is no such branch. */
  head(): Promise<string | null>;
  files(commit: string): Promise<readonly BranchFile[]>;
  read(blob: string): Promise<string>;
  /** Commits on top of `expected` if the branch still stands there (signed by GitHub); otherwise nothing is written. */
  commitOn(expected: string, message: string, files: readonly FileText[]): Promise<CommitOutcome>;
  /** Makes the branch with a first, parentless commit, unless somebody else just did. */
  create(message: string, files: readonly FileText[]): Promise<CommitOutcome>;
  /**
   * Replaces the whole history by one commit if the branch still stands at `expected` (null: there is no branch); otherwise nothing is written.
   * Only for views, which can always be rebuilt.
   */
  replaceOn(expected: string | null, message: string, files: readonly FileText[], keep: readonly BranchFile[]): Promise<CommitOutcome>;
}

const MUTATION = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;

// The REST API moves a branch backwards whatever it points to now; only this mutation also says what it has to point to.
const MOVE = `mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }`;

const REPOSITORY = `query ($owner: String!, $repo: String!) { repository(owner: $owner, name: $repo) { id } }`;

const repositoryAnswer = z.object({ repository: z.object({ id: z.string() }) });
const mutationAnswer = z.object({ createCommitOnBranch: z.object({ commit: z.object({ oid: z.string() }) }) });

export function openBranch(github: GitHub, name: string): Branch {
  const { repository } = github;
  const blobs: BlobCache = new Map();

  const parentless = async (message: string, files: readonly FileText[], keep: readonly BranchFile[]): Promise<string> => {
    const tree = await github.rest.git.createTree({
      ...repository,
      tree: [
        ...keep.map((file) => ({ path: file.path, mode: "100644" as const, type: "blob" as const, sha: file.sha })),
        ...files.map((file) => ({ path: file.path, mode: "100644" as const, type: "blob" as const, content: file.text })),
      ],
    });
    const commit = await github.rest.git.createCommit({ ...repository, message, tree: tree.data.sha, parents: [] });
    return commit.data.sha;
  };

  const createRef = async (sha: string): Promise<CommitOutcome> => {
    try {
      await github.rest.git.createRef({ ...repository, ref: `refs/heads/${name}`, sha });
      return { moved: false, head: sha };
    } catch (error) {
      if (statusOf(error) === 422) return { moved: true };
      throw error;
    }
  };

  let repositoryId: string | null = null;
  const idOfRepository = async (): Promise<string> => {
    repositoryId ??= repositoryAnswer.parse(await github.graphql(REPOSITORY, { ...repository })).repository.id;
    return repositoryId;
  };

  const moveRef = async (expected: string, sha: string): Promise<CommitOutcome> => {
    const refUpdates = [{ name: `refs/heads/${name}`, beforeOid: expected, afterOid: sha, force: true }];
    try {
      await github.graphql(MOVE, { input: { repositoryId: await idOfRepository(), refUpdates } });
      return { moved: false, head: sha };
    } catch (error) {
      // GitHub documents no code for a branch that stands elsewhere, and an answer may be lost after the move: only the branch itself knows.
      const head = await branch.head();
      if (head === sha) return { moved: false, head: sha };
      if (head !== expected) return { moved: true };
      throw error;
    }
  };

  const branch: Branch = {
    async head() {
      const ref = await orNull(github.rest.git.getRef({ ...repository, ref: `heads/${name}` }));
      return ref?.data.object.sha ?? null;
    },
    async files(commit) {
      const tree = await github.rest.git.getTree({ ...repository, tree_sha: commit, recursive: "1" });
      if (tree.data.truncated) throw new Error(`GitHub cut off the list of files of ${name}: the branch is too large to read at once`);
      return tree.data.tree.flatMap((each) => (each.type === "blob" && each.path && each.sha ? [{ path: each.path, sha: each.sha }] : []));
    },
    async read(sha) {
      const known = blobs.get(sha);
      if (known !== undefined) return known;
      const blob = await github.rest.git.getBlob({ ...repository, file_sha: sha });
      const text = Buffer.from(blob.data.content, "base64").toString("utf8");
      blobs.set(sha, text);
      return text;
    },
    async commitOn(expected, message, files) {
      try {
        const answer = await github.graphql(MUTATION, {
          input: {
            branch: { repositoryNameWithOwner: `${repository.owner}/${repository.repo}`, branchName: name },
            message: { headline: message },
            expectedHeadOid: expected,
            fileChanges: { additions: files.map((file) => ({ path: file.path, contents: Buffer.from(file.text).toString("base64") })) },
          },
        });
        return { moved: false, head: mutationAnswer.parse(answer).createCommitOnBranch.commit.oid };
      } catch (error) {
        if (error instanceof GraphqlResponseError && error.errors?.some((each) => each.type === "STALE_DATA")) return { moved: true };
        throw error;
      }
    },
    async create(message, files) {
      return createRef(await parentless(message, files, []));
    },
    async replaceOn(expected, message, files, keep) {
      const sha = await parentless(message, files, keep);
      return expected === null ? createRef(sha) : moveRef(expected, sha);
    },
  };
  return branch;
}
