/** What the clock or a person may ask for besides work on a cluster: a pass over logs, a merge of alerts, a canary. */
import * as z from "zod/mini";
import { identifier, incidentId, reason, requestId } from "./names.ts";
import { parse } from "./problem.ts";
import { type Inputs, orEmpty, partOf } from "./requests.ts";
import { strictObject } from "./strict-object.ts";

export const PULL_INPUTS = ["reason", "request_id", "incident"] as const;
export type PullInputs = Inputs<(typeof PULL_INPUTS)[number]>;
export const CANARY_INPUTS = ["app", "reason", "request_id"] as const;
export type CanaryInputs = Inputs<(typeof CANARY_INPUTS)[number]>;
export const DETECT_INPUTS = ["cluster", "reason", "request_id"] as const;
export type DetectInputs = Inputs<(typeof DETECT_INPUTS)[number]>;

interface Errand {
  readonly reason: string;
  readonly requestId: string;
}

export interface PullRequest extends Errand {
  readonly incident?: string;
}
export interface CanaryRequest extends Errand {
  readonly app: string;
}
export interface DetectRequest extends Errand {
  readonly cluster: string;
}

const errand = { reason, request_id: requestId };
const appName = z.string().check(z.minLength(1, "the name of an app"), z.maxLength(200, "at most 200 characters"));

/** Throws InvalidInput with every problem. */
export function parsePullRequest(inputs: PullInputs): PullRequest {
  const schema = strictObject({ ...errand, incident: z.optional(orEmpty(incidentId)) });
  const read = parse(schema, inputs, "The pull request");
  return { reason: read.reason, requestId: read.request_id, ...partOf(read.incident) };
}

/** Throws InvalidInput with every problem. */
export function parseCanaryRequest(inputs: CanaryInputs): CanaryRequest {
  const read = parse(strictObject({ ...errand, app: appName }), inputs, "The canary request");
  return { app: read.app, reason: read.reason, requestId: read.request_id };
}

/** Throws InvalidInput with every problem. */
export function parseDetectRequest(inputs: DetectInputs): DetectRequest {
  const read = parse(strictObject({ ...errand, cluster: identifier }), inputs, "The detect request");
  return { cluster: read.cluster, reason: read.reason, requestId: read.request_id };
}
