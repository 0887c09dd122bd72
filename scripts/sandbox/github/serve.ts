import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { delayAnswer } from "../delay-answer.ts";
import { KEEP_ALIVE_MS } from "../keep-alive.ts";
import type { Recorder } from "../record.ts";
import { type Answer, ApiError, NotInSandbox } from "./answer.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import { UnsupportedWorkflow } from "./engine-seam.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { type Allowance, type RateLimit, type Resource, rateLimitHeaders } from "./rate-limit.ts";
import type { Caller, Match, OpenCall, Router } from "./route.ts";

/** The one path every request takes: preflight, fault, route, caller, limit, permission, handler, ETag, record. */

export type Fault =
  | { readonly kind: "answer"; readonly status: number; readonly json?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** Closes the connection: before anything happened, or after the work was done and only the answer is lost. */
  | { readonly kind: "hang-up"; readonly when: "before" | "after" };

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export type Intercept = (request: Seen) => Fault | undefined | Promise<Fault | undefined>;

export interface Gate {
  /** Throws 401, 403 or 404 in GitHub's words. */
  identify(authorization: string | undefined): Caller;
  admit(match: Match, caller: Caller): void;
  allowance(caller: Caller): { readonly who: string; readonly limit: number };
}

export interface ServeOptions {
  readonly router: Router;
  readonly gate: Gate;
  readonly limits: RateLimit;
  readonly now: () => Date;
  readonly record: Recorder | undefined;
  readonly intercept: Intercept | undefined;
}

const docs = "https://docs.github.com/rest";
// GitHub refuses larger requests too; a blob of 100 MB is its hard limit, base64 makes it a third longer.
const largestBody = 140 * 1024 * 1024;
const knownVersions = ["2022-11-28", "2026-03-10"];

export async function listen(port: number): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new Error(`Port ${port} for the sandbox's GitHub cannot be opened: choose another, or 0 for any`, { cause })),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return { server, url: `http://127.0.0.1:${address.port}` };
}

export function serve(server: Server, options: ServeOptions): void {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    respond(request, response, options).catch((error: unknown) => {
      process.stderr.write(`sandbox github: ${String(error)}\n`);
      response.destroy();
    });
  });
}

interface Outcome {
  readonly answer: Answer;
  readonly allowance: Allowance | null;
  /** The permission the route asks for, as GitHub names it in a header. */
  readonly needed: string | null;
  /** When the caller's token ends, as GitHub tells it. */
  readonly expiry: string | null;
}

const only = (answer: Answer): Outcome => ({ answer, allowance: null, needed: null, expiry: null });

async function respond(request: IncomingMessage, response: ServerResponse, options: ServeOptions): Promise<void> {
  const at = options.now().toISOString();
  const method = request.method ?? "GET";
  const url = new URL(`http://sandbox${request.url ?? "/"}`);
  const raw = await readAll(request);
  let body: unknown;
  let fault: Fault | undefined;
  let outcome: Outcome;
  try {
    body = parse(raw);
    fault = await options.intercept?.({ method, path: url.pathname, body });
    if (fault?.kind === "hang-up" && fault.when === "before") outcome = only({ status: 0 });
    else if (fault?.kind === "answer") outcome = only({ status: fault.status, json: fault.json ?? {}, headers: fault.headers ?? {} });
    else if (method === "OPTIONS") outcome = only({ status: 204, headers: preflightHeaders });
    else outcome = await answerTo(request, method, url, body, options);
  } catch (error) {
    outcome = only(refusal(error));
  }
  const { answer } = outcome;
  const said = answer.json ?? answer.bytes?.content.toString();
  options.record?.({
    at,
    service: "github",
    method,
    path: maskSecrets(url.pathname + url.search),
    status: answer.status,
    ...(body === undefined ? {} : { request: maskSecrets(body) }),
    ...(said === undefined ? {} : { response: maskSecrets(said) }),
  });
  await delayAnswer();
  if (fault?.kind === "hang-up") response.destroy();
  else send(response, request, outcome);
}

