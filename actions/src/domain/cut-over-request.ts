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

/** What a person makes sure of before it is asked for. */
export const CUT_OVER_BEFORE = [
  "The restored cluster was looked into and holds what is wanted. Where only some rows are wrong, a rewind loses less.",
  "Whoever depends on the good writes since the recovery point knows that they will be missing.",
  "The applications' writes are stopped: what the old cluster gets after the swap, the new one lacks.",
  "A role that may rename the two is lent for the hour: the variable CUT_OVER_ROLE_ARN of the environment cut-over.",
] as const;

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
  "A snapshot: take one now, because the continuous range of the new cluster begins with its restore.",
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

/** `confirm` is what the person typed; it is sent as it is, so that the worker compares it too. */
export function cutOverInputsOf(request: CutOverRequest, confirm: string): CutOverInputs {
  return {
    cluster: request.cluster,
    restored: request.restored,
    confirm,
    reason: request.reason,
    request_id: request.requestId,
    ...partOf(request.incident),
  };
}

// RDS allows 63 characters in an identifier.
const NAME_LIMIT = 63;

/** The name under which the live cluster is kept: the same for every attempt of one request. */
export function keptName({ cluster, requestId }: Pick<CutOverRequest, "cluster" | "requestId">): string {
  const suffix = `-before-${requestId.slice(0, 8)}`;
  return `${cluster.slice(0, NAME_LIMIT - suffix.length).replace(/-+$/, "")}${suffix}`;
}

/** What a person with rights of their own types to give a cluster another name. */
export function renameCommand(region: string, from: string, to: string): string {
  return `aws rds modify-db-cluster --region ${region} --db-cluster-identifier ${from} --new-db-cluster-identifier ${to} --apply-immediately`;
}
