/**
 * A statement that PostgreSQL runs outside of transactions only, such as CREATE INDEX CONCURRENTLY. It cannot be rolled back, so the history
 * says before that it may have begun, what it left is looked at afterwards, and what is half made is removed.
 */
import pg from "pg";
import { digestOf, type Ran } from "../../domain/index.ts";
import { describeError } from "./describe-error.ts";
import { finishRunning, forgetRunning, writeRunning } from "./history.ts";
import { readState } from "./measure.ts";
import { queryOne } from "./query-one.ts";
import { type Attempt, keepBooks, RolledBack, type Runnable } from "./run-migration.ts";
import { schemaLines } from "./schema-lines.ts";

export interface AloneRunnable extends Runnable {
  readonly index: { readonly made: string | null; readonly dropped: readonly string[]; readonly table: string | null } | null;
}

/** Half of it stands and could not be removed. */
export class HalfDone extends Error {
  override readonly name = "HalfDone";
}

export async function runAlone(migration: AloneRunnable, { client, invariants, allowed }: Attempt): Promise<Ran> {
  const started = performance.now();
  const [only] = migration.statements;
  if (only === undefined) throw new RangeError(`${migration.file} holds no statement`);
  const before = await readState(client, invariants);
  const invalidBefore = await invalidIndexes(client);
  const first = await writeRunning(client, migration);
  if (first || !(await isDoneAlready(client, migration))) {
    if (!first) await removeHalfMade(client, migration, invalidBefore);
    try {
      await queryOne(client, only.statement);
    } catch (error) {
      await takeBack(client, migration, error, invalidBefore);
      throw new RolledBack(`${migration.file}:${only.line}: ${describeError(error)}`, { cause: error });
    }
  }
  const left = (await invalidIndexes(client)).filter((each) => !invalidBefore.includes(each));
  if (left.length > 0) throw new HalfDone(`${migration.file} left the invalid index ${left.join(", ")}`);
  const after = await readState(client, invariants);
  const ran: Ran = {
    version: migration.version,
    rows: [null],
    changes: [],
    locks: [],
    counts: { before: { ...before.counts }, after: { ...after.counts } },
    checks: invariants.checks.map(({ name }) => ({ name, before: before.checks[name] === true, after: after.checks[name] === true })),
    schema: digestOf(await schemaLines(client)),
    durationMs: Math.round(performance.now() - started),
  };
  if (allowed !== null && allowed.ran.schema !== ran.schema)
    throw new HalfDone(`After ${migration.file} the schema is not the one that the rehearsal showed`);
  await finish(client, migration);
  return ran;
}

/** The tool hears of it exactly when the history does: whoever comes after a crash finds both or neither. */
async function finish(client: pg.Client, migration: AloneRunnable): Promise<void> {
  await client.query("begin");
  try {
    await keepBooks(client, migration);
    await finishRunning(client, migration);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw new HalfDone(`${migration.file} stands, but could not be noted: ${describeError(error)}`, { cause: error });
  }
}

/** An earlier attempt was killed after the statement and before it could say so. */
async function isDoneAlready(client: pg.Client, { index }: AloneRunnable): Promise<boolean> {
  const made = index?.made ?? null;
  if (made !== null) return (await indexState(client, made, index?.table ?? null)) === "valid";
  const dropped = index?.dropped ?? [];
  if (dropped.length === 0) return false;
  const states = await Promise.all(dropped.map((name) => indexState(client, name, null)));
  return states.every((state) => state === "absent");
}

async function removeHalfMade(client: pg.Client, { index }: AloneRunnable, invalid: readonly string[]): Promise<void> {
  const made = index?.made ?? null;
  if (made === null || (await indexState(client, made, index?.table ?? null)) !== "invalid") return;
  for (const name of invalid.filter((each) => unqualified(each) === made)) await client.query(`drop index concurrently ${name}`);
}

async function takeBack(client: pg.Client, migration: AloneRunnable, cause: unknown, before: readonly string[]): Promise<void> {
  try {
    for (const name of (await invalidIndexes(client)).filter((each) => !before.includes(each)))
      await client.query(`drop index concurrently ${name}`);
    await forgetRunning(client, migration);
  } catch (error) {
    throw new HalfDone(`${migration.file} failed, and what it left could not be removed: ${describeError(error)}`, { cause });
  }
}

async function indexState(client: pg.Client, name: string, table: string | null): Promise<"valid" | "invalid" | "absent"> {
  const schema = table?.includes(".") === true ? `${pg.escapeIdentifier(table.split(".")[0] ?? "")}.` : "";
  const given = name.includes(".") ? name.split(".").map(pg.escapeIdentifier).join(".") : `${schema}${pg.escapeIdentifier(name)}`;
  const { rows } = await client.query<{ valid: boolean }>("select indisvalid as valid from pg_index where indexrelid = to_regclass($1)", [
    given,
  ]);
  return rows[0] === undefined ? "absent" : rows[0].valid ? "valid" : "invalid";
}

async function invalidIndexes(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_index i join pg_class c on c.oid = i.indexrelid
     join pg_namespace n on n.oid = c.relnamespace where not i.indisvalid order by 1`,
  );
  return rows.map(({ name }) => name);
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).replace(/^"|"$/g, "");
}
