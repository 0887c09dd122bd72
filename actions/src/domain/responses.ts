/** What people answer to alerts with: one request, read by one schema in the page and again in the worker. */
import * as z from "zod/mini";
import { durationMs, formatDuration } from "./duration.ts";
import { incidentId, instant, reason, requestId } from "./names.ts";
import { InvalidInput, type Problem, parse } from "./problem.ts";
import { orEmpty, partOf } from "./requests.ts";
import { ruleId, SEVERITIES } from "./rule-settings.ts";
import { strictObject } from "./strict-object.ts";
import { MATCHER_FIELDS, type Matcher, type SuppressionKind } from "./suppressions.ts";
import { HIDDEN_CHARACTERS } from "./visible.ts";

export const RESPONSE_ACTIONS = ["acknowledge", "resolve", "silence", "end-silence", "override", "end-override", "approve"] as const;
export type ResponseAction = (typeof RESPONSE_ACTIONS)[number];

export const RESPOND_INPUTS = ["action", "subject", "rule", "app", "key", "severity", "until", "reason", "request_id", "incident"] as const;
export type RespondInputs = Readonly<Record<Exclude<(typeof RESPOND_INPUTS)[number], "incident">, string>> & { readonly incident?: string };

const line = z.string().check(
  z.maxLength(200, "at most 200 characters"),
  z.refine((text) => text.search(HIDDEN_CHARACTERS) === -1, "one line of visible characters"),
);

const inputs = strictObject({
  action: z.enum(RESPONSE_ACTIONS),
  /** The alert, silence, override or digest that is answered; what a silence or override was begun from, if anything. */
  subject: orEmpty(incidentId),
  rule: orEmpty(ruleId),
  app: line,
  key: line,
  severity: orEmpty(z.enum(SEVERITIES)),
  until: orEmpty(instant),
  reason,
  request_id: requestId,
  incident: z.optional(orEmpty(incidentId)),
});

type Given = z.output<typeof inputs>;

interface Common {
  readonly reason: string;
  readonly requestId: string;
  readonly incident?: string;
}

export type Response =
  | (Common & { readonly action: "acknowledge" | "resolve"; readonly alert: string })
  | (Common & { readonly action: SuppressionKind; readonly matcher: Matcher; readonly until: Date })
  | (Common & { readonly action: "end-silence" | "end-override"; readonly suppression: string })
  /** Of a migration's plan and rehearsal together. */
  | (Common & { readonly action: "approve"; readonly digest: string });

export interface ResponseLimits {
  /** How long a silence or an override may last, as `holdfast.yml` writes it. */
  readonly silence: string;
  readonly override: string;
}

/** Throws InvalidInput with every problem; whether the alert or silence exists is for the ledger to say. */
export function parseResponse(given: RespondInputs, limits: ResponseLimits, now: Date): Response {
  const read = parse(inputs, given, "The response");
  const matcher = matcherOf(read);
  const common = { reason: read.reason, requestId: read.request_id, ...partOf(read.incident) };
  const problems: readonly Problem[] =
    read.action === "silence" || read.action === "override"
      ? startProblems(matcher, read, limits[read.action], now)
      : answerProblems(matcher, read);
  if (problems.length > 0) throw new InvalidInput("The response", problems);
  switch (read.action) {
    case "acknowledge":
    case "resolve":
      return { ...common, action: read.action, alert: read.subject, incident: read.subject };
    case "silence":
    case "override":
      return { ...common, action: read.action, matcher, until: new Date(read.until) };
    case "end-silence":
    case "end-override":
      return { ...common, action: read.action, suppression: read.subject };
    case "approve":
      return { ...common, action: read.action, digest: read.subject };
  }
}

/** The inputs to dispatch for a response: what the page shows in its review is rendered from this very object. */
export function respondInputsOf(response: Response): RespondInputs {
  const none = { subject: "", rule: "", app: "", key: "", severity: "", until: "" } as const;
  const common = { action: response.action, reason: response.reason, request_id: response.requestId, ...partOf(response.incident) };
  switch (response.action) {
    case "acknowledge":
    case "resolve":
      return { ...none, ...common, subject: response.alert };
    case "silence":
    case "override":
      return { ...none, ...matcherInputs(response.matcher), ...common, until: response.until.toISOString() };
    case "end-silence":
    case "end-override":
      return { ...none, ...common, subject: response.suppression };
    case "approve":
      return { ...none, ...common, subject: response.digest };
  }
}

function matcherOf(read: Given): Matcher {
  return {
    ...(read.rule === "" ? {} : { rule: read.rule }),
    ...(read.app === "" ? {} : { app: read.app }),
    ...(read.key === "" ? {} : { key: read.key }),
    ...(read.severity === "" ? {} : { severity: read.severity }),
  };
}

function matcherInputs({ rule, app, key, severity }: Matcher) {
  return { rule: rule ?? "", app: app ?? "", key: key ?? "", severity: severity ?? "" };
}

function startProblems(matcher: Matcher, { subject, until }: Given, longest: string, now: Date): readonly Problem[] {
  const latest = new Date(now.getTime() + durationMs(longest));
  const fields = MATCHER_FIELDS.join(", ");
  const nothing = Object.keys(matcher).length === 0;
  const end = new Date(until);
  return [
    ...(subject === "" ? [] : [{ path: "subject", found: "a value", allowed: `nothing: say which alerts by ${fields}` }]),
    ...(nothing ? [{ path: fields, found: "none of them", allowed: "at least one: hiding everything would hide the next accident" }] : []),
    ...(until === "" ? [{ path: "until", found: "nothing", allowed: `an end, at most ${longest} from now` }] : []),
    ...(until !== "" && end <= now ? [{ path: "until", found: until, allowed: `a time after now, ${now.toISOString()}` }] : []),
    ...(until !== "" && end > latest
      ? [
          {
            path: "until",
            found: `${until}, ${formatDuration(end.getTime() - now.getTime())} from now`,
            allowed: `at most ${longest} from now, ${latest.toISOString()}`,
          },
        ]
      : []),
  ];
}

const DIGEST = /^[0-9a-f]{64}$/;
const SUBJECTS: Readonly<Record<ResponseAction, string>> = {
  acknowledge: "the id of an alert",
  resolve: "the id of an alert",
  silence: "nothing",
  override: "nothing",
  "end-silence": "the id of a silence",
  "end-override": "the id of an override",
  approve: "the digest of a migration's plan and rehearsal: 64 digits in hexadecimal",
};

function answerProblems(matcher: Matcher, { action, subject, until }: Given): readonly Problem[] {
  const what = SUBJECTS[action];
  const unused = [...Object.keys(matcher), ...(until === "" ? [] : ["until"])];
  return [
    ...(subject === "" ? [{ path: "subject", found: "nothing", allowed: what }] : []),
    ...(action === "approve" && subject !== "" && !DIGEST.test(subject) ? [{ path: "subject", found: subject, allowed: what }] : []),
    ...unused.map((path) => ({ path, found: "a value", allowed: `nothing: ${action} answers exactly one subject` })),
  ];
}
