import { expect, test } from "vitest";
import type { RecordEntry } from "../sandbox/record.ts";
import { checkRecord } from "./check-record.ts";

/** The checker itself, for GitHub: what GitHub could have said passes, and every planted fault is found. */

const AT = "2026-11-20T12:00:00.000Z";
const SHA = "a".repeat(40);

function github(
  method: string,
  path: string,
  status: number,
  parts: { readonly request?: unknown; readonly response?: unknown } = {},
): RecordEntry {
  return { at: AT, service: "github", method, path: `/repos/acme/holdfast${path}`, status, ...parts };
}

const refUrl = "http://localhost/ref";
const ref = (changes: object = {}) => ({
  ref: "refs/heads/ledger",
  node_id: "x",
  url: refUrl,
  object: { type: "commit", sha: SHA, url: refUrl },
  ...changes,
});
const refused = { message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" };
const dispatches = "/actions/workflows/restore.yml/dispatches";
const graphql = (request: unknown, response: unknown): RecordEntry => ({
  at: AT,
  service: "github",
  method: "POST",
  path: "/graphql",
  status: 200,
  request,
  response,
});
const MUTATION = "mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }";
const input = (changes: object = {}) => ({
  branch: { repositoryNameWithOwner: "acme/holdfast", branchName: "ledger" },
  message: { headline: "One entry" },
  expectedHeadOid: SHA,
  ...changes,
});
const committed = { data: { createCommitOnBranch: { commit: { oid: SHA } } } };

const problems = (...entries: readonly RecordEntry[]) => checkRecord(entries).map(({ problem }) => problem);

test("what GitHub itself could have said is no violation", () => {
  expect(
    problems(
      github("GET", "/git/ref/heads%2Fledger", 200, { response: ref() }),
      github("GET", "/git/ref/heads%2Fnone", 404, { response: refused }),
      github("GET", "/git/ref/heads%2Fledger", 304),
      github("GET", `/git/blobs/${SHA}`, 200, { response: "raw text" }),
      github("POST", dispatches, 204, { request: { ref: "production", inputs: { reason: "x" } } }),
      github("POST", dispatches, 503, { request: { ref: "x" }, response: { message: "No server is currently available" } }),
      github("POST", dispatches, 0, { request: { ref: "production" } }),
      github("OPTIONS", dispatches, 204),
      graphql({ query: MUTATION, variables: { input: input() } }, committed),
      graphql(
        { query: MUTATION, variables: { input: input() } },
        { data: null, errors: [{ type: "STALE_DATA", message: "Expected branch to point to x" }] },
      ),
    ),
  ).toEqual([]);
});

test.each<[string, RecordEntry, RegExp]>([
  ["an unknown path", github("GET", "/git/nothing", 200, { response: {} }), /no operation of the list/],
  ["an unknown method", github("DELETE", "/git/ref/heads%2Fledger", 204), /no operation of the list/],
  ["an unknown query parameter", github("GET", "/actions/runs?state=done", 404, { response: refused }), /query parameter state is unknown/],
  [
    "a query parameter of the wrong type",
    github("GET", "/actions/runs?page=one", 404, { response: refused }),
    /query parameter page: .* integer/,
  ],
  [
    "a query value outside its list",
    github("GET", "/actions/runs?status=done", 404, { response: refused }),
    /query parameter status: .* allowed values/,
  ],
  ["a page too large", github("GET", "/actions/runs?per_page=500", 404, { response: refused }), /per_page is 500/],
  [
    "a path parameter of the wrong type",
    github("GET", "/actions/runs/latest", 404, { response: refused }),
    /path parameter run_id: .* integer/,
  ],
  ["a body that is missing", github("POST", dispatches, 204), /has no body/],
  ["a required member missing from a body", github("POST", dispatches, 204, { request: { inputs: {} } }), /body: .*'ref'/],
  ["an unknown member of a body", github("POST", dispatches, 204, { request: { ref: "x", input: {} } }), /body: .*\(input\)/],
  [
    "too many inputs",
    github("POST", dispatches, 204, {
      request: { ref: "x", inputs: Object.fromEntries(Array.from({ length: 26 }, (_, index) => [index, ""])) },
    }),
    /more than 25/,
  ],
  ["a body where none is taken", github("GET", "/git/ref/heads%2Fledger", 200, { request: {}, response: ref() }), /GitHub takes none/],
  [
    "a status nobody described",
    github("POST", dispatches, 202, { request: { ref: "x" }, response: {} }),
    /status 202 is not described: 200, 204/,
  ],
  [
    "a required member missing from an answer",
    github("GET", "/git/ref/heads%2Fledger", 200, { response: ref({ node_id: undefined }) }),
    /answer: \/ must have required property 'node_id'/,
  ],
  [
    "null where there is none",
    github("GET", "/git/ref/heads%2Fledger", 200, { response: ref({ node_id: null }) }),
    /answer: \/node_id must be string: null/,
  ],
  [
    "a member of the wrong type, deep inside",
    github("GET", "/git/ref/heads%2Fledger", 200, { response: ref({ object: { type: "commit", sha: 7, url: refUrl } }) }),
    /answer: \/object\/sha must be string: 7/,
  ],
  [
    "a member that GitHub does not send",
    github("GET", "/git/ref/heads%2Fledger", 200, { response: ref({ object: { type: "commit", sha: SHA, url: refUrl, size: 1 } }) }),
    /answer: \/object must NOT have unevaluated properties \(size\)/,
  ],
  [
    "an address that is none",
    github("GET", "/git/ref/heads%2Fledger", 200, { response: ref({ url: "" }) }),
    /answer: \/url must match format "uri"/,
  ],
  ["an answer without a body", github("GET", "/git/ref/heads%2Fledger", 200), /answer 200 has no body/],
  ["a body where GitHub sends none", github("POST", dispatches, 204, { request: { ref: "x" }, response: {} }), /answer 204 has a body/],
  ["text where JSON is described", github("GET", "/git/ref/heads%2Fledger", 200, { response: "text" }), /must be object/],
  ["an error without a message", github("GET", "/git/ref/heads%2Fledger", 404, { response: {} }), /an error without a message/],
  ["an error that invents members", github("GET", "/git/ref/heads%2Fledger", 404, { response: { ...refused, hint: "x" } }), /\(hint\)/],
  [
    "GraphQL: a field that is not there",
    graphql({ query: "{ viewer { nick } }" }, { data: { viewer: { nick: "a" } } }),
    /Cannot query field "nick"/,
  ],
  ["GraphQL: no valid document", graphql({ query: "{ viewer" }, { errors: [{ message: "x" }] }), /Syntax Error/],
  [
    "GraphQL: a variable of the wrong type",
    graphql({ query: MUTATION, variables: { input: input({ expectedHeadOid: 7 }) } }, committed),
    /expectedHeadOid.*Expected type "GitObjectID"/,
  ],
  [
    "GraphQL: an address that is none",
    graphql({ query: "{ viewer { url } }" }, { data: { viewer: { url: "nowhere" } } }),
    /"nowhere" is no URI/,
  ],
  ["GraphQL: a variable missing", graphql({ query: MUTATION, variables: {} }, committed), /Variable "\$input" of required type/],
  [
    "GraphQL: a variable nobody declared",
    graphql({ query: MUTATION, variables: { input: input(), inptu: 1 } }, committed),
    /nobody declared: inptu/,
  ],
  [
    "GraphQL: null where the schema forbids it",
    graphql({ query: MUTATION, variables: { input: input() } }, { data: { createCommitOnBranch: { commit: { oid: null } } } }),
    /Cannot return null for non-nullable field Commit.oid/,
  ],
  [
    "GraphQL: data nobody asked for",
    graphql({ query: MUTATION, variables: { input: input() } }, { data: { createCommitOnBranch: { commit: { oid: SHA, url: "x" } } } }),
    /not asked for/,
  ],
  ["GraphQL: neither data nor errors", graphql({ query: MUTATION, variables: { input: input() } }, {}), /neither data nor errors/],
  [
    "GraphQL: an error of an invented kind",
    graphql({ query: MUTATION, variables: { input: input() } }, { errors: [{ type: "STALE", message: "x" }] }),
    /errors of type STALE/,
  ],
])("planted at GitHub: %s", (_what, entry, problem) => {
  expect(problems(entry).join("\n")).toMatch(problem);
});
