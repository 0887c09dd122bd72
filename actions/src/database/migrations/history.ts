/** The table in which a database remembers what was applied to it: it is the authority on that, also when a ledger or a worker is lost. */
import type pg from "pg";

export interface HistoryLine {
  readonly version: string;
  readonly digest: string;
  readonly state: "running" | "applied";
  readonly requestId: string;
}

export async function readHistory(client: pg.Client): Promise<readonly HistoryLine[]> {
  const { rows } = await client.query<{ present: boolean }>("select to_regclass('holdfast.migrations') is not null as present");
  if (rows[0]?.present !== true) return [];
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

/** Made once, before the first migration, and outside of it: a rollback must not take the table along. */
export async function ensureHistory(client: pg.Client): Promise<void> {
  await client.query("create schema if not exists holdfast");
  await client.query(
    `create table if not exists holdfast.migrations (
       version text primary key, name text not null, digest text not null, request_id text not null,
       state text not null check (state in ('running', 'applied')), xid text,
       started_at timestamptz not null default clock_timestamp(), finished_at timestamptz)`,
  );
}

export interface Written {
  readonly version: string;
  readonly name: string;
  readonly digest: string;
  readonly requestId: string;
}

/** Within a migration's transaction, so that it stands exactly when the migration does. */
export async function writeApplied(client: pg.Client, { version, name, digest, requestId }: Written): Promise<void> {
  await client.query(
    `insert into holdfast.migrations (version, name, digest, request_id, state, xid, finished_at)
     values ($1, $2, $3, $4, 'applied', pg_current_xact_id()::text, clock_timestamp())`,
    [version, name, digest, requestId],
  );
}

/** Before a statement that has no transaction: whoever comes after a crash knows that it may have begun. False where that is so already. */
export async function writeRunning(client: pg.Client, { version, name, digest, requestId }: Written): Promise<boolean> {
  const { rowCount } = await client.query(
    "insert into holdfast.migrations (version, name, digest, request_id, state) values ($1, $2, $3, $4, 'running') on conflict (version) do nothing",
    [version, name, digest, requestId],
  );
  return rowCount === 1;
}

export async function finishRunning(client: pg.Client, version: string): Promise<void> {
  await client.query("update holdfast.migrations set state = 'applied', finished_at = clock_timestamp() where version = $1", [version]);
}

export async function forgetRunning(client: pg.Client, version: string): Promise<void> {
  await client.query("delete from holdfast.migrations where version = $1 and state = 'running'", [version]);
}
