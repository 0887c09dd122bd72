/**
 * One migration in one transaction: every statement, then what it did held against what the rehearsal showed, then COMMIT. Whatever differs
 * ends it before anything stands. An answer to COMMIT that never came is asked for, never guessed.
 */
import type pg from "pg";
import type { Changes, Ran } from "../../domain/index.ts";
import { digestOf } from "../../domain/index.ts";
import { countRows } from "../inspect-database.ts";
import { describeError } from "./describe-error.ts";
import { type Written, writeDone } from "./history.ts";
import { type Columns, countFilled, type Invariants, readChanges, readLocks, readState } from "./measure.ts";
import { queryOne } from "./query-one.ts";
import { schemaLines } from "./schema-lines.ts";

export interface Runnable extends Written {
  readonly file: string;
  readonly statements: readonly {
    readonly line: number;
    readonly statement: string;
    /** Tables that are gone or empty afterwards. */
    readonly empties: readonly string[];
    /** Columns that are gone afterwards. */
    readonly drops: readonly Columns[];
  }[];
  /** By which the table of the team's tool hears of it, or is made; what touches rows touches one. */
  readonly bookkeeping: readonly string[];
}

/** What a rehearsal allows; null while rehearsing. */
export interface Allowed {
  readonly ran: Ran;
  /** By how many percent more rows may be touched. */
  readonly moreRows: number;
}

export interface Attempt {
  readonly client: pg.Client;
  readonly invariants: Invariants;
  readonly allowed: Allowed | null;
  /** Whether a transaction was committed, asked on a new connection once it is no longer in progress. */
  readonly resolve: (xid: string) => Promise<"committed" | "aborted">;
}

/** It was rolled back: the database is as it was before. */
export class RolledBack extends Error {
  override readonly name = "RolledBack";
}

export async function runMigration(migration: Runnable, attempt: Attempt): Promise<Ran> {
  const { client } = attempt;
  const started = performance.now();
  const xid = await begin(client);
  let ran: Ran;
  try {
    ran = await work(migration, attempt, started);
  } catch (error) {
    await client.query("rollback").catch(() => {});
    // Where the connection is gone too, PostgreSQL rolls back by itself; only once it says so it is known.
    const state = await attempt.resolve(xid);
    if (state === "committed") throw new Error(`The migration ${migration.file} ended its own transaction`, { cause: error });
    throw error instanceof RolledBack ? error : new RolledBack(describeError(error), { cause: error });
  }
  try {
    await client.query("commit");
  } catch (error) {
    if ((await attempt.resolve(xid)) === "aborted") throw new RolledBack(describeError(error), { cause: error });
  }
  return { ...ran, durationMs: Math.round(performance.now() - started) };
}

async function begin(client: pg.Client): Promise<string> {
  await client.query("begin");
  const { rows } = await client.query<{ xid: string }>("select pg_current_xact_id()::text as xid");
  return rows[0]?.xid ?? "";
}

async function work(migration: Runnable, { client, invariants, allowed }: Attempt, started: number): Promise<Ran> {
  const before = await readState(client, invariants);
  const rows: (number | null)[] = [];
  for (const [index, statement] of migration.statements.entries()) {
    const place = `${migration.file}:${statement.line}`;
    const touched = await runStatement(client, statement, allowed === null, place);
    rows.push(touched);
    const rehearsed = allowed?.ran.rows[index] ?? null;
    if (allowed !== null && touched !== null && touched > limitOf(rehearsed ?? 0, allowed.moreRows))
      throw new RolledBack(`${place} touched ${touched} rows; in the rehearsal it touched ${rehearsed ?? "none"}`);
  }
  await keepBooks(client, migration);
  await writeDone(client, migration);
  const changes = await readChanges(client);
  const locks = await readLocks(client);
  const after = await readState(client, invariants);
  const ran: Ran = {
    version: migration.version,
    rows,
    changes,
    locks,
    counts: { before: { ...before.counts }, after: { ...after.counts } },
    checks: invariants.checks.map(({ name }) => ({ name, before: before.checks[name] === true, after: after.checks[name] === true })),
    schema: digestOf(await schemaLines(client)),
    durationMs: Math.round(performance.now() - started),
  };
  const problem = broken(ran) ?? (allowed === null ? null : differs(ran, allowed));
  if (problem !== null) throw new RolledBack(problem);
  return ran;
}

/** Where a row is not there, or is there already, somebody has used the tool since: what it says no longer fits what stands. */
export async function keepBooks(client: pg.Client, { file, bookkeeping }: Pick<Runnable, "file" | "bookkeeping">): Promise<void> {
  for (const statement of bookkeeping) {
    const touched = await runStatement(client, { line: 1, statement, empties: [], drops: [] }, false, `${file}, noting it for its tool`);
    if (touched !== null && touched !== 1)
      throw new RolledBack(`${file}: the table of its tool is not as it was when this was planned: ${statement}`);
  }
}

async function runStatement(
  client: pg.Client,
  { statement, empties, drops }: Runnable["statements"][number],
  rehearsing: boolean,
  place: string,
): Promise<number | null> {
  try {
    const counts = empties.length === 0 ? {} : await countRows(client, empties);
    // Whoever approves wants to know how many rows hold something in a column that goes; the live application, which goes on writing, need not wait for that.
    const filled = rehearsing && drops.length > 0 ? await countFilled(client, drops) : null;
    // The extended protocol takes one statement alone, whatever the text may hold.
    const { rowCount } = await queryOne(client, statement);
    if (empties.length > 0) return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
    return filled ?? rowCount;
  } catch (error) {
    throw new RolledBack(`${place}: ${describeError(error)}`, { cause: error });
  }
}

function limitOf(rehearsed: number, moreRows: number): number {
  return Math.floor(rehearsed * (1 + moreRows / 100));
}

/** A check that held before must hold afterwards, in the rehearsal as in earnest. */
function broken({ checks }: Ran): string | null {
  const lost = checks.filter(({ before, after }) => before && !after).map(({ name }) => name);
  return lost.length === 0 ? null : `What held before does not hold afterwards: ${lost.join(", ")}`;
}

function differs(ran: Ran, { ran: rehearsed, moreRows }: Allowed): string | null {
  for (const { table, inserted, updated, deleted } of ran.changes) {
    const then = rehearsed.changes.find((each) => each.table === table) ?? { table, inserted: 0, updated: 0, deleted: 0 };
    const more = moreOf({ table, inserted, updated, deleted }, then, moreRows);
    if (more !== null) return more;
  }
  for (const [table, count] of Object.entries(ran.counts.before)) {
    const lost = lossOf(count, ran.counts.after[table]);
    const expected = lossOf(rehearsed.counts.before[table], rehearsed.counts.after[table]);
    if (lost > limitOf(expected, moreRows)) return `${table} lost ${lost} rows; in the rehearsal it lost ${expected}`;
  }
  return ran.schema === rehearsed.schema ? null : "The schema afterwards is not the one that the rehearsal showed";
}

function moreOf(now: Changes, then: Changes, moreRows: number): string | null {
  for (const did of ["inserted", "updated", "deleted"] as const) {
    if (now[did] > limitOf(then[did], moreRows)) return `${now.table}: ${now[did]} rows ${did}; in the rehearsal ${then[did]}`;
  }
  return null;
}

function lossOf(before: number | null | undefined, after: number | null | undefined): number {
  return Math.max(0, (before ?? 0) - (after ?? 0));
}
