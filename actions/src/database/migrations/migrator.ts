/**
 * The only way in which a migration reaches a database: alone under an advisory lock, on a connection of its own with limits, after a last look
 * whether database and plan still fit each other.
 */
import type pg from "pg";
import { digestOf, type MigrationSettings, type Protection, type Ran, type ToolHistory } from "../../domain/index.ts";
import { connect, type DatabaseAccess } from "../connect.ts";
import { describeError } from "./describe-error.ts";
import { ensureHistory, type HistoryLine, readHistory, readUndone, type UndoneLine } from "./history.ts";
import type { Invariants } from "./measure.ts";
import { readProtection } from "./read-protection.ts";
import { type AloneRunnable, runAlone } from "./run-alone.ts";
import { type Allowed, RolledBack, runMigration } from "./run-migration.ts";
import { schemaLines } from "./schema-lines.ts";
import { readToolHistory } from "./tool-history.ts";

export interface MigratorSettings {
  readonly locksMs: number;
  readonly statementsMs: number;
  readonly invariants: Invariants;
  readonly wait: (ms: number) => Promise<void>;
}

export interface ReadyMigration extends AloneRunnable {
  readonly mode: "transaction" | "alone";
}

export interface Migrator {
  history(): Promise<readonly HistoryLine[]>;
  undone(): Promise<readonly UndoneLine[]>;
  toolHistory(of: Pick<MigrationSettings, "tool" | "table">): Promise<ToolHistory>;
  /** Digest of the schema as it stands. */
  schema(): Promise<string>;
  protection(): Promise<Protection>;
  /** The database's own clock. */
  now(): Promise<Date>;
  /**
   * `expected` is the digest of the schema that the plan stands on. Throws RolledBack when nothing of the migration stands, HalfDone when some of
   * it does; any other error leaves unknown what stands.
   */
  run(migration: ReadyMigration, expected: string, allowed: Allowed | null): Promise<Ran>;
}

// "hold" in ASCII, and the first of its locks.
const LOCK = [0x686f6c64, 1] as const;
// A worker that was killed lets go of its lock within a second or two; whoever holds it longer is at work.
const LOCK_TRIES = 30;
const LOCK_PAUSE_MS = 1_000;
// A failover is over within a minute or two; until then nobody can say what became of a COMMIT.
const RESOLVE_TRIES = 120;

export function openMigrator(access: DatabaseAccess, settings: MigratorSettings): Migrator {
  const { locksMs, statementsMs, invariants, wait } = settings;
  const withClient = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = await connect(access, statementsMs);
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  };
  return {
    history: () => withClient(readHistory),
    undone: () => withClient(readUndone),
    toolHistory: (of) => withClient((client) => readToolHistory(client, of)),
    schema: () => withClient(async (client) => digestOf(await schemaLines(client))),
    protection: () => withClient(readProtection),
    now: () =>
      withClient(async (client) => {
        const { rows } = await client.query<{ now: Date }>("select clock_timestamp() as now");
        return rows[0]?.now ?? new Date(Number.NaN);
      }),
    run: (migration, expected, allowed) =>
      withClient(async (client) => {
        await prepare(client, locksMs);
        await takeLock(client, wait);
        await ensureHistory(client);
        await mustFit(client, migration, expected);
        const attempt = { client, invariants, allowed, resolve: (xid: string) => resolveCommit(access, xid, wait) };
        return migration.mode === "alone" ? runAlone(migration, attempt) : runMigration(migration, attempt);
      }),
  };
}

async function prepare(client: pg.Client, locksMs: number): Promise<void> {
  await client.query("select set_config('lock_timeout', $1, false)", [`${locksMs}ms`]);
  // A statement whose worker was killed must not go on without anybody who would see its end.
  await client.query("set client_connection_check_interval = '1s'");
}

