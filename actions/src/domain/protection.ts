/** What stands inside a database against mass changes and against migrations that go around the gate, as the ledger last saw it. */
import * as z from "zod/mini";
import type { Entry } from "./ledger.ts";

const guardSchema = z.object({
  schema: z.string(),
  table: z.string(),
  /** Null: mass changes are not guarded against. */
  limits: z.nullable(
    z.object({
      rows: z.int(),
      windowRows: z.int(),
      windowSeconds: z.int(),
      percent: z.nullable(z.string()),
      leastRows: z.int(),
      observe: z.boolean(),
    }),
  ),
  /** Null: lost updates are not guarded against. */
  versionColumn: z.nullable(z.string()),
  /** Triggers of it that are missing or switched off: what it promises does not hold. */
  broken: z.array(z.string()),
});

const protectionSchema = z.object({
  guards: z.array(guardSchema),
  /** Roles that can log in and change the schema, superusers apart, which are the service's own. */
  schemaChangers: z.array(z.string()),
});

export type Guard = Readonly<z.output<typeof guardSchema>>;
export type Protection = Readonly<z.output<typeof protectionSchema>>;

export interface SeenProtection extends Protection {
  readonly at: Date;
}

/** What the newest plan or application of a migration saw of this cluster; null where none did. */
export function protectionOf(entries: readonly Entry[], cluster: string): SeenProtection | null {
  for (const { kind, at, data } of entries.toReversed()) {
    if ((kind !== "plan.completed" && kind !== "migration.completed") || data.cluster !== cluster) continue;
    const read = z.safeParse(protectionSchema, data.protection);
    if (read.success) return { ...read.data, at: new Date(at) };
  }
  return null;
}
