/** What puts a restored cluster in the place of the live one. Nothing is deleted: the live cluster keeps its data under another name. */
import * as z from "zod/mini";
import { identifier, incidentId, reason, requestId } from "./names.ts";
import { InvalidInput, parse, showValue } from "./problem.ts";
import { type Inputs, orEmpty, partOf } from "./requests.ts";
import { strictObject } from "./strict-object.ts";

export const CUT_OVER_INPUTS = ["cluster", "restored", "confirm", "reason", "request_id", "incident"] as const;
export type CutOverInputs = Inputs<(typeof CUT_OVER_INPUTS)[number]>;

export interface CutOverRequest {
  readonly cluster: string;
  /** The cluster that was restored and is to take the live one's name. */
  readonly restored: string;
  readonly reason: string;
  readonly requestId: string;
  readonly incident?: string;
}

/** What no call to AWS can carry over: for a person to look at before the application writes again. */
export const CUT_OVER_CHECKLIST = [
  "Connections: restart the applications' pools; names are cached, and the old endpoint's connections stay open.",
  "Read replicas and global databases of the old cluster: make them anew from the new one.",
  "Replication slots, publications and subscriptions: none came along; make them again and let consumers start over.",
  "RDS Proxy targets, DNS names, monitoring and alarms that name the cluster's resource id: point them at the new one.",
  "Caches, search indexes and queues: they hold what was written after the recovery point; empty or rebuild them.",
  "Secrets rotated after the recovery point: the new cluster has the passwords of then; rotate them again.",
  "Identity columns and sequences that others remember, such as order numbers already sent: check that none is given twice.",
  "The good writes since the recovery point: they are in the old cluster alone; bring back what is missing.",
] as const;

const schema = strictObject({
  cluster: identifier,
  restored: identifier,
  /** The live cluster's name again, as a person typed it. */
  confirm: z.string(),
  reason,
  request_id: requestId,
  incident: z.optional(orEmpty(incidentId)),
});

/** Throws InvalidInput with every problem. */
export function parseCutOverRequest(inputs: CutOverInputs): CutOverRequest {
  const { cluster, restored, confirm, reason: why, request_id, incident } = parse(schema, inputs, "The cut-over request");
  const refuse = (path: string, found: string, allowed: string) => new InvalidInput("The cut-over request", [{ path, found, allowed }]);
  if (confirm !== cluster) throw refuse("confirm", showValue(confirm), `exactly the name of the live cluster, ${cluster}`);
  if (restored === cluster) throw refuse("restored", `"${restored}", the live cluster itself`, "a cluster that was restored from it");
  return { cluster, restored, reason: why, requestId: request_id, ...partOf(incident) };
}
