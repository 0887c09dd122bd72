/** What asks for a pass of retention, and for a snapshot to be held, released or let go. */
import * as z from "zod/mini";
import { identifier, incidentId, reason, requestId } from "./names.ts";
import { parse } from "./problem.ts";
import { type Inputs, orEmpty, partOf, resourceName } from "./requests.ts";
import { strictObject } from "./strict-object.ts";

/** `apply` announces and deletes what is due; `dry-run` only tells and leaves no entry. */
export const RETENTION_MODES = ["apply", "dry-run"] as const;
export const RETENTION_INPUTS = ["cluster", "mode", "reason", "request_id"] as const;
export type RetentionInputs = Inputs<(typeof RETENTION_INPUTS)[number]>;

export interface RetentionRequest {
  readonly cluster: string;
  readonly mode: (typeof RETENTION_MODES)[number];
  readonly reason: string;
  readonly requestId: string;
}

/** `hold` keeps a snapshot whatever the rules say; `release` ends that; `let-go` gives one that stays only because a person asked for it to the rules. */
export const HOLD_ACTIONS = ["hold", "release", "let-go"] as const;
export type HoldAction = (typeof HOLD_ACTIONS)[number];
export const HOLD_INPUTS = ["cluster", "snapshot", "action", "reason", "request_id", "incident"] as const;
export type HoldInputs = Inputs<(typeof HOLD_INPUTS)[number]>;

export interface HoldRequest {
  readonly cluster: string;
  readonly snapshot: string;
  readonly action: HoldAction;
  readonly reason: string;
  readonly requestId: string;
  readonly incident?: string;
}

/** Throws InvalidInput with every problem. */
export function parseRetentionRequest(inputs: RetentionInputs): RetentionRequest {
  const schema = strictObject({ cluster: identifier, mode: z.enum(RETENTION_MODES), reason, request_id: requestId });
  const { request_id, ...rest } = parse(schema, inputs, "The retention request");
  return { ...rest, requestId: request_id };
}

/** Throws InvalidInput with every problem; whether there is such a snapshot is for AWS to say. */
export function parseHoldRequest(inputs: HoldInputs): HoldRequest {
  const schema = strictObject({
    cluster: identifier,
    snapshot: resourceName,
    action: z.enum(HOLD_ACTIONS),
    reason,
    request_id: requestId,
    incident: z.optional(orEmpty(incidentId)),
  });
  const { request_id, incident, ...rest } = parse(schema, inputs, "The hold request");
  return { ...rest, requestId: request_id, ...partOf(incident) };
}

/** The inputs to dispatch: what the page shows in its review is rendered from this very object. */
export function holdInputsOf({ cluster, snapshot, action, reason: why, requestId: id, incident }: HoldRequest): HoldInputs {
  return { cluster, snapshot, action, reason: why, request_id: id, ...partOf(incident) };
}
