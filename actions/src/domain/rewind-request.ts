/** What asks for a rewind: which tables of a cluster were damaged, when, and how far it may go. Parsed once, in the page and in the worker alike. */
import * as z from "zod/mini";
import { durationMs, durationText } from "./duration.ts";
import { identifier, incidentId, instant, reason, requestId } from "./names.ts";
import { InvalidInput, parse } from "./problem.ts";
import { type Inputs, orEmpty, partOf } from "./requests.ts";
import { strictObject } from "./strict-object.ts";

/** `plan` changes nothing and ends when its scratch clusters are gone; `apply` goes on to the gate with the plan it made. */
export const REWIND_MODES = ["plan", "apply"] as const;
export type RewindMode = (typeof REWIND_MODES)[number];

/** What a person says to a question of the plan: what is there stays, or what was before the damage comes back. Without an answer it stays. */
export const REWIND_ANSWERS = ["keep", "bring-back"] as const;
export type RewindAnswer = (typeof REWIND_ANSWERS)[number];

export const REWIND_INPUTS = [
  "cluster",
  "mode",
  "tables",
  "from",
  "to",
  "hints",
  "answers",
  "digest",
  "reason",
  "request_id",
  "incident",
] as const;
export type RewindInputs = Inputs<(typeof REWIND_INPUTS)[number]>;

/** What tells the damage from what good writers did at the same time, and how exactly times can be trusted. */
export interface RewindHints {
  /** How far the clock of the logs may be from the database's, as a duration. */
  readonly skew: string;
  /** How exactly the service restores to a time, as a duration. */
  readonly step: string;
  /** Damaged columns by table; learnt from the images where not given. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  /** Transactions of the damage, by id, where the database's log names them. */
  readonly transactions: readonly string[];
  /** Whether rows that vanished meanwhile were deleted by the damage; null where that is to be asked. */
  readonly deletions: "damage" | "good" | null;
  /** Triggers that fire while rows come back, as `schema.table/trigger`; all others are skipped. */
  readonly fire: readonly string[];
}

export interface RewindRequest {
  readonly cluster: string;
  readonly mode: RewindMode;
  /** `table` or `schema.table`. */
  readonly tables: readonly string[];
  /** When the damage was done, by the clock of the logs that told of it. */
  readonly from: Date;
  readonly to: Date;
  readonly hints: RewindHints;
  /** By the id of the plan's question. */
  readonly answers: Readonly<Record<string, RewindAnswer>>;
  /** The plan that was looked at; null when whatever is planned now goes to the gate. */
  readonly digest: string | null;
  readonly reason: string;
  readonly requestId: string;
  readonly incident?: string;
}

// A rewind reads each table whole, three times; more tables than this are a restore.
const MOST_TABLES = 20;
// GitHub allows 65,535 characters for all inputs together.
const MOST_JSON = 50_000;
/** An hour: more than that is not a clock that is off but another clock. */
const MOST_SKEW_MS = 3_600_000;
/** What AWS says of restoring to a point in time. */
const USUAL_STEP = "1s";
/** Servers that keep time by NTP differ by less than a second; logs without it were seen to be off by a minute and a half. */
export const USUAL_SKEW = "90s";

const tableName = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z_][A-Za-z0-9_$]{0,62}(\.[A-Za-z_][A-Za-z0-9_$]{0,62})?$/,
      "a table's name, table or schema.table, as PostgreSQL keeps it",
    ),
  );
const columnName = z.string().check(z.minLength(1, "a column's name"), z.maxLength(63, "a column's name of at most 63 characters"));
const json = z.string().check(z.maxLength(MOST_JSON, `at most ${MOST_JSON} characters`));

const inputs = strictObject({
  cluster: identifier,
  mode: z.enum(REWIND_MODES),
  tables: z.string(),
  from: instant,
  to: instant,
  hints: json,
  answers: json,
  digest: orEmpty(z.string().check(z.regex(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal, or nothing"))),
  reason,
  request_id: requestId,
  incident: z.optional(orEmpty(incidentId)),
});

const tableList = z.array(tableName).check(z.minLength(1, "at least one table"), z.maxLength(MOST_TABLES, `at most ${MOST_TABLES} tables`));

const transactionId = z.string().check(z.regex(/^\d{1,20}$/, "a transaction's id in decimal digits"));
const triggerPath = z.string().check(z.regex(/^[^/]{3,130}\/[^/]{1,63}$/, "a trigger as schema.table/trigger"));

const hintsSchema = strictObject({
  skew: z._default(durationText, USUAL_SKEW),
  step: z._default(durationText, USUAL_STEP),
  columns: z._default(z.record(tableName, z.array(columnName).check(z.minLength(1, "at least one column"))), {}),
  transactions: z._default(z.array(transactionId), []),
  deletions: z._default(z.nullable(z.enum(["damage", "good"])), null),
  fire: z._default(z.array(triggerPath), []),
});

const answersSchema = z.record(
  z.string().check(z.minLength(1, "a question's id"), z.maxLength(200, "a question's id")),
  z.enum(REWIND_ANSWERS),
);

const WHAT = "The rewind request";

/** Throws InvalidInput with every problem; `now` bounds the interval. What only AWS and the database know is for the worker. */
export function parseRewindRequest(given: RewindInputs, now: Date): RewindRequest {
  const read = parse(inputs, given, WHAT);
  const tables = parse(tableList, namesIn(read.tables), `${WHAT}, tables`);
  const hints = parse(hintsSchema, jsonOf("hints", read.hints), `${WHAT}, hints`);
  const answers = parse(answersSchema, jsonOf("answers", read.answers), `${WHAT}, answers`);
  const { cluster, mode } = read;
  const from = new Date(read.from);
  const to = new Date(read.to);
  const refuse = (path: string, found: string, allowed: string) => new InvalidInput(WHAT, [{ path, found, allowed }]);
  const unknown = Object.keys(hints.columns).find((table) => !tables.includes(table));
  if (unknown !== undefined) throw refuse("hints.columns", `"${unknown}"`, `one of the tables of this request: ${tables.join(", ")}`);
  if (durationMs(hints.skew) > MOST_SKEW_MS) throw refuse("hints.skew", hints.skew, "at most 1h");
  if (from > to)
    throw refuse("from, to", `${from.toISOString()} after ${to.toISOString()}`, "an interval whose beginning is not after its end");
  // The clock of the logs may be ahead of this one.
  const latest = new Date(now.getTime() + durationMs(hints.skew));
  if (from > latest) throw refuse("from", `${from.toISOString()}, which is in the future`, `a time up to now, ${now.toISOString()}`);
  return {
    cluster,
    mode,
    tables,
    from,
    to,
    hints,
    answers,
    digest: read.digest === "" ? null : read.digest,
    reason: read.reason,
    requestId: read.request_id,
    ...partOf(read.incident),
  };
}

/** The inputs to dispatch for a request: what the page shows in its review is rendered from this very object. */
export function rewindInputsOf(request: RewindRequest): RewindInputs {
  return {
    cluster: request.cluster,
    mode: request.mode,
    tables: request.tables.join(","),
    from: request.from.toISOString(),
    to: request.to.toISOString(),
    hints: JSON.stringify(request.hints),
    answers: Object.keys(request.answers).length === 0 ? "" : JSON.stringify(request.answers),
    digest: request.digest ?? "",
    reason: request.reason,
    request_id: request.requestId,
    ...partOf(request.incident),
  };
}

function namesIn(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ""))];
}

function jsonOf(path: string, text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInput(WHAT, [{ path, found: "text that is not JSON", allowed: "a JSON object, or nothing" }]);
  }
}
