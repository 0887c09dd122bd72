/**
 * The one transaction's work in the live database: lock, look again, write only what still is as the plan or an answer says, and prove it before
 * the commit. Runs inside the caller's transaction.
 */
import type pg from "pg";
import type { LeftRow } from "../../recovery/rewind/outcome.ts";
import type { WorkGroup, WorkKind } from "../../recovery/rewind/work-list.ts";
import type { LoadedWork } from "./load-work.ts";
import { comparedColumns, ident, list, tableSql } from "./row-sql.ts";

const same = (loaded: LoadedWork, one: string, other: string) =>
  loaded.facts.key.map((name) => `${one}.${ident(name)} = ${other}.${ident(name)}`).join(" and ");

/** As text, because that is what the images were compared by. */
const equalCells = (columns: readonly string[], one: string, other: string) =>
  columns.map((name) => `${one}.${ident(name)}::text is not distinct from ${other}.${ident(name)}::text`).join(" and ") || "true";

const allColumns = ({ facts }: LoadedWork) => comparedColumns(facts).map(({ name }) => name);

/** In the order of the key, so that two rewinds cannot lock each other out; rows that only refer to these may be written meanwhile, unless some are to go. */
export async function lockRows(client: pg.Client, loaded: LoadedWork): Promise<void> {
  const { facts, todo } = loaded;
  await client.query(
    `select from ${tableSql(facts)} t where exists (select from ${todo} k where ${same(loaded, "k", "t")}) order by ${list(facts.key, "t.")} for ${has(loaded, "remove") ? "update" : "no key update"}`,
  );
}

/** Sets each row's state: `apply`, `already`, `changed`, `gone`. Nothing has been written yet when this runs, so versions are those of others. */
export async function judgeUnderLock(client: pg.Client, loaded: LoadedWork): Promise<void> {
  const { facts, todo, old, damaged, work } = loaded;
  for (const [at, group] of work.groups.entries()) {
    await client.query(
      `update ${todo} k set state = case ${stateSql(loaded, group)} end
       from ${todo} w left join ${tableSql(facts)} t on ${same(loaded, "t", "w")} left join ${old} o on ${same(loaded, "o", "w")} left join ${damaged} d on ${same(loaded, "d", "w")}
       where w.g = ${at} and k.ctid = w.ctid`,
    );
  }
}

function stateSql(loaded: LoadedWork, { kind, columns }: WorkGroup): string {
  const key = loaded.facts.key[0] ?? "";
  const absent = (alias: string) => `${alias}.${ident(key)} is null`;
  switch (kind) {
    case "change": {
      const oneByOne = columns.map((name) => `(${equalCells([name], "t", "d")} or ${equalCells([name], "t", "o")})`).join(" and ");
      return `when ${absent("t")} then 'gone' when ${absent("o")} then 'changed' when ${equalCells(columns, "t", "o")} then 'already'
        when w.version is not null and t.xmin::text = w.version then 'apply'
        when w.version is null and not ${absent("d")} and ${oneByOne} then 'apply' else 'changed'`;
    }
    case "return":
      return `when ${absent("o")} then 'changed' when ${absent("t")} then 'apply' when ${equalCells(allColumns(loaded), "t", "o")} then 'already' else 'changed'`;
    case "remove":
      return `when ${absent("t")} then 'already' when t.xmin::text = w.version and not ${referred(loaded)} then 'apply' else 'changed'`;
  }
}

/** ON DELETE CASCADE would take rows along that nobody decided about. */
function referred({ facts }: LoadedWork): string {
  const children = facts.referredToBy.map(
    ({ to, columns, toColumns }) =>
      `exists (select from ${tableSql({ table: to })} c where ${columns.map((column, at) => `c.${ident(column)} = t.${ident(toColumns[at] ?? "")}`).join(" and ")})`,
  );
  return children.length === 0 ? "false" : `(${children.join(" or ")})`;
}

