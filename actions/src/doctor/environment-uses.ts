import * as z from "zod/mini";
import type { EnvironmentUse } from "./facts.ts";

const permissions = z.optional(z.unknown());
const workflowSchema = z.object({
  permissions,
  jobs: z.record(z.string(), z.object({ environment: z.optional(z.unknown()), permissions, steps: z.optional(z.unknown()) })),
});

// The alternatives of a choice: ${{ a == 'x' && 'one' || 'other' }}.
const CHOSEN = /(?:&&|\|\|)\s*'([^']+)'/g;

/** What the jobs of a workflow take from environments; `document` is its parsed file. */
export function environmentUses(workflow: string, document: unknown): readonly EnvironmentUse[] {
  const read = z.safeParse(workflowSchema, document);
  if (!read.success) return [];
  return Object.values(read.data.jobs).flatMap((job) => {
    const text = JSON.stringify(job);
    const common = {
      workflow,
      variables: named(text, "vars"),
      secrets: named(text, "secrets"),
      identity: mayIdentify(job.permissions ?? read.data.permissions),
    };
    return environmentsOf(job.environment).map((environment) => ({ ...common, environment }));
  });
}

function environmentsOf(value: unknown): readonly string[] {
  const name = typeof value === "object" && value !== null && "name" in value ? value.name : value;
  if (typeof name !== "string") return [];
  return name.includes("${{") ? [...name.matchAll(CHOSEN)].flatMap(([, chosen]) => chosen ?? []) : [name];
}

function named(text: string, context: "vars" | "secrets"): readonly string[] {
  const found = [...text.matchAll(new RegExp(`\\b${context}\\.([A-Za-z_][A-Za-z0-9_]*)`, "g"))];
  return [...new Set(found.flatMap(([, name]) => name ?? []))];
}

function mayIdentify(granted: unknown): boolean {
  return typeof granted === "object" && granted !== null && "id-token" in granted && granted["id-token"] === "write";
}
