/** The built worker that judges a pull request, against a GitHub with a real repository; what is only told under pull requests is kept here. */
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { type Fixture, openFixture } from "../../scripts/sandbox/github/sandbox-fixture.ts";
import type { Fault, Seen } from "../../scripts/sandbox/github/serve.ts";
import { startProcess } from "./worker-world.ts";

const WORKER = fileURLToPath(new URL("../dist/lint-pull-request.mjs", import.meta.url));
const HEAD = "a".repeat(40);

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string };
}

let fixture: Fixture;
let files: readonly { readonly filename: string; readonly status: string; readonly sha: string }[] = [];
let comments: Comment[] = [];
let mayComment = true;
/** Everything that was asked beside the texts. */
let asked: string[] = [];

const body = z.object({ body: z.string() });

function github({ method, path, body: sent }: Seen): Fault | undefined {
  const [, rest = ""] = path.split("/repos/acme/holdfast");
  if (!/^\/(pulls|issues)\//.test(rest)) return undefined;
  asked.push(`${method} ${rest}`);
  const answer = (json: unknown, status = 200): Fault => ({ kind: "answer", status, json });
  if (rest === "/pulls/7") return answer({ number: 7, head: { sha: HEAD }, changed_files: files.length });
  if (rest === "/pulls/7/files") return answer(files);
  if (rest === "/issues/7/comments" && method === "GET") return answer(comments);
  if (!mayComment) return answer({ message: "Resource not accessible by integration" }, 403);
  const text = body.parse(sent).body;
  const [, id] = /^\/issues\/comments\/(\d+)$/.exec(rest) ?? [];
  if (id === undefined) comments.push({ id: comments.length + 1, body: text, user: { login: "github-actions[bot]" } });
  else comments = comments.map((each) => (each.id === Number(id) ? { ...each, body: text } : each));
  return answer({}, 201);
}

beforeAll(async () => {
  fixture = await openFixture({ intercept: github });
});
afterAll(() => fixture.close());
afterEach(() => {
  comments = [];
  asked = [];
  mayComment = true;
});

async function change(texts: Readonly<Record<string, string>>): Promise<void> {
  const commit = await fixture.commit("proposed", texts);
  const client = fixture.client("alice");
  const { data } = await client.rest.git.getTree({ ...fixture.repo, tree_sha: commit, recursive: "true" });
  files = data.tree.flatMap(({ path, type, sha }) => (type === "blob" ? [{ filename: path, status: "added", sha }] : []));
}

async function judge(inputs: Readonly<Record<string, string>> = {}) {
  const token = fixture.hub.createToken({ login: "alice", permissions: { contents: "read" } });
  const env = { GITHUB_API_URL: fixture.hub.url, GITHUB_REPOSITORY: "acme/holdfast", PATH: process.env.PATH ?? "" };
  const given = { pull_request: "7", directory: "db", fail_on: "", token, ...inputs };
  const named = Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
  return startProcess(WORKER, fixture.state, { ...env, ...named }).done;
}

test("verdicts stand in one comment, which follows the pull request, and fail the check from the verdict that was named", async () => {
  await change({ "db/1_a.sql": "delete from users;\n", "db/2_b.sql": "create table t (id int);\n", "other/3.sql": "drop table x;\n" });
  const first = await judge();
  expect([first.code, comments.length], first.printed).toEqual([0, 1]);
  expect(comments[0]?.body).toMatch(
    /Worst of 2 SQL files: destroys-data[\s\S]*` db\/1_a.sql `[\s\S]*line 1, destroys-data: delete from users/,
  );
  expect(comments[0]?.body).not.toContain("drop table x");
  const failing = await judge({ fail_on: "may-destroy-data" });
  expect([failing.code, failing.printed]).toEqual([3, expect.stringContaining("The worst verdict is destroys-data")]);

  await change({ "db/1_a.sql": "-- holdfast:allow delete-all nobody ever used this table\ndelete from users;\n" });
  expect((await judge({ fail_on: "destroys-data" })).code).toBe(0);
  expect([comments.length, comments[0]?.body]).toEqual([1, expect.stringContaining("let pass: nobody ever used this table")]);
  await change({ "README.md": "No SQL at all\n" });
  expect((await judge()).code).toBe(0);
  expect(comments).toMatchObject([{ body: expect.stringContaining("No SQL file is changed any more.") }]);
});

test("what others wrote is never taken for the comment, and without SQL nothing is said", async () => {
  comments = [{ id: 1, body: "<!-- holdfast: verdicts on SQL files -->\nmine", user: { login: "mallory" } }];
  await change({ "README.md": "Nothing of a database\n" });
  expect((await judge()).code).toBe(0);
  expect(comments).toHaveLength(1);
  await change({ "db/1_a.sql": "drop table users;\n" });
  await judge();
  expect(comments).toMatchObject([{ body: expect.stringContaining("mine") }, { body: expect.stringContaining("destroys-data") }]);
});

test("a fork's pull request is judged and told in the summary, and nothing hostile in it becomes markup, link or mention", async () => {
  mayComment = false;
  const hostile =
    'drop table "@acme/owners ``` <img src=x onerror=alert(1)> [click](http://evil.example)"; -- ````\nselect 1 as "::error::x"';
  await change({ "db/1_`@bob`.sql": hostile });
  const { code, printed } = await judge({ fail_on: "destroys-data" });
  expect([code, printed]).toEqual([3, expect.stringContaining("may not comment")]);
  const fence = /^(`{3,})text$/m.exec(printed)?.[1] ?? "";
  const outside = printed
    .split(`${fence}text`)
    .map((part, index) => (index === 0 ? part : (part.split(`\n${fence}\n`)[1] ?? "")))
    .join("");
  expect(fence.length).toBeGreaterThan(3);
  expect(outside).not.toMatch(/<img|\]\(http|evil\.example/);
  expect(outside).toContain("`` db/1_`@bob`.sql ``");
});

test("a file that cannot be judged fails the check and says why; nothing but these few questions is ever asked", async () => {
  await change({ "db/1_a.sql": "drop tabel users;\n" });
  const { code } = await judge();
  expect([code, comments[0]?.body]).toEqual([3, expect.stringContaining("1 of 1 SQL files cannot be judged")]);
  expect(asked).toEqual(["GET /pulls/7", "GET /pulls/7/files", "GET /issues/7/comments", "POST /issues/7/comments"]);
  const wrong = await judge({ pull_request: "7; rm -rf /", directory: "../.." });
  expect([wrong.code, wrong.printed]).toEqual([1, expect.stringMatching(/pull_request[\s\S]*directory/)]);
});
