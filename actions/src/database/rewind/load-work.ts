/** Brings to the live database, into temporary tables, what a table's work needs: which rows, what they were, and what the damage left. */
import type { TableFacts } from "../../recovery/rewind/judge-table.ts";
import type { TableWork } from "../../recovery/rewind/work-list.ts";
import { moveRows, sendRows } from "./move-rows.ts";
import type { RewindImage, RewindImages } from "./open-image.ts";
import { comparedColumns, ident, keyMatches, list, tableSql } from "./row-sql.ts";

/** Names of temporary tables in the live database. */
export interface LoadedWork {
  readonly facts: TableFacts;
  readonly work: TableWork;
  /** A row of work: the key as the table has it, `g` its group, `version`, `state`. */
  readonly todo: string;
  /** Rows as they were in A, and as the damage left them in B. */
  readonly old: string;
  readonly damaged: string;
}

export async function loadWork(images: RewindImages, facts: TableFacts, work: TableWork, number: number): Promise<LoadedWork> {
  const live = images.live.client;
  const [todo, old, damaged] = ["todo", "old", "damaged"].map((what) => `rewind_${what}_${number}`);
  if (todo === undefined || old === undefined || damaged === undefined) throw new TypeError("three names make three tables");
  const columns = list(comparedColumns(facts).map(({ name }) => name));
  await live.query(`drop table if exists ${[todo, old, damaged].map((name) => `pg_temp.${name}`).join(", ")}`);
  await live.query(
    `create temporary table ${todo} as select ${list(facts.key)}, 0 as g, ''::text as version, ''::text as state from ${tableSql(facts)} with no data`,
  );
  await live.query(`create temporary table ${old} as select ${columns} from ${tableSql(facts)} with no data`);
  await live.query(`create temporary table ${damaged} as select ${columns} from ${tableSql(facts)} with no data`);
  await sendRows(
    live,
    `pg_temp.${todo}`,
    work.groups.flatMap(({ rows }, at) => rows.map(({ key, version }) => [...key, String(at), version, "open"])),
  );
  const keysOf = (wanted: (group: TableWork["groups"][number]) => boolean) =>
    new Map(work.groups.filter(wanted).flatMap(({ rows }) => rows.map(({ key }) => [JSON.stringify(key), key]))).values();
  await fetchRows(
    images.before,
    facts,
    keysOf(({ kind }) => kind !== "remove"),
    images.live,
    old,
  );
  await fetchRows(
    images.after,
    facts,
    keysOf(({ kind }) => kind === "change"),
    images.live,
    damaged,
  );
  for (const name of [todo, old, damaged]) await live.query(`create index on pg_temp.${name} (${list(facts.key)})`);
  for (const name of [todo, old, damaged]) await live.query(`analyze pg_temp.${name}`);
  return { facts, work, todo: `pg_temp.${todo}`, old: `pg_temp.${old}`, damaged: `pg_temp.${damaged}` };
}

async function fetchRows(
  { client }: RewindImage,
  facts: TableFacts,
  keys: Iterable<readonly string[]>,
  live: RewindImage,
  into: string,
): Promise<void> {
  await client.query("drop table if exists pg_temp.rewind_keys");
  await client.query(`create temporary table rewind_keys (${facts.key.map((_, at) => `k${at + 1} text`).join(", ")})`);
  await sendRows(client, "pg_temp.rewind_keys", keys);
  await client.query("analyze pg_temp.rewind_keys");
  const columns = list(
    comparedColumns(facts).map(({ name }) => name),
    "t.",
  );
  await moveRows(
    client,
    `select ${columns} from pg_temp.rewind_keys k join ${tableSql(facts)} t on ${keyMatches(facts, "t")}`,
    live.client,
    `pg_temp.${ident(into)}`,
  );
}
