import type pg from "pg";
import type { AppLog } from "./app-log.ts";
import { only } from "./database.ts";

/** The two revisions that the demo's migrations go back and forth between; they leave every row as it is. */
const revisions = {
  "4b7d1c9e2a60": { says: "index orders by status", sql: "create index orders_by_status on orders (status)" },
  "9f03e5ab7714": { says: "drop the index on status", sql: "drop index if exists orders_by_status" },
} as const;

/** Runs the next one as Alembic does, and prints what Alembic prints: no time, no zone, before anything is done. */
export async function migrate(client: pg.Client, log: AppLog): Promise<string> {
  await client.query("create table if not exists alembic_version (version_num varchar(32) not null primary key)");
  const { at } = only(await client.query<{ at: string | null }>("select max(version_num) as at from alembic_version"));
  const next = at === "4b7d1c9e2a60" ? "9f03e5ab7714" : "4b7d1c9e2a60";
  const { says, sql } = revisions[next];
  log.plain("INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.");
  log.plain("INFO  [alembic.runtime.migration] Will assume transactional DDL.");
  log.plain(`INFO  [alembic.runtime.migration] Running upgrade ${at ?? ""} -> ${next}, ${says}`);
  await client.query("begin");
  await client.query(sql);
  if (at === null) await client.query(`insert into alembic_version (version_num) values ('${next}')`);
  else await client.query(`update alembic_version set version_num = '${next}' where alembic_version.version_num = '${at}'`);
  await client.query("commit");
  return `Ran migration ${next}: ${says}.`;
}
