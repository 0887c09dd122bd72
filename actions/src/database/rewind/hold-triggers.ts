/**
 * Keeps the triggers that nobody chose to run from firing while the rewind writes, in its transaction alone. The owner of a table switches them
 * off one by one, which locks other writers out for that moment; another role needs the right to set session_replication_role, and then foreign
 * keys are checked here, because PostgreSQL does not check them in that mode.
 */
import pg from "pg";
import type { LoadedWork } from "./load-work.ts";
import { ident, tableSql } from "./row-sql.ts";

export interface HeldTriggers {
  /** Runs statements on the table with its triggers held. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Puts everything back as it was; before the commit. */
  release(): Promise<void>;
}

/** The triggers of the live table are not those that the plan was made and approved with. */
export class TriggersChanged extends Error {
  override readonly name = "TriggersChanged";
}

/** Triggers can be held neither as owner nor by session_replication_role. */
export class TriggersFire extends Error {
  override readonly name = "TriggersFire";
}

const FREE: HeldTriggers = { during: (work) => work(), release: async () => {} };

export async function holdTriggers(client: pg.Client, loaded: LoadedWork): Promise<HeldTriggers> {
  const { facts, work } = loaded;
  const planned = work.table.triggers;
  const triggers = await readTriggers(client, facts.table);
  const definitions = (all: readonly { readonly name: string; readonly definition: string }[]) =>
    JSON.stringify(all.map(({ name, definition }) => [name, definition]).toSorted());
  if (definitions(triggers) !== definitions(planned))
    throw new TriggersChanged(`The triggers of ${facts.table} are not those of the plan any more.`);
  const skipped = triggers.filter(({ name }) => planned.some((each) => each.name === name && each.decision === "skip"));
  if (skipped.length === 0) return FREE;
  if (skipped.every(({ owned }) => owned)) return switchOff(client, loaded, skipped);
  if (skipped.length === triggers.length && skipped.every(({ enabled }) => enabled === "O")) return asReplica(client, loaded);
  throw new TriggersFire(
    `Only the owner of ${facts.table} can hold some of its triggers and let others run, or hold those that are enabled ALWAYS or REPLICA.`,
  );
}

interface LiveTrigger {
  readonly name: string;
  readonly definition: string;
  /** pg_trigger.tgenabled. */
  readonly enabled: "O" | "A" | "R";
  readonly owned: boolean;
}

async function readTriggers(client: pg.Client, table: string): Promise<readonly LiveTrigger[]> {
  const { rows } = await client.query<LiveTrigger>(
    `select t.tgname as name, pg_get_triggerdef(t.oid) as definition, t.tgenabled as enabled, pg_has_role(c.relowner, 'usage') as owned
     from pg_trigger t join pg_class c on c.oid = t.tgrelid where t.tgrelid = $1::regclass and not t.tgisinternal and t.tgenabled <> 'D' order by 1`,
    [tableSql({ table })],
  );
  return rows;
}

const ENABLE = { O: "enable", A: "enable always", R: "enable replica" } as const;

async function switchOff(client: pg.Client, { facts }: LoadedWork, triggers: readonly LiveTrigger[]): Promise<HeldTriggers> {
  for (const { name } of triggers) await client.query(`alter table ${tableSql(facts)} disable trigger ${ident(name)}`);
  return {
    during: (work) => work(),
    async release() {
      for (const { name, enabled } of triggers)
        await client.query(`alter table ${tableSql(facts)} ${ENABLE[enabled]} trigger ${ident(name)}`);
    },
  };
}

const INSUFFICIENT_PRIVILEGE = "42501";

async function asReplica(client: pg.Client, loaded: LoadedWork): Promise<HeldTriggers> {
  // Tried, because only PostgreSQL 15 and later can be asked.
  await client.query("savepoint replica");
  try {
    await client.query("set local session_replication_role = replica");
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new TriggersFire(
      `The triggers of ${loaded.facts.table} would fire: rewind as its owner, or as a role that may set session_replication_role (rds_superuser may).`,
    );
  }
  await client.query("rollback to savepoint replica");
  return {
    async during(work) {
      await client.query("set local session_replication_role = replica");
      const done = await work();
      await client.query("set local session_replication_role = origin");
      return done;
    },
    release: () => checkParents(client, loaded),
  };
}

/** What the foreign keys' own triggers would have refused. */
async function checkParents(client: pg.Client, { facts, todo }: LoadedWork): Promise<void> {
  const own = facts.key.map((name) => `k.${ident(name)} = t.${ident(name)}`).join(" and ");
  for (const { name, columns, to, toColumns } of facts.foreignKeys) {
    const refers = columns.map((column, at) => `p.${ident(toColumns[at] ?? "")} = t.${ident(column)}`).join(" and ");
    const complete = columns.map((column) => `t.${ident(column)} is not null`).join(" and ");
    const touched = `${tableSql(facts)} t where ${complete} and exists (select from ${todo} k where ${own} and k.state = 'apply')`;
    // Held until the commit, as a foreign key's check holds it.
    await client.query(`select from ${tableSql({ table: to })} p where exists (select from ${touched} and ${refers}) for key share`);
    const { rowCount } = await client.query(
      `select from ${touched} and not exists (select from ${tableSql({ table: to })} p where ${refers}) limit 1`,
    );
    if (rowCount !== 0) throw new ParentMissing(`${name} of ${facts.table}: a row that comes back refers to one that is not there.`);
  }
}

export class ParentMissing extends Error {
  override readonly name = "ParentMissing";
}
