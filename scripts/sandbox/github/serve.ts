import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
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
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
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

async function respond(request: IncomingMessage, response: ServerResponse, options: ServeOptions): Promise<void> {
  const at = options.now().toISOString();
  const method = request.method ?? "GET";
  const url = new URL(request.url ?? "/", "http://sandbox");
  const raw = await readAll(request);
  if (method === "OPTIONS") {
    response.writeHead(204, preflightHeaders).end();
    return;
  }
  let body: unknown;
  let answer: Answer;
  let allowance: Allowance | null = null;
  let needed: string | null = null;
  let hangUp = false;
  try {
    body = parse(raw);
    const fault = await options.intercept?.({ method, path: url.pathname, body });
    if (fault?.kind === "hang-up" && fault.when === "before") {
      response.destroy();
      return;
    }
    hangUp = fault?.kind === "hang-up";
    if (fault?.kind === "answer") {
      answer = { status: fault.status, json: fault.json ?? { message: "Injected fault" }, headers: fault.headers ?? {} };
    } else {
      const match = options.router(method, url.pathname);
      if (match === undefined) throw new NotInSandbox(`The sandbox's GitHub has no ${method} ${url.pathname}`);
      const apiVersion = versionOf(request);
      checkAccept(request.headers.accept);
      const call: OpenCall = {
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body,
        apiVersion,
        param: (name) => match.param(name),
      };
      if (match.route.access === "open") {
        answer = await match.route.handle(call);
      } else {
        const caller = options.gate.identify(request.headers.authorization);
        const { who, limit } = options.gate.allowance(caller);
        const resource: Resource = url.pathname === "/graphql" ? "graphql" : "core";
        allowance = options.limits.look(who, resource, limit);
        const free = url.pathname === "/rate_limit";
        if (!free && allowance.used >= limit) throw new ApiError(403, `API rate limit exceeded for user ID ${caller.person.id}.`);
        const { route } = match;
        needed = route.access === "user" ? null : `${route.access.permission}=${route.access.level}`;
        try {
          options.gate.admit(match, caller);
          answer = conditional(await route.handle({ ...call, caller }), method, request);
        } catch (error) {
          if (!free) allowance = options.limits.spend(who, resource, limit);
          throw error;
        }
        // An authorised 304 costs nothing; that is what makes polling affordable.
        if (!free && answer.status !== 304) allowance = options.limits.spend(who, resource, limit);
      }
    }
  } catch (error) {
    answer = refusal(error);
  }
  options.record?.({
    at,
    service: "github",
    method,
    path: maskSecrets(url.pathname + url.search),
    status: answer.status,
    ...(body === undefined ? {} : { request: maskSecrets(body) }),
    ...(answer.json === undefined ? {} : { response: maskSecrets(answer.json) }),
  });
  if (hangUp) {
    response.destroy();
    return;
  }
  send(response, request, answer, allowance, needed);
}

function send(
  response: ServerResponse,
  request: IncomingMessage,
  answer: Answer,
  allowance: Allowance | null,
  needed: string | null,
): void {
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
