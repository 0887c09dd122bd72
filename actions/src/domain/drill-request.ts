/** What asks for a drill: the proof that a kind of recovery point can be restored, made before it is needed. */
import * as z from "zod/mini";
import { identifier, incidentId, reason, requestId } from "./names.ts";
import { parse } from "./problem.ts";
import { type Inputs, orEmpty, partOf } from "./requests.ts";
import { strictObject } from "./strict-object.ts";

/** The kinds of recovery point that there are, each of which can fail by itself. */
export const DRILL_TIERS = ["snapshot", "continuous"] as const;
export type DrillTier = (typeof DRILL_TIERS)[number];

export const DRILL_INPUTS = ["cluster", "tier", "reason", "request_id", "incident"] as const;
export type DrillInputs = Inputs<(typeof DRILL_INPUTS)[number]>;

export interface DrillRequest {
  readonly cluster: string;
  readonly tier: DrillTier;
  readonly reason: string;
  readonly requestId: string;
  readonly incident?: string;
}

const inputs = strictObject({
  cluster: identifier,
  tier: z.enum(DRILL_TIERS),
  reason,
  request_id: requestId,
  incident: z.optional(orEmpty(incidentId)),
});

/** Throws InvalidInput with every problem. */
export function parseDrillRequest(given: DrillInputs): DrillRequest {
  const { request_id, incident, ...rest } = parse(inputs, given, "The drill request");
  return { ...rest, requestId: request_id, ...partOf(incident) };
}
