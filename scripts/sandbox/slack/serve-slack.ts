/**
 * A Slack that has one incoming webhook and keeps what comes in. `GET /inbox` shows it, `DELETE /inbox` empties it, `POST /faults` makes the webhook
 * misbehave. Anything else is a loud error.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { readBody } from "../read-body.ts";
import type { Recorder } from "../record.ts";
import { serveHttp } from "../serve-http.ts";
import { checkMessage, type Reads, type SlackMessage, whatSlackReads } from "./check-message.ts";

export interface Received {
  readonly at: string;
  readonly message: SlackMessage;
  readonly reads: Reads;
}

const fault = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("answer"),
    status: z.int().min(400).max(599),
    retryAfter: z.int().min(0).optional(),
    times: z.int().optional(),
  }),
  /** The connection stays open and nothing comes. */
  z.strictObject({ kind: z.literal("hang"), times: z.int().optional() }),
  /** The message arrives and its answer is lost. */
  z.strictObject({ kind: z.literal("lose-answer"), times: z.int().optional() }),
]);
export type SlackFault = Readonly<z.output<typeof fault>>;

export interface Slack {
  readonly url: string;
  /** The webhook's address: what an installation keeps as a secret. */
  readonly webhook: string;
  received(): readonly Received[];
  /** How often the webhook was called, however it answered. */
  calls(): number;
  /** Misbehaves from now on, `times` times or until the next call with null. */
  misbehave(fault: SlackFault | null): void;
  clear(): void;
  close(): Promise<void>;
}

export interface SlackOptions {
  readonly port?: number;
  readonly record?: Recorder | undefined;
}

const WEBHOOK = "/services/T00SANDBOX/B00SANDBOX/";
// Of this shape so that nothing takes it for a live one.
const TOKEN = "of-the-sandbox-only";

export async function serveSlack({ port = 0, record }: SlackOptions = {}): Promise<Slack> {
  let received: readonly Received[] = [];
  let calls = 0;
  let armed: { readonly fault: SlackFault; left: number } | null = null;

  const misbehave = (next: SlackFault | null) => {
    armed = next === null ? null : { fault: next, left: next.times ?? Number.POSITIVE_INFINITY };
  };
  const clear = () => {
    received = [];
    calls = 0;
  };
  const strike = (): SlackFault | null => {
    if (armed === null || armed.left < 1) return null;
    armed.left -= 1;
    return armed.fault;
  };

  async function hook(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const at = new Date().toISOString();
    const body = await readBody(request);
    const payload = parse(body);
    calls += 1;
    const answer = (status: number, text: string, headers: Readonly<Record<string, string>> = {}) => {
      const masked = { at, service: "slack", method: "POST", path: `${WEBHOOK}***` } as const;
      record?.({ ...masked, status, request: payload ?? body, response: text });
      response.writeHead(status, { "content-type": "text/html", ...headers }).end(text);
    };
    if (token !== TOKEN) return answer(403, "invalid_token");
    const struck = strike();
    if (struck?.kind === "hang") return;
    if (struck?.kind === "answer") {
      const after = struck.retryAfter === undefined ? {} : { "retry-after": String(struck.retryAfter) };
      return answer(struck.status, struck.status === 429 ? "rate_limited" : "rollup_error", after);
    }
    if (!request.headers["content-type"]?.startsWith("application/json") || payload === undefined) return answer(400, "invalid_payload");
    const { message, problem } = checkMessage(payload);
    if (message === null) {
      process.stderr.write(`sandbox slack: 400 ${problem}\n`);
      return answer(400, "invalid_blocks");
    }
    received = [...received, { at, message, reads: whatSlackReads(message) }];
    if (struck?.kind === "lose-answer") response.destroy();
    else answer(200, "ok");
  }

  const server = await serveHttp("Slack", port, async (request, response) => {
    const { method = "GET", url = "/" } = request;
    const json = (body: unknown) =>
      void response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify(body, null, 1)}\n`);
    if (method === "POST" && url.startsWith(WEBHOOK)) return hook(request, response, url.slice(WEBHOOK.length));
    if (method === "GET" && url === "/inbox") return json(received);
    if (method === "DELETE" && url === "/inbox") {
      clear();
      return json([]);
    }
    if (method === "POST" && url === "/faults") {
      const asked = z.nullable(fault).parse(parse(await readBody(request)));
      misbehave(asked);
      return json(asked);
    }
    throw new Error(`the sandbox's Slack has no ${method} ${url}`);
  });
  return {
    url: server.url,
    webhook: `${server.url}${WEBHOOK}${TOKEN}`,
    received: () => received,
    calls: () => calls,
    misbehave,
    clear,
    close: server.close,
  };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