async function takeLock(client: pg.Client, wait: MigratorSettings["wait"]): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { rows } = await client.query<{ got: boolean }>("select pg_try_advisory_lock($1, $2) as got", [...LOCK]);
    if (rows[0]?.got === true) return;
    if (tries === LOCK_TRIES) throw new RolledBack(await describeHolder(client));
    await wait(LOCK_PAUSE_MS);
  }
}

async function describeHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ pid: number; since: Date; state: string; from: string }>(
    `select a.pid, a.backend_start as since, a.state, coalesce(host(a.client_addr), 'the server itself') as from
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.granted`,
    [...LOCK],
  );
  const [holder] = rows;
  if (holder === undefined) return "Another migration holds the lock of this database; it was let go a moment ago";
  return `Another migration holds the lock of this database: session ${holder.pid}, ${holder.state}, connected from ${holder.from} since ${holder.since.toISOString()}. If nothing runs there any more, end it with select pg_terminate_backend(${holder.pid})`;
}

/** Under the lock, so that nothing that Holdfast applies can come between this look and the work. */
async function mustFit(client: pg.Client, migration: ReadyMigration, expected: string): Promise<void> {
  const standing = await readHistory(client);
  const half = (await readUndone(client)).find(({ state }) => state === "running");
  const begun = migration.undoes === undefined ? isBegun(migration, standing, half) : isUndoBegun(migration, standing, half);
  // What was begun outside of a transaction may have changed the schema before it was killed.
  if (!begun && digestOf(await schemaLines(client)) !== expected)
    throw new RolledBack("The schema is not the one that was planned for: somebody changed it since");
}

/** Whether an earlier attempt began it; throws RolledBack where it may not run now. */
function isBegun({ version, digest, file }: ReadyMigration, standing: readonly HistoryLine[], half: UndoneLine | undefined): boolean {
  if (half !== undefined) throw new RolledBack(`${half.version} is being taken back, and that is not known to be over`);
  const line = standing.find((each) => each.version === version);
  if (line !== undefined && !(line.state === "running" && line.digest === digest))
    throw new RolledBack(`The database says that ${file} is ${line.state} already`);
  return line !== undefined;
}

/** Only the newest can be taken back: what came after it may stand on it. */
function isUndoBegun(migration: ReadyMigration, standing: readonly HistoryLine[], half: UndoneLine | undefined): boolean {
  const { version, digest, file, undoes } = migration;
  if (half !== undefined && !(half.version === version && half.wayBack === digest))
    throw new RolledBack(`${half.version} is being taken back by another file, and that is not known to be over`);
  const newest = standing.at(-1);
  if (newest?.version !== version)
    throw new RolledBack(
      `${file} does not take back what was applied last: that is ${newest === undefined ? "nothing" : newest.version} by now`,
    );
  if (newest.state !== "applied" || newest.digest !== undoes)
    throw new RolledBack(`The database says that ${version} is ${newest.state} from another file than the one that ${file} takes back`);
  return half !== undefined;
}

async function resolveCommit(access: DatabaseAccess, xid: string, wait: MigratorSettings["wait"]): Promise<"committed" | "aborted"> {
  let last = "it is still in progress";
  for (let tries = 0; tries < RESOLVE_TRIES; tries += 1) {
    try {
      const status = await askStatus(access, xid);
      if (status === "committed" || status === "aborted") return status;
      if (status === null) throw new RangeError("the database has forgotten it");
    } catch (error) {
      if (error instanceof RangeError) throw new Error(`Whether transaction ${xid} was committed cannot be known: ${error.message}`);
      last = describeError(error);
    }
    await wait(1_000);
  }
  throw new Error(`Whether transaction ${xid} was committed cannot be known: ${last}`);
}

async function askStatus(access: DatabaseAccess, xid: string): Promise<string | null> {
  const client = await connect(access, 10_000);
  try {
    const { rows } = await client.query<{ status: string | null }>("select pg_xact_status($1::xid8) as status", [xid]);
    return rows[0]?.status ?? null;
  } finally {
    await client.end().catch(() => {});
  }
}