async function answerTo(request: IncomingMessage, method: string, url: URL, body: unknown, options: ServeOptions): Promise<Outcome> {
  const match = options.router(method, url.pathname);
  if (match === undefined) throw new NotInSandbox(`The sandbox's GitHub has no ${method} ${url.pathname}`);
  checkAccept(request.headers.accept);
  const call: OpenCall = {
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    apiVersion: versionOf(request),
    param: (name) => match.param(name),
  };
  const { route } = match;
  if (route.access === "open") return only(await route.handle(call));

  const caller = options.gate.identify(request.headers.authorization);
  const needed = route.access === "user" ? null : `${route.access.permission}=${route.access.level}`;
  const expiry = caller.token.kind === "personal" ? (caller.token.expiresAt?.replace("T", " ").replace(/\..*$/, " UTC") ?? null) : null;
  const { who, limit } = options.gate.allowance(caller);
  const resource: Resource = url.pathname === "/graphql" ? "graphql" : "core";
  const standing = options.limits.look(who, resource, limit);
  const free = url.pathname === "/rate_limit";
  if (!free && standing.used >= limit) {
    const answer = refusal(new ApiError(403, `API rate limit exceeded for user ID ${caller.person.id}.`));
    return { answer, allowance: standing, needed: null, expiry };
  }
  let answer: Answer;
  try {
    options.gate.admit(match, caller);
    answer = conditional(await route.handle({ ...call, caller }), method, request);
  } catch (error) {
    answer = refusal(error);
  }
  // An authorised 304 costs nothing; that is what makes polling affordable.
  const allowance = free || answer.status === 304 ? standing : options.limits.spend(who, resource, limit);
  return { answer, allowance, needed, expiry };
}

function send(response: ServerResponse, request: IncomingMessage, { answer, allowance, needed, expiry }: Outcome): void {
  const content = answer.bytes?.content ?? (answer.json === undefined ? null : Buffer.from(JSON.stringify(answer.json)));
  response.writeHead(answer.status, {
    ...corsHeaders,
    "X-GitHub-Request-Id": randomBytes(10).toString("hex").toUpperCase(),
    "X-GitHub-Media-Type": "github.v3; format=json",
    "X-GitHub-Api-Version-Selected": versionHeader(request) ?? "2022-11-28",
    "X-Content-Type-Options": "nosniff",
    ...(content === null
      ? {}
      : { "Content-Type": answer.bytes?.type ?? "application/json; charset=utf-8", "Content-Length": content.length }),
    ...(allowance === null ? {} : rateLimitHeaders(allowance)),
    ...(needed === null ? {} : { "X-Accepted-GitHub-Permissions": needed }),
    ...(expiry === null ? {} : { "GitHub-Authentication-Token-Expiration": expiry }),
    ...answer.headers,
  });
  response.end(content ?? undefined);
}

function conditional(answer: Answer, method: string, request: IncomingMessage): Answer {
  if (method !== "GET" || answer.status !== 200) return answer;
  const content = answer.bytes?.content ?? JSON.stringify(answer.json);
  const etag = `W/"${createHash("sha256").update(content).digest("hex")}"`;
  const headers = {
    "Cache-Control": "private, max-age=60, s-maxage=60",
    Vary: "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With",
    ETag: etag,
    ...answer.headers,
  };
  const asked = request.headers["if-none-match"]?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return asked.includes(etag.slice(2)) || asked.includes("*") ? { status: 304, headers } : { ...answer, headers };
}

function refusal(error: unknown): Answer {
  if (error instanceof ApiError) {
    const errors = error.errors.length === 0 ? {} : { errors: error.errors };
    return { status: error.status, json: { message: error.message, ...errors, documentation_url: docs, status: String(error.status) } };
  }
  const known = error instanceof NotInSandbox || error instanceof UnsupportedWorkflow;
  const message = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`sandbox github: 500 ${message}\n`);
  return { status: 500, json: { message, documentation_url: docs, status: "500" } };
}

function versionHeader(request: IncomingMessage): string | undefined {
  const header = request.headers["x-github-api-version"];
  return typeof header === "string" ? header : undefined;
}

function versionOf(request: IncomingMessage): string {
  const asked = versionHeader(request) ?? "2022-11-28";
  if (!knownVersions.includes(asked))
    throw new ApiError(400, `Version "${asked}" is not supported. Supported: ${knownVersions.join(", ")}`);
  return asked;
}

const spoken = /^application\/vnd\.github(\.v3)?(\.raw)?(\+json)?$/;

function checkAccept(accept = "*/*"): void {
  const types = accept.split(",").map((part) => (part.split(";")[0] ?? "").trim());
  const strange = types.find((type) => type.startsWith("application/vnd.github") && !spoken.test(type));
  if (strange !== undefined) throw new NotInSandbox(`The sandbox's GitHub does not speak ${strange}`);
}

function parse(raw: Buffer): unknown {
  if (raw.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(raw.toString());
    return value;
  } catch {
    throw new ApiError(400, "Problems parsing JSON");
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > largestBody) throw new Error(`A request of more than ${largestBody} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
