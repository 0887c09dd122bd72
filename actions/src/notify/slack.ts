/** Tells Slack through an incoming webhook. Its address is a secret: it is in no error, no log and no state. */
import { ErrorCode, IncomingWebhook, type IncomingWebhookHTTPError, type SlackWebhookError } from "@slack/webhook";
import type { Channel, Delivery } from "./channel.ts";
import type { Wording } from "./notice.ts";
import { slackMessage } from "./slack-message.ts";

// Slack answers in well under a second; what takes longer is told by the other way meanwhile.
const PATIENCE_MS = 10_000;

export interface SlackOptions {
  /** Undefined where the secret is not set. */
  readonly address: string | undefined;
  /** Its name, for people who look for what is missing. */
  readonly secret: string;
  readonly wording: Wording;
  readonly patienceMs?: number;
}

export function slackChannel({ address, secret, wording, patienceMs = PATIENCE_MS }: SlackOptions): Channel {
  return {
    async send(notice, { instead }) {
      if (address === undefined) return failure(`the secret ${secret} is not set`, true);
      if (!URL.canParse(address)) return failure(`the secret ${secret} holds no address`, true);
      let retryAfterMs: number | null = null;
      const webhook = new IncomingWebhook(address, {
        timeout: patienceMs,
        // The library's errors leave the headers out.
        fetch: async (input, init) => {
          const answer = await fetch(input, init);
          retryAfterMs = readRetryAfter(answer.headers.get("retry-after"));
          return answer;
        },
      });
      try {
        await webhook.send(slackMessage(notice, wording, instead));
        return { delivered: true };
      } catch (error) {
        return { ...problemOf(error), retryAfterMs };
      }
    },
  };
}

function failure(problem: string, worthRetry: boolean): Extract<Delivery, { delivered: false }> {
  return { delivered: false, problem, worthRetry, retryAfterMs: null };
}

// Slack's own words for what is wrong; anything else that a body says is not repeated.
const REASONS = [
  "invalid_payload",
  "invalid_blocks",
  "no_text",
  "no_service",
  "no_team",
  "invalid_token",
  "action_prohibited",
  "channel_not_found",
  "channel_is_archived",
  "posting_to_general_channel_denied",
  "too_many_attachments",
  "rollup_error",
];

function problemOf(error: unknown): Extract<Delivery, { delivered: false }> {
  if (isHttpError(error)) {
    const { statusCode, body } = error;
    const reason = REASONS.find((each) => body?.startsWith(each));
    return failure(
      `Slack answered ${statusCode}${reason === undefined ? "" : ` ${reason}`}`,
      statusCode >= 500 || [408, 425, 429].includes(statusCode),
    );
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const timedOut = cause instanceof Error && cause.name === "TimeoutError";
  return failure(timedOut ? "Slack did not answer in time" : `Slack could not be reached${codeOf(cause)}`, true);
}

function isHttpError(error: unknown): error is IncomingWebhookHTTPError & SlackWebhookError {
  return error instanceof Error && "code" in error && error.code === ErrorCode.HTTPError;
}

/** ` (ECONNREFUSED)` from what fetch failed for: a code, never its text, which quotes addresses. */
function codeOf(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return inner instanceof Error && "code" in inner && typeof inner.code === "string" && /^[A-Z_]{3,40}$/.test(inner.code)
    ? ` (${inner.code})`
    : "";
}

// An hour at most: a wrong header must not silence a channel for days.
const LONGEST_RETRY_AFTER_S = 3_600;

function readRetryAfter(header: string | null): number | null {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, LONGEST_RETRY_AFTER_S) * 1000 : null;
}
