import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fixture, octokit, openFixture } from "./sandbox-fixture.ts";

let fixture: Fixture;

beforeAll(async () => {
  fixture = await openFixture();
  await fixture.commit("main", { "README.md": "hello\n" });
});
afterAll(() => fixture.close());

const mutation = `mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid url } ref { name target { oid } } } }`;

function append(branch: string, expectedHeadOid: string, path: string, text: string, deletions: readonly string[] = []) {
  return {
    input: {
      branch: { repositoryNameWithOwner: "acme/holdfast", branchName: branch },
      expectedHeadOid,
      message: { headline: `Append ${path}`, body: "because" },
      fileChanges: {
        additions: [{ path, contents: Buffer.from(text).toString("base64") }],
        deletions: deletions.map((gone) => ({ path: gone })),
      },
    },
  };
}

async function refused(work: Promise<unknown>): Promise<{ readonly type: unknown; readonly message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && "errors" in error && Array.isArray(error.errors)) {
      const first: { readonly type?: unknown; readonly message: string } = error.errors[0];
      return { type: first.type, message: first.message };
    }
    throw error;
  }
  throw new Error("The mutation was expected to be refused");
}

test("a commit lands with its additions and deletions, written by the token's person", async () => {
  const head = await fixture.commit("one", { "old.txt": "old", "kept.txt": "kept" });
  const api = fixture.client("alice");
  const answer: { createCommitOnBranch: { commit: { oid: string }; ref: { target: { oid: string } } } } = await api.graphql(
    mutation,
    append("one", head, "2026/11/000001.jsonl", "{}\n", ["old.txt"]),
  );
  const { oid } = answer.createCommitOnBranch.commit;
  expect(answer.createCommitOnBranch.ref.target.oid).toBe(oid);
  const { data } = await api.repos.getCommit({ ...fixture.repo, ref: "one" });
  expect(data).toMatchObject({
    sha: oid,
    author: { login: "alice" },
    commit: { message: "Append 2026/11/000001.jsonl\n\nbecause", committer: { name: "GitHub" } },
  });
  expect(data.files?.map(({ filename, status }) => `${status} ${filename}`)).toEqual(["added 2026/11/000001.jsonl", "removed old.txt"]);
});

test("of many that append to the same head exactly one wins, and the others are told in GitHub's words", async () => {
  const head = await fixture.commit("race", { "a.txt": "a" });
  const api = fixture.client("alice");
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => api.graphql(mutation, append("race", head, `entry-${index}.jsonl`, `${index}`))),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const result of results) {
    if (result.status === "rejected")
      expect(result.reason.errors[0]).toMatchObject({
        type: "STALE_DATA",
        message: `Expected branch to point to "${head}" but it did not.  Pull and try again.`,
        path: ["createCommitOnBranch"],
      });
  }
  const history = await api.repos.listCommits({ ...fixture.repo, sha: "race" });
  expect(history.data).toHaveLength(2);
});

test("deleting what is not there, an unknown branch, and a token that may only read are refused", async () => {
  const head = await fixture.commit("strict", { "a.txt": "a" });
  const api = fixture.client("alice");
  expect(await refused(api.graphql(mutation, append("strict", head, "b.txt", "b", ["gone.txt"])))).toMatchObject({
    message: expect.stringContaining("A path was requested for deletion which does not exist"),
  });
  expect(await refused(api.graphql(mutation, append("nowhere", head, "b.txt", "b")))).toMatchObject({ type: "NOT_FOUND" });
  const reader = fixture.client("alice", { contents: "read" });
  expect(await refused(reader.graphql(mutation, append("strict", head, "b.txt", "b")))).toEqual({
    type: "FORBIDDEN",
    message: "Resource not accessible by personal access token",
  });
  expect(await refused(fixture.client("carol").graphql(mutation, append("strict", head, "b.txt", "b")))).toMatchObject({
    type: "FORBIDDEN",
  });
});

test("a read of refs and objects, and a missing one is null", async () => {
  const head = await fixture.commit("reading", { "view/index.json": "{}" });
  const answer = await fixture
    .client("carol", { contents: "read" })
    .graphql(
      `query { viewer { login } repository(owner: "acme", name: "holdfast") { defaultBranchRef { name } ref(qualifiedName: "reading") { target { oid ... on Commit { message parents(first: 1) { totalCount } } } } gone: ref(qualifiedName: "refs/heads/gone") { name } object(expression: "reading:view/index.json") { ... on Blob { text byteSize } } } }`,
    );
  expect(answer).toEqual({
    viewer: { login: "carol" },
    repository: {
      defaultBranchRef: { name: "main" },
      ref: { target: { oid: head, message: "Files for a test", parents: { totalCount: 0 } } },
      gone: null,
      object: { text: "{}", byteSize: 2 },
    },
  });
});

test("a field that GitHub lacks and one that only the sandbox lacks are both named", async () => {
  const api = fixture.client("alice");
  expect(await refused(api.graphql("{ viewer { loginn } }"))).toMatchObject({ message: "Field 'loginn' doesn't exist on type 'User'" });
  expect(await refused(api.graphql("{ viewer { bio } }"))).toMatchObject({
    message: "The sandbox's GitHub does not answer field 'bio' of type 'User'",
  });
  expect(await refused(api.graphql('{ repository(owner: "acme", name: "other") { name } }'))).toEqual({
    type: "NOT_FOUND",
    message: "Could not resolve to a Repository with the name 'acme/other'.",
  });
});

test("a wrong token gets a 401 before anything is read", async () => {
  await expect(octokit(fixture.hub, "github_pat_nobody").graphql("{ viewer { login } }")).rejects.toMatchObject({ status: 401 });
});

const moveRef = `mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }`;

test("a ref moves backwards by force, only from where the caller believes it to be", async () => {
  const api = fixture.client("alice");
  const { repository }: { repository: { id: string } } = await api.graphql(`{ repository(owner: "acme", name: "holdfast") { id } }`);
  const first = await fixture.commit("moving", { "a.txt": "a" });
  const second = await fixture.commit("elsewhere", { "b.txt": "b" });
  const move = (change: { readonly beforeOid?: string; readonly force?: boolean }) =>
    api.graphql(moveRef, {
      input: { repositoryId: repository.id, refUpdates: [{ name: "refs/heads/moving", afterOid: second, ...change }] },
    });
  const standsAt = async () => (await api.git.getRef({ ...fixture.repo, ref: "heads/moving" })).data.object.sha;
  expect((await refused(move({ beforeOid: second, force: true }))).message).toContain("refs/heads/moving does not point to");
  expect((await refused(move({ beforeOid: first }))).message).toContain("not a fast forward");
  expect(await standsAt()).toBe(first);
  await move({ beforeOid: first, force: true });
  expect(await standsAt()).toBe(second);
});
