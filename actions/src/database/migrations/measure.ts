/** What a migration did, read from within its own transaction, so that what others do meanwhile is not taken for its work. */
import pg from "pg";
import type { Changes, Ran } from "../../domain/index.ts";
import { countRows } from "../inspect-database.ts";
import { queryOne } from "./query-one.ts";

export interface Invariants {
  /** Tables whose rows are counted. */
  readonly protect: readonly string[];
  /** Statements that give a single true. */
  readonly checks: readonly { readonly name: string; readonly sql: string }[];
}

export interface State {
  readonly counts: Readonly<Record<string, number | null>>;
  readonly checks: Readonly<Record<string, boolean>>;
}

export async function readState(client: pg.Client, { protect, checks }: Invariants): Promise<State> {
  const counts = await countRows(client, protect);
  const held: Record<string, boolean> = {};
  for (const { name, sql } of checks) held[name] = await holds(client, sql);
  return { counts, checks: held };
}

/** Read-only, and inside a savepoint: a check that fails because a column is gone must not end the transaction before anybody could say so. */
async function holds(client: pg.Client, sql: string): Promise<boolean> {
  const { rows } = await client.query<{ inside: boolean }>("select pg_current_xact_id_if_assigned() is not null as inside");
  const inside = rows[0]?.inside === true;
  await client.query(inside ? "savepoint holdfast_check" : "begin");
  await client.query("set local transaction_read_only = on");
  try {
    const found = await queryOne<Record<string, unknown>>(client, sql);
    const [row] = found.rows;
    return found.rows.length === 1 && row !== undefined && Object.values(row).length === 1 && Object.values(row)[0] === true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return false;
  } finally {
    await client.query(inside ? "rollback to savepoint holdfast_check" : "rollback");
  }
}

/**
 * Rows that this transaction inserted, updated and deleted so far, triggers and cascades included. TRUNCATE and DROP are not among them, nor what
 * a guard notes for itself and forgets by chance.
 */
export async function readChanges(client: pg.Client): Promise<Changes[]> {
  const { rows } = await client.query<{ table: string; inserted: string; updated: string; deleted: string }>(
    `select format('%I.%I', schemaname, relname) as table, n_tup_ins as inserted, n_tup_upd as updated, n_tup_del as deleted
     from pg_stat_xact_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0 and schemaname <> 'holdfast'
       and (schemaname, relname) <> ('holdfast_guard', 'changes') order by 1`,
  );
  return rows.map(({ table, inserted, updated, deleted }) => ({
    table,
    inserted: Number(inserted),
    updated: Number(updated),
    deleted: Number(deleted),
  }));
}

export interface Columns {
  readonly table: string;
  readonly columns: readonly string[];
}

/** How many rows hold something in at least one of these columns; columns that do not exist hold nothing. */
export async function countFilled(client: pg.Client, drops: readonly Columns[]): Promise<number> {
  let sum = 0;
  for (const { table, columns } of drops) {
    const name = table.split(".").map(pg.escapeIdentifier).join(".");
    const { rows: there } = await client.query<{ column: string }>(
      "select attname as column from pg_attribute where attrelid = to_regclass($1) and attname = any($2) and attnum > 0 and not attisdropped",
      [name, columns],
    );
    if (there.length === 0) continue;
    const { rows } = await client.query<{ n: string }>(`select count(*) as n from ${name} where ${holdsSomething(there)}`);
    sum += Number(rows[0]?.n);
  }
  return sum;
}

/** A condition that holds for rows with something in at least one of the columns. */
export function holdsSomething(columns: readonly { readonly column: string }[]): string {
  return columns.map(({ column }) => `${pg.escapeIdentifier(column)} is not null`).join(" or ");
}

/** The strongest lock that this session holds on each of the users' tables; what only reads is left out. */
export async function readLocks(client: pg.Client): Promise<Ran["locks"]> {
  const { rows } = await client.query<{ table: string; mode: string }>(
    `select distinct on (c.oid) format('%I.%I', n.nspname, c.relname) as table, l.mode
     from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
     where l.pid = pg_backend_pid() and l.granted and l.locktype = 'relation' and c.relkind in ('r', 'p', 'm')
       and n.nspname not in ('pg_catalog', 'information_schema', 'holdfast') and n.nspname !~ '^pg_' and l.mode <> 'AccessShareLock'
     order by c.oid, array_position(array['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock', 'ShareUpdateExclusiveLock',
       'RowExclusiveLock', 'RowShareLock'], l.mode)`,
  );
  return rows;
}
