/**
 * What the ledger keeps of a plan, its rehearsal and its application, read back by workers and page through the same schemas. Statements are
 * redacted and cut; what is approved and applied is held by digests, never by these texts.
 */
import * as z from "zod/mini";
import type { Entry, EntryKind } from "./ledger.ts";

/** What a statement may do to data, worst first. */
export const VERDICTS = ["destroys-data", "may-destroy-data", "rewrites", "locks", "style", "safe"] as const;
export type VerdictWord = (typeof VERDICTS)[number];

const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal"));
const verdict = z.enum(VERDICTS);

const findingSchema = z.object({
  id: z.string(),
  verdict,
  message: z.string(),
  saferWay: z.string(),
  allowedBecause: z.optional(z.string()),
});

const statementSchema = z.object({
  line: z.int(),
  text: z.string(),
  verdict,
  findings: z.array(findingSchema),
  /** How many rows the database expects it to touch, and how it knows; null where it could not say. */
  rows: z.nullable(z.object({ expected: z.number(), from: z.enum(["explain", "catalog"]) })),
});

const migrationSchema = z.object({
  version: z.string(),
  name: z.string(),
  file: z.string(),
  digest,
  /** alone: one statement that PostgreSQL runs outside of transactions only. */
  mode: z.enum(["transaction", "alone"]),
  /** Whether a file beside it took it back when this was planned; absent where nobody looked. */
  wayBack: z.optional(z.boolean()),
  statements: z.array(statementSchema),
  /** Statements that are not shown here, because there are too many. */
  more: z.int(),
});

const planSchema = z.object({
  requestId: z.string(),
  cluster: z.string(),
  digest,
  /** Digest of the schema that it stands on. */
  schema: digest,
  /** The commit of `production` whose files these are. */
  commit: z.string(),
  authors: z.array(z.string()),
  /** The tool that wrote the SQL, as it names itself; left out where the files hold it. */
  tool: z.optional(z.string()),
  verdict,
  /** Where applied migrations are taken back: the oldest of them. The migrations are then their ways back, newest first. */
  undo: z.optional(z.string()),
  migrations: z.array(migrationSchema),
});

const changesSchema = z.object({ table: z.string(), inserted: z.int(), updated: z.int(), deleted: z.int() });
const countsSchema = z.record(z.string(), z.nullable(z.int()));

const ranSchema = z.object({
  version: z.string(),
  /** Rows that each statement touched; null where the statement says none. */
  rows: z.array(z.nullable(z.int())),
  changes: z.array(changesSchema),
  locks: z.array(z.object({ table: z.string(), mode: z.string() })),
  counts: z.object({ before: countsSchema, after: countsSchema }),
  checks: z.array(z.object({ name: z.string(), before: z.boolean(), after: z.boolean() })),
  /** Of the schema as it stands afterwards. */
  schema: digest,
  durationMs: z.int(),
});

const rehearsalSchema = z.object({
  migration: z.string(),
  /** Of the plan together with what it did: what is approved. */
  digest,
  ran: z.array(ranSchema),
});

export type RecordedPlan = Readonly<z.output<typeof planSchema>>;
export type RecordedMigration = RecordedPlan["migrations"][number];
export type RecordedStatement = RecordedMigration["statements"][number];
export type Ran = Readonly<z.output<typeof ranSchema>>;
export type Changes = z.output<typeof changesSchema>;
export type Rehearsal = Readonly<z.output<typeof rehearsalSchema>>;

/** The plan of a request; null where there is none, or one of a shape that is not known. */
export function planIn(entries: readonly Entry[], requestId: string): RecordedPlan | null {
  return readData(
    planSchema,
    entryOf(entries, "plan.completed", (data) => data.requestId === requestId),
  );
}

export function rehearsalIn(entries: readonly Entry[], requestId: string): Rehearsal | null {
  return readData(
    rehearsalSchema,
    entryOf(entries, "rehearsal.checked", (data) => data.migration === requestId),
  );
}

/** The plan whose rehearsal ended with this digest: what somebody approves; null where there is none. */
export function planOfDigest(entries: readonly Entry[], digest: string): RecordedPlan | null {
  const migration = entryOf(entries, "rehearsal.checked", (data) => data.digest === digest)?.data.migration;
  return typeof migration === "string" ? planIn(entries, migration) : null;
}

function entryOf(entries: readonly Entry[], kind: EntryKind, fits: (data: Entry["data"]) => boolean): Entry | undefined {
  return entries.findLast((entry) => entry.kind === kind && fits(entry.data));
}

function readData<Schema extends z.ZodMiniType>(schema: Schema, entry: Entry | undefined): z.output<Schema> | null {
  const read = entry === undefined ? null : z.safeParse(schema, entry.data);
  return read?.success ? read.data : null;
}
