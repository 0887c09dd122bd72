/** What the buttons ask for: the inputs of the workers, parsed once, in the worker and in the page alike. */
import * as z from "zod/mini";
import { appVersion, identifier, incidentId, instant, reason, requestId } from "./names.ts";
import { InvalidInput, parse, showValue } from "./problem.ts";
import { strictObject } from "./strict-object.ts";

export const SNAPSHOT_TRIGGERS = ["manual", "scheduled", "pre-migration", "pre-restore"] as const;
export type SnapshotTrigger = (typeof SNAPSHOT_TRIGGERS)[number];

/** What can be left over, and removed. */
export const ORPHAN_RESOURCES = ["cluster", "snapshot"] as const;
export type OrphanResource = (typeof ORPHAN_RESOURCES)[number];

/** GitHub's forms send an empty string for a field left empty. */
export const orEmpty = <Schema extends z.ZodMiniType>(schema: Schema) => z.union([z.literal(""), schema]);

export const resourceName = z
  .string()
  .check(z.regex(/^[A-Za-z][A-Za-z0-9:-]{0,254}$/, "an identifier of AWS: letters, digits, hyphens and colons, starting with a letter"));

const snapshotInputs = strictObject({
  cluster: identifier,
  reason,
  request_id: requestId,
  trigger: z.enum(SNAPSHOT_TRIGGERS),
  app_version: appVersion,
  incident: z.optional(orEmpty(incidentId)),
});

/** SQL of an operator. It is told to nobody and put into no entry: it may name the rows that it looks at. */
const sampleSql = z
  .string()
  .check(
    z.trim(),
    z.maxLength(2_000, "at most 2000 characters"),
    z.regex(/^(select|with|values)\b/i, "one statement that begins with select, with or values and returns a single true or false"),
  );

const restoreInputs = strictObject({
  cluster: identifier,
  /** The new cluster's name; never one that exists. */
  target: identifier,
  snapshot: orEmpty(resourceName),
  time: orEmpty(instant),
  reason,
  request_id: requestId,
  sample: z.optional(orEmpty(sampleSql)),
  incident: z.optional(orEmpty(incidentId)),
});

const cleanupInputs = strictObject({
  /** The cluster under protection that the left-over belongs to. */
  cluster: identifier,
  resource: z.enum(ORPHAN_RESOURCES),
  name: resourceName,
  /** The name again, as a person typed it. */
  confirm: z.string(),
  reason,
  request_id: requestId,
  incident: z.optional(orEmpty(incidentId)),
});

export interface SnapshotRequest {
  readonly cluster: string;
  readonly reason: string;
  readonly requestId: string;
  readonly trigger: SnapshotTrigger;
  readonly appVersion: string;
  /** What this belongs to: every entry of the request keeps it. */
  readonly incident?: string;
}

/** Where a restore starts from: a snapshot, or a second inside the continuous range. */
export type RecoveryPoint = { readonly kind: "snapshot"; readonly snapshot: string } | { readonly kind: "time"; readonly time: Date };

export interface RestoreRequest {
  readonly cluster: string;
  readonly target: string;
  readonly point: RecoveryPoint;
  readonly reason: string;
  readonly requestId: string;
  readonly incident?: string;
  /** A statement that is true where sampled victims are undamaged: only then is the image accepted. */
  readonly sample?: string;
}

/** The removal of one thing that was begun and never finished. */
export interface CleanupRequest {
  readonly cluster: string;
  readonly resource: OrphanResource;
  readonly name: string;
  readonly reason: string;
  readonly requestId: string;
  readonly incident?: string;
}

/** Why somebody promotes, held to what every reason is; throws InvalidInput. */
export function parsePromotionReason(text: string): string {
  return parse(strictObject({ reason }), { reason: text }, "The promotion").reason;
}

