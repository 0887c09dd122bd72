/** What asks for a migration: one request is planned, rehearsed, approved and applied under one id. */
import * as z from "zod/mini";
import { identifier, incidentId, reason, requestId } from "./names.ts";
import { parse } from "./problem.ts";
import { type Inputs, orEmpty, partOf } from "./requests.ts";
import { nameRequest } from "./schedule.ts";
import { strictObject } from "./strict-object.ts";

/** What a person is asked for. */
export const MIGRATE_INPUTS = ["cluster", "reason", "request_id", "incident", "undo"] as const;
export type MigrateInputs = Omit<Inputs<(typeof MIGRATE_INPUTS)[number]>, "undo"> & { readonly undo?: string };

/** The jobs of the workflow; the worker is told which one it is. */
export const MIGRATE_STAGES = ["render", "plan", "rehearse", "apply"] as const;
export type MigrateStage = (typeof MIGRATE_STAGES)[number];

export interface MigrateRequest {
  readonly cluster: string;
  readonly reason: string;
  readonly requestId: string;
  readonly incident?: string;
  /** Instead of applying what is pending, this applied migration and every newer one are taken back, newest first: its number, without leading zeros. */
  readonly undo?: string;
}

const version = z.string().check(z.trim(), z.regex(/^\d{1,18}$/, "the number of an applied migration, for example 7"));

const inputs = strictObject({
  cluster: identifier,
  reason,
  request_id: requestId,
  incident: z.optional(orEmpty(incidentId)),
  undo: z.optional(orEmpty(version)),
});

/** Throws InvalidInput with every problem. */
export function parseMigrateRequest(given: MigrateInputs): MigrateRequest {
  const { request_id, incident, undo, ...rest } = parse(inputs, given, "The migration request");
  return { ...rest, requestId: request_id, ...partOf(incident), ...(undo ? { undo: undo.replace(/^0+(?=\d)/, "") } : {}) };
}

export function migrateInputsOf({ cluster, reason, requestId, incident, undo }: MigrateRequest): MigrateInputs {
  return { cluster, reason, request_id: requestId, ...partOf(incident), ...(undo === undefined ? {} : { undo }) };
}

/** What a migration makes at AWS has requests of its own, so that steps and tags tell them apart; always the same for the same migration. */
export function rehearsalOf(request: MigrateRequest): MigrateRequest {
  return { ...request, requestId: nameRequest(`rehearsal ${request.requestId}`) };
}

export function snapshotBefore(request: MigrateRequest): MigrateRequest {
  return { ...request, requestId: nameRequest(`snapshot before ${request.requestId}`) };
}
