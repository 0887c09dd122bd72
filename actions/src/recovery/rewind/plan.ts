/**
 * What a rewind would do, for people to review and for a worker to apply: counts, keys, columns, questions, refusals. It never holds a value
 * of a row other than its key. Its digest is what an approval binds to; any other plan, however alike, has another one. Pure.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import * as z from "zod/mini";
import { InvalidInput, parse } from "../../domain/index.ts";

/** Why a person has to decide about a row. */
export const QUESTION_KINDS = [
  /** Somebody wrote a damaged column after the damage. */
  "changed-since",
  /** Somebody wrote the row after the damage and left the damaged value in it: perhaps the same value, meant. */
  "same-value-since",
  /** A good transaction may have written the column between the images. */
  "unclear-writer",
  /** It vanished between the images, and nothing says that the damage deleted it. */
  "unclear-deletion",
  /** It was deleted, and a row with its key exists again. */
  "key-used-again",
  /** The damage made it; bringing back the old means removing it. */
  "added-by-damage",
] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

/** Why nothing is done about a row, whoever decides. */
export const SET_ASIDE_KINDS = [
  /** Another row has its unique value now. */
  "unique-value-taken",
  /** The row that it refers to does not exist any more. */
  "parent-gone",
  /** It was damaged and then deleted: there is nothing to bring a value back into. */
  "deleted-since",
  /** The damage made it, and it was changed or referred to since. */
  "added-and-used",
] as const;
export type SetAsideKind = (typeof SET_ASIDE_KINDS)[number];

/** Why nothing is done about a whole table. */
export const REFUSAL_KINDS = [
  "missing-table",
  "not-an-ordinary-table",
  "no-primary-key",
  "changed-keys",
  "large-objects",
  "schema-drift",
  "dropped",
  "truncated",
  "row-level-security",
  "rules",
  "cascades-elsewhere",
  "no-privilege",
  "too-many-rows",
  "circular-references",
] as const;
export type RefusalKind = (typeof REFUSAL_KINDS)[number];

/** `keep`: what is in the live database stays. `bring-back`: what the image before the damage has is written. */
export const CHOICES = ["keep", "bring-back"] as const;

const name = z.string().check(z.minLength(1, "a name"));
const keySchema = z.array(z.string()).check(z.minLength(1, "a value for each column of the key"));

const changeSchema = z.strictObject({
  /** The columns that get their old values back. */
  columns: z.array(name),
  keys: z.array(keySchema),
});

const triggerSchema = z.strictObject({
  name,
  /** What PostgreSQL says it is, without its function's body. */
  definition: z.string(),
  /** `skip` unless somebody decides otherwise: an outbox trigger must not send mail again. */
  decision: z.enum(["skip", "run"]),
});

const tableSchema = z.strictObject({
  /** `schema.table`. */
  table: name,
  keyColumns: z.array(name),
  /** Grouped by the columns that come back. */
  changes: z.array(changeSchema),
  /** Keys of deleted rows that come back whole. */
  deleted: z.array(keySchema),
  triggers: z.array(triggerSchema),
  /** Computed by the database from the others; they follow by themselves. */
  generatedColumns: z.array(name),
  /** What the damage was taken to have written. */
  damagedColumns: z.array(name),
});

const questionSchema = z.strictObject({
  /** Made from kind, table, key and columns: the same question has the same id in every plan. */
  id: z.string(),
  kind: z.enum(QUESTION_KINDS),
  table: name,
  key: keySchema,
  /** The column in question; all of them where the whole row is. */
  columns: z.array(name),
  /** The transaction that wrote the live row: an answer holds for this version and no later one. Null where there is no live row. */
  version: z.nullable(z.string()),
});

const setAsideSchema = z.strictObject({ kind: z.enum(SET_ASIDE_KINDS), table: name, key: keySchema, columns: z.array(name) });
const refusalSchema = z.strictObject({ kind: z.enum(REFUSAL_KINDS), table: name, reason: z.string() });
const answerSchema = z.strictObject({ question: z.string(), choice: z.enum(CHOICES) });

const unsignedSchema = z.strictObject({
  v: z.literal(1),
  damage: z.strictObject({
    toldBy: z.enum(["transactions", "predicate", "interval"]),
    first: z.string(),
    last: z.string(),
    transactions: z.array(z.string()),
  }),
  /** In the order in which rows may be inserted: what is referred to comes first. */
  tables: z.array(tableSchema),
  questions: z.array(questionSchema),
  setAside: z.array(setAsideSchema),
  refusals: z.array(refusalSchema),
  /** What a reviewer should know and no field says. */
  notes: z.array(z.string()),
  answers: z.array(answerSchema),
});

const planSchema = z.strictObject({ ...unsignedSchema.shape, digest: z.string() });

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Frozen<T[Name]> }
    : T;
export type Key = readonly string[];
export type UnsignedPlan = Frozen<z.output<typeof unsignedSchema>>;
export type RewindPlan = Frozen<z.output<typeof planSchema>>;
export type PlannedTable = RewindPlan["tables"][number];
export type PlannedTrigger = PlannedTable["triggers"][number];
export type Question = RewindPlan["questions"][number];
export type SetAside = RewindPlan["setAside"][number];
export type Refusal = RewindPlan["refusals"][number];
export type Answer = RewindPlan["answers"][number];

/** SHA-256 of the RFC 8785 form of everything but the digest, as the ledger hashes its entries. */
export function digestOf(plan: UnsignedPlan): string {
  return fingerprint(unsignedSchema.parse(plan));
}

export function signPlan(plan: UnsignedPlan): RewindPlan {
  return { ...plan, digest: digestOf(plan) };
}

/** A plan that was kept in a file; throws InvalidInput where its shape or its digest does not hold. */
export function parsePlan(document: unknown): RewindPlan {
  const plan = parse(planSchema, document, "The rewind plan");
  const { digest, ...unsigned } = plan;
  const right = digestOf(unsigned);
  if (digest !== right)
    throw new InvalidInput("The rewind plan", [{ path: "digest", found: digest, allowed: `${right}, the digest of its content` }]);
  return plan;
}

export function questionId({ kind, table, key, columns }: Pick<Question, "kind" | "table" | "key" | "columns">): string {
  return fingerprint([kind, table, key, columns]).slice(0, 20);
}

export interface PlanCounts {
  /** Rows that get old values back. */
  readonly changed: number;
  /** Deleted rows that come back. */
  readonly returned: number;
  readonly asked: number;
  readonly answered: number;
  readonly setAside: number;
  readonly refusedTables: number;
}

export function countPlan({ tables, questions, answers, setAside, refusals }: RewindPlan): PlanCounts {
  const sum = (count: (table: PlannedTable) => number) => tables.reduce((total, table) => total + count(table), 0);
  return {
    changed: sum(({ changes }) => changes.reduce((total, { keys }) => total + keys.length, 0)),
    returned: sum(({ deleted }) => deleted.length),
    asked: questions.length,
    answered: answers.length,
    setAside: setAside.length,
    refusedTables: refusals.length,
  };
}

function fingerprint(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("a plan always has a canonical form");
  return bytesToHex(sha256(utf8ToBytes(text)));
}