/** Workflow inputs, as GitHub passes them: names with underscores, every value a string. Only an incident may be left out. */
export type Inputs<Name extends string> = Readonly<Record<Exclude<Name, "incident">, string>> & { readonly incident?: string };
export const SNAPSHOT_INPUTS = ["cluster", "reason", "request_id", "trigger", "app_version", "incident"] as const;
export const RESTORE_INPUTS = ["cluster", "target", "snapshot", "time", "reason", "request_id", "sample", "incident"] as const;
export const CLEANUP_INPUTS = ["cluster", "resource", "name", "confirm", "reason", "request_id", "incident"] as const;
export type SnapshotInputs = Inputs<(typeof SNAPSHOT_INPUTS)[number]>;
export type RestoreInputs = Omit<Inputs<(typeof RESTORE_INPUTS)[number]>, "sample"> & { readonly sample?: string };
export type CleanupInputs = Inputs<(typeof CLEANUP_INPUTS)[number]>;

/** Throws InvalidInput with every problem. */
export function parseSnapshotRequest(inputs: SnapshotInputs): SnapshotRequest {
  const { request_id, app_version, incident, ...rest } = parse(snapshotInputs, inputs, "The snapshot request");
  return { ...rest, requestId: request_id, appVersion: app_version, ...partOf(incident) };
}

/**
 * Throws InvalidInput with every problem; `now` bounds the time, which may not lie ahead. What only AWS knows (names in use, the range that
 * can be restored) is checked by the worker.
 */
export function parseRestoreRequest(inputs: RestoreInputs, now: Date): RestoreRequest {
  const { cluster, target, snapshot, time, reason, request_id, sample, incident } = parse(restoreInputs, inputs, "The restore request");
  const refuse = (path: string, found: string, allowed: string) => new InvalidInput("The restore request", [{ path, found, allowed }]);
  if ((snapshot === "") === (time === "")) {
    throw refuse("snapshot, time", snapshot === "" ? "neither" : "both", "exactly one of a snapshot and a time");
  }
  if (target === cluster)
    throw refuse("target", `"${target}", the live cluster itself`, "a new name: a restore never writes onto a live cluster");
  const at = new Date(time);
  if (time !== "" && at > now)
    throw refuse("time", `${at.toISOString()}, which is in the future`, `a time up to now, ${now.toISOString()}`);
  const point: RecoveryPoint = time === "" ? { kind: "snapshot", snapshot } : { kind: "time", time: at };
  return { cluster, target, point, reason, requestId: request_id, ...(sample ? { sample } : {}), ...partOf(incident) };
}

/** Throws InvalidInput with every problem; whether the named thing may go is for AWS, ledger and runs to say. */
export function parseCleanupRequest(inputs: CleanupInputs): CleanupRequest {
  const { cluster, resource, name, confirm, reason, request_id, incident } = parse(cleanupInputs, inputs, "The cleanup request");
  const refuse = (path: string, found: string, allowed: string) => new InvalidInput("The cleanup request", [{ path, found, allowed }]);
  if (confirm !== name) throw refuse("confirm", showValue(confirm), `exactly the name of what is removed, ${name}`);
  if (name === cluster) throw refuse("name", `"${name}", the live cluster itself`, "something that was left over");
  return { cluster, resource, name, reason, requestId: request_id, ...partOf(incident) };
}

/** `confirm` is what the person typed; it is sent as it is, so that the worker compares it too. */
export function cleanupInputsOf(request: CleanupRequest, confirm: string): CleanupInputs {
  return {
    cluster: request.cluster,
    resource: request.resource,
    name: request.name,
    confirm,
    reason: request.reason,
    request_id: request.requestId,
    ...partOf(request.incident),
  };
}

/** No incident is no field at all, so that a workflow that does not know the input yet is never sent one. */
export function partOf(incident: string | undefined): { readonly incident?: string } {
  return incident ? { incident } : {};
}

/** The inputs to dispatch for a request: what the page shows in its review is rendered from this very object. */
export function restoreInputsOf(request: RestoreRequest): RestoreInputs {
  return {
    cluster: request.cluster,
    target: request.target,
    snapshot: request.point.kind === "snapshot" ? request.point.snapshot : "",
    time: request.point.kind === "time" ? request.point.time.toISOString() : "",
    reason: request.reason,
    request_id: request.requestId,
    ...(request.sample === undefined ? {} : { sample: request.sample }),
    ...partOf(request.incident),
  };
}

export function snapshotInputsOf(request: SnapshotRequest): SnapshotInputs {
  return {
    cluster: request.cluster,
    reason: request.reason,
    request_id: request.requestId,
    trigger: request.trigger,
    app_version: request.appVersion,
    ...partOf(request.incident),
  };
}