export async function countOpen(client: pg.Client, { todo }: LoadedWork): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${todo} where state = 'apply'`);
  return rows[0]?.n ?? 0;
}

export async function insertRows(client: pg.Client, loaded: LoadedWork): Promise<number> {
  const { facts, todo, old } = loaded;
  if (!has(loaded, "return")) return 0;
  // A key or unique value that somebody took a moment ago leaves that row out instead of losing the whole.
  const { rowCount } = await client.query(
    `insert into ${tableSql(facts)} (${list(allColumns(loaded))}) overriding system value
     select ${list(allColumns(loaded), "o.")} from ${todo} k join ${old} o on ${same(loaded, "o", "k")} where k.state = 'apply' and ${groupIs(loaded, "return")}
     on conflict do nothing`,
  );
  const inserted = rowCount ?? 0;
  await client.query(
    `update ${todo} k set state = 'changed' where k.state = 'apply' and ${groupIs(loaded, "return")}
     and not exists (select from ${tableSql(facts)} t where ${same(loaded, "t", "k")} and t.xmin = pg_current_xact_id()::xid)`,
  );
  return inserted;
}

export async function updateRows(client: pg.Client, loaded: LoadedWork): Promise<number> {
  const { facts, todo, old, work } = loaded;
  const changed = new Set<string>();
  for (const [at, { kind, columns }] of work.groups.entries()) {
    if (kind !== "change" || columns.length === 0) continue;
    const { rows } = await client.query<Record<string, string>>(
      `update ${tableSql(facts)} t set ${columns.map((name) => `${ident(name)} = o.${ident(name)}`).join(", ")}
       from ${todo} k join ${old} o on ${same(loaded, "o", "k")} where k.g = ${at} and k.state = 'apply' and ${same(loaded, "t", "k")}
       returning ${facts.key.map((name, n) => `t.${ident(name)}::text as k${n + 1}`).join(", ")}`,
    );
    // A row may be in several groups, some columns planned and some answered.
    for (const row of rows) changed.add(JSON.stringify(Object.values(row)));
  }
  return changed.size;
}

export async function deleteRows(client: pg.Client, loaded: LoadedWork): Promise<number> {
  const { facts, todo } = loaded;
  if (!has(loaded, "remove")) return 0;
  const { rowCount } = await client.query(
    `delete from ${tableSql(facts)} t using ${todo} k where ${same(loaded, "t", "k")} and k.state = 'apply' and ${groupIs(loaded, "remove")}`,
  );
  return rowCount ?? 0;
}

/** Rows that were to be brought back or removed and are not as they should be. */
export async function countWrong(client: pg.Client, loaded: LoadedWork): Promise<number> {
  const { facts, todo, old, work } = loaded;
  let wrong = 0;
  for (const [at, { kind, columns }] of work.groups.entries()) {
    const compared = kind === "change" ? columns : allColumns(loaded);
    const right =
      kind === "remove"
        ? `t.${ident(facts.key[0] ?? "")} is null`
        : `t.${ident(facts.key[0] ?? "")} is not null and ${equalCells(compared, "t", "o")}`;
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from ${todo} k left join ${tableSql(facts)} t on ${same(loaded, "t", "k")} left join ${old} o on ${same(loaded, "o", "k")}
       where k.g = ${at} and k.state = 'apply' and not (${right})`,
    );
    wrong += rows[0]?.n ?? 0;
  }
  return wrong;
}

/**
 * Only ever forwards: a sequence that fell behind the rows which came back, as after a restart, would hand out their keys again. Where the role
 * may not touch it, it stays: keys that came back were once handed out by it.
 */
export async function advanceSequences(client: pg.Client, { facts }: LoadedWork): Promise<void> {
  for (const { name, sequence } of facts.columns) {
    if (sequence === null) continue;
    await client.query(
      `select setval(s.seqrelid::regclass, m.most) from pg_sequence s, lateral (select max(${ident(name)})::bigint as most from ${tableSql(facts)}) m
       where s.seqrelid = $1::oid and s.seqincrement > 0 and has_sequence_privilege(s.seqrelid, 'usage') and has_sequence_privilege(s.seqrelid, 'update') and m.most > coalesce(pg_sequence_last_value(s.seqrelid::regclass), s.seqstart - 1)`,
      [sequence],
    );
  }
}

export async function leftRows(client: pg.Client, { facts, todo }: LoadedWork): Promise<readonly LeftRow[]> {
  const { rows } = await client.query<Record<string, string>>(
    `select ${facts.key.map((name, at) => `k.${ident(name)}::text as k${at + 1}`).join(", ")}, k.state from ${todo} k where k.state in ('changed', 'gone') order by ${list(facts.key, "k.")}`,
  );
  return rows.map((row) => ({
    table: facts.table,
    key: facts.key.map((_, at) => row[`k${at + 1}`] ?? ""),
    why: row.state === "gone" ? "gone" : "changed",
  }));
}

export async function countAlready(client: pg.Client, { todo }: LoadedWork): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${todo} where state = 'already'`);
  return rows[0]?.n ?? 0;
}

const has = ({ work }: LoadedWork, wanted: WorkKind) => work.groups.some(({ kind }) => kind === wanted);

function groupIs({ work }: LoadedWork, wanted: WorkKind): string {
  return `k.g in (${work.groups.flatMap(({ kind }, at) => (kind === wanted ? [at] : [])).join(", ") || "-1"})`;
}
