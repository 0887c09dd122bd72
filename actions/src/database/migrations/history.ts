/** The tables in which a database remembers what was applied to it and taken back: they are the authority on that, also when a ledger or a worker is lost. */
import type pg from "pg";

export interface HistoryLine {
  readonly version: string;
  readonly digest: string;
  readonly state: "running" | "applied";
  readonly requestId: string;
}

/** A migration that was taken back, or is being. */
export interface UndoneLine {
  readonly version: string;
  /** Of the file that had been applied. */
  readonly digest: string;
  /** Of the file that takes it back. */
  readonly wayBack: string;
  readonly state: "running" | "undone";
  /** The request that took it back, and the one that had applied it. */
  readonly requestId: string;
  readonly appliedBy: string;
}

/** What stands, oldest first. */
export async function readHistory(client: pg.Client): Promise<readonly HistoryLine[]> {
  if (!(await exists(client, "holdfast.migrations"))) return [];
  const found = await client.query<{ version: string; digest: string; state: string; request_id: string }>(
    "select version, digest, state, request_id from holdfast.migrations order by length(version), version",
  );
  return found.rows.map(({ version, digest, state, request_id }) => ({
    version,
    digest,
    state: state === "running" ? "running" : "applied",
    requestId: request_id,
  }));
}

export async function readUndone(client: pg.Client): Promise<readonly UndoneLine[]> {
  if (!(await exists(client, "holdfast.undone"))) return [];
  const found = await client.query<Omit<UndoneLine, "state"> & { readonly state: string }>(
    `select version, digest, way_back as "wayBack", state, request_id as "requestId", applied_by as "appliedBy" from holdfast.undone
     order by length(version), version, started_at`,
  );
  return found.rows.map((line) => ({ ...line, state: line.state === "running" ? "running" : "undone" }));
}

async function exists(client: pg.Client, table: string): Promise<boolean> {
  const { rows } = await client.query<{ present: boolean }>("select to_regclass($1) is not null as present", [table]);
  return rows[0]?.present === true;
}

/** Made once, before the first migration, and outside of it: a rollback must not take the tables along. */
export async function ensureHistory(client: pg.Client): Promise<void> {
  await client.query("create schema if not exists holdfast");
  await client.query(
    `create table if not exists holdfast.migrations (
       version text primary key, name text not null, digest text not null, request_id text not null,
       state text not null check (state in ('running', 'applied')), xid text,
       started_at timestamptz not null default clock_timestamp(), finished_at timestamptz)`,
  );
  await client.query(
    `create table if not exists holdfast.undone (
       version text not null, name text not null, digest text not null, way_back text not null, applied_by text not null, applied_at timestamptz,
       request_id text not null, state text not null check (state in ('running', 'undone')), xid text,
       started_at timestamptz not null default clock_timestamp(), finished_at timestamptz, primary key (version, request_id))`,
  );
}

export interface Written {
  readonly version: string;
  readonly name: string;
  /** Of the file that runs. */
  readonly digest: string;
  readonly requestId: string;
  /** Where the file is the way back of an applied migration: the digest of what was applied. */
  readonly undoes?: string;
}

/** Within a migration's transaction, so that it stands exactly when the migration does; a way back takes the line away in the same manner. */
export async function writeDone(client: pg.Client, { version, name, digest, requestId, undoes }: Written): Promise<void> {
  if (undoes === undefined) {
    await client.query(
      `insert into holdfast.migrations (version, name, digest, request_id, state, xid, finished_at)
       values ($1, $2, $3, $4, 'applied', pg_current_xact_id()::text, clock_timestamp())`,
      [version, name, digest, requestId],
    );
    return;
  }
  await client.query(
    `with gone as (delete from holdfast.migrations where version = $1 and digest = $4 returning *)
     insert into holdfast.undone (version, name, digest, way_back, applied_by, applied_at, request_id, state, xid, finished_at)
     select version, name, digest, $2, request_id, finished_at, $3, 'undone', pg_current_xact_id()::text, clock_timestamp() from gone`,
    [version, digest, requestId, undoes],
  );
}

/** Before a statement that has no transaction: whoever comes after a crash knows that it may have begun. False where that is so already. */
export async function writeRunning(client: pg.Client, { version, name, digest, requestId, undoes }: Written): Promise<boolean> {
  if (undoes === undefined) {
    const { rowCount } = await client.query(
      "insert into holdfast.migrations (version, name, digest, request_id, state) values ($1, $2, $3, $4, 'running') on conflict (version) do nothing",
      [version, name, digest, requestId],
    );
    return rowCount === 1;
  }
  // Whoever goes on with what another request began answers for it from then on.
  const begun = await client.query("update holdfast.undone set request_id = $2 where version = $1 and state = 'running'", [
    version,
    requestId,
  ]);
  if (begun.rowCount === 1) return false;
  await client.query(
    `insert into holdfast.undone (version, name, digest, way_back, applied_by, applied_at, request_id, state)
     select version, name, digest, $2, request_id, finished_at, $3, 'running' from holdfast.migrations where version = $1`,
    [version, digest, requestId],
  );
  return true;
}

/** One statement, so that a line is never told as both. */
export async function finishRunning(client: pg.Client, { version, requestId, undoes }: Written): Promise<void> {
  if (undoes === undefined) {
    await client.query("update holdfast.migrations set state = 'applied', finished_at = clock_timestamp() where version = $1", [version]);
    return;
  }
  await client.query(
    `with gone as (delete from holdfast.migrations where version = $1)
     update holdfast.undone set state = 'undone', finished_at = clock_timestamp() where version = $1 and request_id = $2`,
    [version, requestId],
  );
}

export async function forgetRunning(client: pg.Client, { version, undoes }: Written): Promise<void> {
  const table = undoes === undefined ? "holdfast.migrations" : "holdfast.undone";
  await client.query(`delete from ${table} where version = $1 and state = 'running'`, [version]);
}
