import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fixture, openFixture, statusOf } from "./sandbox-fixture.ts";

let fixture: Fixture;
let first: string;

beforeAll(async () => {
  fixture = await openFixture();
  first = await fixture.commit("main", { "README.md": "hello\n", "docs/a.md": "a\n", "docs/b.md": "b\n" });
});
afterAll(() => fixture.close());

test("a file, a folder and raw content are read as GitHub shows them", async () => {
  const { repo, client } = fixture;
  const api = client("alice");
  const file = await api.repos.getContent({ ...repo, path: "docs/a.md" });
  expect(file.data).toMatchObject({ type: "file", path: "docs/a.md", encoding: "base64", size: 2, content: "YQo=\n" });
  const folder = await api.repos.getContent({ ...repo, path: "docs", ref: first });
  expect(folder.data).toMatchObject([
    { name: "a.md", type: "file" },
    { name: "b.md", type: "file" },
  ]);
  const raw = await api.request("GET /repos/{owner}/{repo}/contents/{path}", {
    ...repo,
    path: "README.md",
    mediaType: { format: "raw+json" },
  });
  expect(raw.data).toBe("hello\n");
  expect(await statusOf(api.repos.getContent({ ...repo, path: "nothing.md" }))).toMatchObject({ status: 404 });
  expect(await statusOf(api.repos.getContent({ ...repo, path: "README.md", ref: "nowhere" }))).toMatchObject({
    status: 404,
    message: expect.stringContaining("No commit found for the ref nowhere"),
  });
});

test("a commit is built from blob, tree and commit, and a branch made and moved to it", async () => {
  const { repo, client } = fixture;
  const api = client("alice");
  const blob = await api.git.createBlob({ ...repo, content: Buffer.from([0, 1, 255]).toString("base64"), encoding: "base64" });
  const base = await api.git.getCommit({ ...repo, commit_sha: first });
  const tree = await api.git.createTree({
    ...repo,
    base_tree: base.data.tree.sha,
    tree: [
      { path: "deep/er/data.bin", mode: "100755", type: "blob", sha: blob.data.sha },
      { path: "inline.txt", mode: "100644", type: "blob", content: "inline" },
      { path: "docs/a.md", mode: "100644", type: "blob", sha: null },
    ],
  });
  const commit = await api.git.createCommit({ ...repo, message: "Built by hand", tree: tree.data.sha, parents: [first] });
  expect(commit.data.author).toMatchObject({ name: "alice", email: "1001+alice@users.noreply.github.com" });
  await api.git.createRef({ ...repo, ref: "refs/heads/side/one", sha: commit.data.sha });
  const listing = await api.git.getTree({ ...repo, tree_sha: "side/one", recursive: "true" });
  expect(listing.data.tree.filter(({ type }) => type === "blob").map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    "100644 README.md",
    "100755 deep/er/data.bin",
    "100644 docs/b.md",
    "100644 inline.txt",
  ]);
  const read = await api.git.getBlob({ ...repo, file_sha: blob.data.sha });
  expect(Buffer.from(read.data.content, "base64")).toEqual(Buffer.from([0, 1, 255]));
  expect(await statusOf(api.git.createRef({ ...repo, ref: "refs/heads/side/one", sha: first }))).toMatchObject({
    status: 422,
    message: expect.stringContaining("Reference already exists"),
  });
  const compared = await api.repos.compareCommitsWithBasehead({ ...repo, basehead: "main...side/one" });
  expect(compared.data).toMatchObject({ status: "ahead", ahead_by: 1, behind_by: 0, merge_base_commit: { sha: first } });
  expect(compared.data.files?.map(({ filename, status }) => `${status} ${filename}`)).toEqual([
    "added deep/er/data.bin",
    "removed docs/a.md",
    "added inline.txt",
  ]);
});

test("a ref moves forward only, unless forced", async () => {
  const { repo, client } = fixture;
  const api = client("alice");
  const { data: base } = await api.git.getCommit({ ...repo, commit_sha: first });
  const commit = (message: string) => api.git.createCommit({ ...repo, message, tree: base.tree.sha, parents: [first] });
  const [left, right] = [(await commit("left")).data.sha, (await commit("right")).data.sha];
  await api.git.createRef({ ...repo, ref: "refs/heads/moving", sha: left });
  expect(await statusOf(api.git.updateRef({ ...repo, ref: "heads/moving", sha: right }))).toMatchObject({
    status: 422,
    message: expect.stringContaining("Update is not a fast forward"),
  });
  await api.git.updateRef({ ...repo, ref: "heads/moving", sha: right, force: true });
  expect((await api.git.getRef({ ...repo, ref: "heads/moving" })).data.object.sha).toBe(right);
  const matching = await api.git.listMatchingRefs({ ...repo, ref: "heads/mov" });
  expect(matching.data.map(({ ref }) => ref)).toEqual(["refs/heads/moving"]);
  expect((await api.repos.getBranch({ ...repo, branch: "moving" })).data.commit).toMatchObject({ sha: right, author: { login: "alice" } });
  expect(await statusOf(api.repos.getBranch({ ...repo, branch: "gone" }))).toMatchObject({
    status: 404,
    message: expect.stringContaining("Branch not found"),
  });
});

test("history can be read by path and page by page", async () => {
  const { repo, client, commit } = fixture;
  for (const number of [1, 2, 3]) await commit("history", { "log.txt": `${number}\n`, "same.txt": "same\n" }, `Number ${number}`);
  const api = client("alice");
  const one = await api.repos.listCommits({ ...repo, sha: "history", path: "log.txt", per_page: 2 });
  expect(one.data.map(({ commit: { message } }) => message)).toEqual(["Number 3", "Number 2"]);
  expect(one.headers.link).toMatch(/page=2>; rel="next"/);
  const all = await api.paginate(api.repos.listCommits, { ...repo, sha: "history", per_page: 1 });
  expect(all).toHaveLength(3);
  const same = await api.repos.listCommits({ ...repo, sha: "history", path: "same.txt" });
  expect(same.data.map(({ commit: { message } }) => message)).toEqual(["Number 1"]);
});

test("importing an unchanged folder makes no commit, and ignored files stay out", async () => {
  const dir = await mkdtemp(join(tmpdir(), "sandbox-import-"));
  try {
    await writeFile(join(dir, ".gitignore"), "secret.txt\n");
    await writeFile(join(dir, "secret.txt"), "no");
    await writeFile(join(dir, "kept.txt"), "yes");
    const one = await fixture.hub.importTree(dir, "imported", "One");
    expect(await fixture.hub.importTree(dir, "imported", "Two")).toBe(one);
    await writeFile(join(dir, "kept.txt"), "changed");
    const three = await fixture.hub.importTree(dir, "imported", "Three");
    expect(three).not.toBe(one);
    const tree = await fixture.client("alice").git.getTree({ ...fixture.repo, tree_sha: three });
    expect(tree.data.tree.map(({ path }) => path)).toEqual([".gitignore", "kept.txt"]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
