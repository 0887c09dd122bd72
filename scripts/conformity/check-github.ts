import type { RecordEntry } from "../sandbox/record.ts";
import { checkGraphql } from "./check-graphql.ts";
import { isObject } from "./described.ts";
import { githubDescription, type Matched } from "./github-description.ts";

/** What is wrong with one request to GitHub's REST API and its answer, held against GitHub's own description. */

/** Served on GitHub's other hosts (identity tokens, signed addresses of logs and artifacts), which no description covers. */
const ELSEWHERE = ["/_oidc/", "/_logs/", "/_artifacts/"];
/** "Media types": contents and blobs also come as they are, for who asks for `raw`. */
const RAW = ["GET /repos/{owner}/{repo}/contents/{path}", "GET /repos/{owner}/{repo}/git/blobs/{file_sha}"];
/** "Troubleshooting the REST API": GitHub gives these everywhere and does not repeat them in each operation. */
const ANYWHERE = [304, 400, 401, 403, 404, 422, 429];
/** Documented with `per_page` in words only. */
const LARGEST_PAGE = 100;

export function checkGithub(entry: RecordEntry): readonly string[] {
  const { pathname, searchParams } = new URL(entry.path, "http://record");
  // A preflight is the browser's question; a status of 0 is a connection that broke before there was an answer.
  if (entry.method === "OPTIONS" || entry.status === 0 || ELSEWHERE.some((prefix) => pathname.startsWith(prefix))) return [];
  if (pathname === "/graphql") return [...checkGraphql(entry), ...checkFailure(entry)];
  const matched = githubDescription().match(entry.method, pathname);
  if (matched === null) return ["is no operation of the list in scripts/conformity/operations.ts"];
  return [
    ...checkParameters(matched, searchParams),
    ...checkBody(matched, entry.request),
    ...(entry.status >= 400 ? checkFailure(entry) : checkAnswer(matched, entry)),
    ...(described(matched, entry.status)
      ? []
      : [`status ${entry.status} is not described: ${[...matched.operation.answers.keys()].join(", ")}`]),
  ];
}

function described({ operation }: Matched, status: number): boolean {
  return operation.answers.has(status) || ANYWHERE.includes(status) || status >= 500;
}

function checkParameters({ operation, pathValues }: Matched, query: URLSearchParams): readonly string[] {
  const problems: string[] = [];
  for (const each of operation.parameters) {
    const given = each.in === "path" ? pathValues.get(each.name) : each.in === "query" ? query.get(each.name) : null;
    if (given == null) {
      if (each.required && each.in !== "header") problems.push(`${each.in} parameter ${each.name} is missing`);
    } else problems.push(...each.wrong(given).map((problem) => `${each.in} parameter ${each.name}: ${problem}`));
  }
  const known = operation.parameters.filter((each) => each.in === "query").map((each) => each.name);
  for (const name of query.keys())
    if (!known.includes(name)) problems.push(`query parameter ${name} is unknown to GitHub: ${known.join(", ")}`);
  if (Number(query.get("per_page") ?? 1) > LARGEST_PAGE) problems.push(`per_page is ${query.get("per_page")}; at most ${LARGEST_PAGE}`);
  return problems;
}

function checkBody({ operation }: Matched, body: unknown): readonly string[] {
  if (operation.body === null) return body === undefined ? [] : ["has a body, and GitHub takes none"];
  if (body === undefined) return operation.body.required ? ["has no body, and GitHub needs one"] : [];
  return operation.body.wrong(body).map((problem) => `body: ${problem}`);
}

function checkAnswer({ operation }: Matched, { status, response }: RecordEntry): readonly string[] {
  const wrong = operation.answers.get(status);
  if (wrong === undefined) return [];
  if (wrong === null) return response === undefined ? [] : [`answer ${status} has a body, and GitHub's has none`];
  if (response === undefined) return [`answer ${status} has no body`];
  if (typeof response === "string" && RAW.includes(operation.key)) return [];
  return wrong(response).map((problem) => `answer: ${problem}`);
}

function checkFailure({ status, response }: RecordEntry): readonly string[] {
  if (status < 400) return [];
  const message = isObject(response) && typeof response.message === "string" ? [] : ["an error without a message"];
  return [...message, ...githubDescription().wrongError(response)].map((problem) => `answer ${status}: ${problem}`);
}
