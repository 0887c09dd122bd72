import { createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecordEntry } from "../record.ts";
import { readBody } from "./body.ts";
import { defaultPeople } from "./people.ts";
import { type Fixture, full, octokit, openFixture, statusOf } from "./sandbox-fixture.ts";
import { createScriptedEngine } from "./scripted-engine.ts";

const engine = createScriptedEngine();
const entries: RecordEntry[] = [];
let clock = new Date("2026-11-20T10:00:00Z");
let fixture: Fixture;

beforeAll(async () => {
  fixture = await openFixture({
    engine,
    now: () => clock,
    record: (entry) => entries.push(entry),
    people: [...defaultPeople, { login: "mallory", id: 1666, type: "User", role: "none" }],
  });
  await fixture.commit("main", { "README.md": "hello\n", ".github/workflows/w.yml": "name: W\non: {workflow_dispatch: {}}\n" });
});
afterAll(() => fixture.close());

const get = (path: string, token: string, headers: Record<string, string> = {}) =>
  fetch(`${fixture.hub.url}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } });

async function textField(answer: Response, name: string): Promise<string> {
  return readBody(await answer.json(), "any").text(name);
}

test("a token that is unknown, expired or revoked is a bad credential", async () => {
  const expiring = fixture.hub.createToken({ login: "alice", permissions: full, expiresAt: new Date(clock.getTime() + 60_000) });
  const revoked = fixture.hub.createToken({ login: "alice", permissions: full });
  expect((await get("/user", expiring)).status).toBe(200);
  clock = new Date(clock.getTime() + 60_000);
  const late = await get("/user", expiring);
  expect(late.status).toBe(401);
  expect(await late.json()).toMatchObject({ message: "Bad credentials", status: "401", documentation_url: expect.any(String) });
  const revoke = (headers: Record<string, string>) =>
    fetch(`${fixture.hub.url}/credentials/revoke`, { method: "POST", headers, body: JSON.stringify({ credentials: [revoked] }) });
  expect((await revoke({ authorization: `Bearer ${revoked}` })).status).toBe(403);
  expect((await get("/user", revoked)).status).toBe(200);
  expect((await revoke({})).status).toBe(202);
  expect((await get("/user", revoked)).status).toBe(401);
  expect((await fetch(`${fixture.hub.url}/user`)).status).toBe(401);
});

test("a missing permission is named in a header that a page cannot read", async () => {
  const token = fixture.hub.createToken({ login: "alice", permissions: { metadata: "read" } });
  const answer = await get("/repos/acme/holdfast/contents/README.md", token);
  expect(answer.status).toBe(403);
  expect(answer.headers.get("x-accepted-github-permissions")).toBe("contents=read");
  expect(answer.headers.get("access-control-expose-headers")).not.toMatch(/permissions/i);
  expect(answer.headers.has("x-oauth-scopes")).toBe(false);
  expect(await answer.json()).toMatchObject({ message: "Resource not accessible by personal access token" });
});

test("a stranger is not told that the repository exists", async () => {
  const stranger = fixture.client("mallory");
  expect(await statusOf(stranger.repos.get(fixture.repo))).toMatchObject({ status: 404 });
  await expect(stranger.graphql('{ repository(owner: "acme", name: "holdfast") { name } }')).rejects.toThrow(
    "Could not resolve to a Repository",
  );
  const level = async (username: string) =>
    (await fixture.client("alice").repos.getCollaboratorPermissionLevel({ ...fixture.repo, username })).data.permission;
  expect([await level("alice"), await level("carol"), await level("mallory")]).toEqual(["write", "read", "none"]);
});

test("a write by one who may only read is refused even with a strong token", async () => {
  expect(await statusOf(fixture.client("carol").git.createBlob({ ...fixture.repo, content: "x" }))).toMatchObject({ status: 403 });
});

test("an unchanged answer is a 304 that costs nothing", async () => {
  const token = fixture.hub.createToken({ login: "bob", permissions: full });
  const first = await get("/repos/acme/holdfast/branches/main", token);
  const etag = first.headers.get("etag") ?? "";
  expect(first.headers.get("cache-control")).toBe("private, max-age=60, s-maxage=60");
  expect(first.headers.get("vary")).toContain("Authorization");
  expect(first.headers.get("x-ratelimit-limit")).toBe("5000");
  const used = Number(first.headers.get("x-ratelimit-used"));
  const again = await get("/repos/acme/holdfast/branches/main", token, { "if-none-match": etag });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe("");
  expect(Number(again.headers.get("x-ratelimit-used"))).toBe(used);
  await fixture.commit("main", { "README.md": "changed\n", ".github/workflows/w.yml": "name: W\non: {workflow_dispatch: {}}\n" });
  const changed = await get("/repos/acme/holdfast/branches/main", token, { "if-none-match": etag });
  expect(changed.status).toBe(200);
  expect(Number(changed.headers.get("x-ratelimit-used"))).toBe(used + 1);
});

test("all tokens of a person share one allowance, a spent one is refused until the hour is over", async () => {
  const people = [{ login: "dora", id: 7, type: "User", role: "read" }] as const;
  const small = await openFixture({ now: () => clock, people, limits: { personal: 3 } });
  try {
    const [one, two] = [1, 2].map(() => small.hub.createToken({ login: "dora", permissions: {} }));
    const ask = (token = "") => fetch(`${small.hub.url}/user`, { headers: { authorization: `token ${token}` } });
    expect((await ask(one)).headers.get("x-ratelimit-remaining")).toBe("2");
    expect((await ask(two)).headers.get("x-ratelimit-remaining")).toBe("1");
    expect((await ask(one)).headers.get("x-ratelimit-remaining")).toBe("0");
    const spent = await ask(two);
    expect(spent.status).toBe(403);
    expect(spent.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(await spent.json()).toMatchObject({ message: "API rate limit exceeded for user ID 7." });
    const limit = await fetch(`${small.hub.url}/rate_limit`, { headers: { authorization: `token ${one}` } });
    expect(await limit.json()).toMatchObject({ rate: { limit: 3, remaining: 0 } });
    clock = new Date(clock.getTime() + 3_600_000);
    expect((await ask(one)).status).toBe(200);
  } finally {
    await small.close();
  }
});

test("a preflight lists exactly the headers that GitHub lists", async () => {
  const answer = await fetch(`${fixture.hub.url}/repos/acme/holdfast`, {
    method: "OPTIONS",
    headers: {
      origin: "https://page.example",
      "access-control-request-method": "GET",
      "access-control-request-headers": "authorization, cache-control",
    },
  });
  expect(answer.status).toBe(204);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  const allowed = answer.headers.get("access-control-allow-headers")?.toLowerCase().split(", ") ?? [];
  expect(allowed).toContain("authorization");
  expect(allowed).toContain("x-github-api-version");
  expect(allowed).not.toContain("cache-control");
});

test("a media type that the sandbox does not speak is a loud 500", async () => {
  const token = fixture.hub.createToken({ login: "alice", permissions: full });
  const answer = await get("/repos/acme/holdfast/commits/main", token, { accept: "application/vnd.github.diff" });
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining("application/vnd.github.diff") });
});

test("an unknown route is a loud 500 that names it", async () => {
  const token = fixture.hub.createToken({ login: "alice", permissions: full });
  const answer = await get("/repos/acme/holdfast/issues", token);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({ message: "The sandbox's GitHub has no GET /repos/acme/holdfast/issues" });
  const list = await get("/repos/acme/holdfast/actions/runs?check_suite_id=1", token);
  expect(list.status).toBe(500);
});

test("workflow files need a permission of their own, unless the same file already stands on the default branch", async () => {
  const { repo } = fixture;
  const head = (await fixture.client("alice").git.getRef({ ...repo, ref: "heads/main" })).data.object.sha;
  const commitOf = async (api: ReturnType<Fixture["client"]>, path: string, content: string) => {
    const tree = await api.git.createTree({ ...repo, base_tree: head, tree: [{ path, mode: "100644", type: "blob", content }] });
    return (await api.git.createCommit({ ...repo, message: path, tree: tree.data.sha, parents: [head] })).data.sha;
  };
  const plain = fixture.client("alice", { contents: "write" });
  const sha = await commitOf(plain, ".github/workflows/evil.yml", "name: E\non: {workflow_dispatch: {}}\n");
  const refused = await statusOf(plain.git.createRef({ ...repo, ref: "refs/heads/evil", sha }));
  expect(refused).toMatchObject({
    status: 403,
    message: expect.stringContaining(
      "refusing to allow a Personal Access Token to create or update workflow `.github/workflows/evil.yml` without `workflows` permission",
    ),
  });
  const harmless = await commitOf(plain, "README.md", "more\n");
  await plain.git.createRef({ ...repo, ref: "refs/heads/harmless", sha: harmless });
  const trusted = fixture.client("alice", { contents: "write", workflows: "write" });
  await trusted.git.createRef({ ...repo, ref: "refs/heads/trusted", sha });
  expect((await trusted.git.getRef({ ...repo, ref: "heads/trusted" })).data.object.sha).toBe(sha);
});

test("a job with the right gets a signed identity with GitHub's claims, until it ends", async () => {
  await fixture.client("alice").actions.createWorkflowDispatch({ ...fixture.repo, workflow_id: "w.yml", ref: "main" });
  const { host, run } = engine.started.at(-1) ?? {};
  if (host === undefined || run === undefined) throw new Error("nothing started");
  const id = await host.reporter.jobQueued(run.id, 1, { key: "j", name: "j" });
  expect(host.issueJobToken(run, { id, name: "j", environment: null }, { contents: "read" }).identity).toBeNull();
  const { identity, token } = host.issueJobToken(run, { id, name: "j", environment: "restore" }, { "id-token": "write", contents: "read" });
  if (identity === null) throw new Error("no identity");
  const ask = (bearer: string) =>
    fetch(`${identity.requestUrl}&audience=sts.amazonaws.com`, { headers: { authorization: `Bearer ${bearer}` } });
  const value = await textField(await ask(identity.requestToken), "value");
  const [head = "", body = "", mark = ""] = value.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  expect(claims).toMatchObject({
    sub: "repo:acme/holdfast:environment:restore",
    aud: "sts.amazonaws.com",
    ref: "refs/heads/main",
    repository: "acme/holdfast",
    actor: "alice",
    environment: "restore",
    event_name: "workflow_dispatch",
    run_id: String(run.id),
    job_workflow_ref: "acme/holdfast/.github/workflows/w.yml@refs/heads/main",
    iss: fixture.hub.oidcIssuer,
  });
  expect(claims.exp - claims.iat).toBe(300);
  const jwksUri = await textField(await fetch(`${claims.iss}/.well-known/openid-configuration`), "jwks_uri");
  const { keys } = JSON.parse(await (await fetch(jwksUri)).text());
  expect(
    verify("RSA-SHA256", Buffer.from(`${head}.${body}`), createPublicKey({ key: keys[0], format: "jwk" }), Buffer.from(mark, "base64url")),
  ).toBe(true);
  expect((await ask("wrong")).status).toBe(401);
  expect((await get("/user", token)).status).toBe(403);
  await host.reporter.jobStatus(id, "completed", "success");
  expect((await ask(identity.requestToken)).status).toBe(401);
});

test("a repository made after July 2026 has the immutable subject form", async () => {
  const scripted = createScriptedEngine();
  const young = await openFixture({ engine: scripted, oidcSubject: "immutable" });
  try {
    await young.commit("main", { ".github/workflows/w.yml": "name: W\non: {workflow_dispatch: {}}\n" });
    await young.client("alice").actions.createWorkflowDispatch({ ...young.repo, workflow_id: "w.yml", ref: "main" });
    const [started] = scripted.started;
    const identity = started?.host.issueJobToken(started.run, { id: 1, name: "j", environment: null }, { "id-token": "write" }).identity;
    const answer = await fetch(`${identity?.requestUrl}&audience=a`, { headers: { authorization: `Bearer ${identity?.requestToken}` } });
    const claims = JSON.parse(Buffer.from((await textField(answer, "value")).split(".")[1] ?? "", "base64url").toString());
    expect(claims.sub).toBe("repo:acme@9001/holdfast@70001:ref:refs/heads/main");
  } finally {
    await young.close();
  }
});

test("the record holds every request and no secret", async () => {
  const token = fixture.hub.createToken({ login: "alice", permissions: full });
  await fetch(`${fixture.hub.url}/credentials/revoke`, { method: "POST", body: JSON.stringify({ credentials: [token] }) });
  const last = entries.at(-1);
  expect(last).toMatchObject({
    service: "github",
    method: "POST",
    path: "/credentials/revoke",
    status: 202,
    request: { credentials: ["***"] },
  });
  expect(JSON.stringify(entries)).not.toMatch(/github_pat_|ghs_|eyJ/);
});

test("an injected fault answers in place of the service", async () => {
  const broken = await openFixture({
    intercept: ({ path }) => (path === "/user" ? { kind: "answer", status: 502, json: { message: "Server Error" } } : undefined),
  });
  try {
    const api = octokit(broken.hub, broken.hub.createToken({ login: "alice", permissions: full }));
    expect(await statusOf(api.users.getAuthenticated())).toMatchObject({ status: 502 });
    expect((await api.rateLimit.get()).status).toBe(200);
  } finally {
    await broken.close();
  }
});
