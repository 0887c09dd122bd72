/**
 * What stands in the way of rows that are to come back to the live database: a unique value that another row has by now, a row referred to that
 * is gone. Found before anything is promised. Only temporary tables are written; values go there by COPY and nowhere else.
 */
import type pg from "pg";
import type { ForeignKeyFacts, TableFacts, UniqueFacts } from "../../recovery/rewind/judge-table.ts";
import type { Key, SetAsideKind } from "../../recovery/rewind/plan.ts";
import { moveRows, sendRows } from "./move-rows.ts";
import type { RewindImages } from "./open-image.ts";
import { comparedColumns, ident, keyArrays, keyMatches, keysParameter, list, tableSql } from "./row-sql.ts";

/** A row of A that is wanted back: whole (`columns` null), or in some columns. */
export interface Wanted {
  readonly key: Key;
  readonly columns: readonly string[] | null;
}

export interface Obstacle {
  readonly key: Key;
  readonly kind: Extract<SetAsideKind, "unique-value-taken" | "parent-gone">;
}

/** Has to be asked table by table in the order of insertion, so that rows which come back themselves count as there. */
export class ObstacleFinder {
  readonly #images: Pick<RewindImages, "before" | "live">;
  /** The temporary table of each table that was asked about, by `schema.table`. */
  readonly #coming = new Map<string, string>();

  constructor(images: Pick<RewindImages, "before" | "live">) {
    this.#images = images;
  }

  async find(facts: TableFacts, wanted: readonly Wanted[]): Promise<readonly Obstacle[]> {
    const groups = groupsOf(facts, wanted);
    if (groups.length === 0) return [];
    const live = this.#images.live.client;
    const temporary = await this.#load(facts, groups);
    const found: Obstacle[] = [];
    const remove = async (kind: Obstacle["kind"], condition: string): Promise<number> => {
      const { rows } = await live.query<Record<string, string>>(
        `delete from ${temporary} s where ${condition} returning ${facts.key.map((name, at) => `s.${ident(name)}::text as k${at + 1}`).join(", ")}`,
      );
      found.push(...rows.map((row) => ({ key: facts.key.map((_, at) => row[`k${at + 1}`] ?? ""), kind })));
      return rows.length;
    };
    for (const unique of facts.uniques) {
      const groupsWithIt = touching(groups, unique.columns);
      if (groupsWithIt !== null) await remove("unique-value-taken", uniqueTaken(facts, unique, temporary, groupsWithIt));
    }
    // Taking one away may leave another without the row that it refers to.
    for (let removed = 1; removed > 0; ) {
      removed = 0;
      for (const foreignKey of facts.foreignKeys) {
        const groupsWithIt = touching(groups, foreignKey.columns);
        if (groupsWithIt !== null)
          removed += await remove("parent-gone", parentGone(foreignKey, this.#coming.get(foreignKey.to) ?? null, groupsWithIt));
      }
    }
    return found;
  }

  async #load(facts: TableFacts, groups: readonly Group[]): Promise<string> {
    const { before, live } = this.#images;
    const name = `pg_temp.${ident(`rewind_coming_${this.#coming.size + 1}`)}`;
    const columns = comparedColumns(facts).map((column) => column.name);
    await before.client.query(
      `create temporary table if not exists rewind_wanted (${facts.key.map((_, at) => `k${at + 1} text`).join(", ")}, g text)`,
    );
    await sendRows(
      before.client,
      "pg_temp.rewind_wanted",
      groups.flatMap(({ keys }, at) => keys.map((key) => [...key, String(at)])),
    );
    await live.client.query(
      `create temporary table ${name.slice("pg_temp.".length)} as select ${list(columns)}, ''::text as rewind_group from ${tableSql(facts)} with no data`,
    );
    await moveRows(
      before.client,
      `select ${list(columns, "t.")}, k.g from pg_temp.rewind_wanted k join ${tableSql(facts)} t on ${keyMatches(facts, "t")}`,
      live.client,
      name,
    );
    await before.client.query("drop table pg_temp.rewind_wanted");
    await live.client.query(`analyze ${name}`);
    this.#coming.set(facts.table, name);
    return name;
  }
}

/** Rows wanted in the same columns. */
interface Group {
  readonly columns: readonly string[] | null;
  readonly keys: readonly Key[];
}

/** Only those that anything could stand in the way of. */
function groupsOf(facts: TableFacts, wanted: readonly Wanted[]): readonly Group[] {
  const bound = new Set([...facts.uniques, ...facts.foreignKeys].flatMap(({ columns }) => columns));
  const groups = new Map<string, { columns: readonly string[] | null; keys: Key[] }>();
  for (const { key, columns } of wanted) {
    if (columns !== null && !columns.some((column) => bound.has(column))) continue;
    const name = JSON.stringify(columns);
    const group = groups.get(name) ?? { columns, keys: [] };
    group.keys.push(key);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/** SQL that selects the rows of `s` in which one of the columns comes back; null where none does. */
function touching(groups: readonly Group[], columns: readonly string[]): string | null {
  const numbers = groups.flatMap((group, at) =>
    group.columns === null || group.columns.some((column) => columns.includes(column)) ? [`'${at}'`] : [],
  );
  return numbers.length === 0 ? null : `s.rewind_group in (${numbers.join(", ")})`;
}

function uniqueTaken(facts: TableFacts, { parts, where }: UniqueFacts, temporary: string, groups: string): string {
  const select = (from: string) =>
    `select ${list(facts.key)}, ${parts.map((part, at) => `(${part}) as rewind_p${at + 1}`).join(", ")} from ${from}${where === null ? "" : ` where ${where}`}`;
  const key = (alias: string) => `row(${list(facts.key, `${alias}.`)})`;
  return `${groups} and ${key("s")} in (select ${list(facts.key, "mine.")} from (${select(temporary)}) mine join (${select(tableSql(facts))}) theirs
    on ${parts.map((_, at) => `mine.rewind_p${at + 1} = theirs.rewind_p${at + 1}`).join(" and ")} where ${key("mine")} is distinct from ${key("theirs")})`;
}

function parentGone({ columns, to, toColumns }: ForeignKeyFacts, coming: string | null, groups: string): string {
  const refers = (alias: string) =>
    columns.map((column, at) => `${alias}.${ident(toColumns[at] ?? "")} = s.${ident(column)}`).join(" and ");
  const complete = columns.map((column) => `s.${ident(column)} is not null`).join(" and ");
  const back = coming === null ? "" : ` and not exists (select from ${coming} q where ${refers("q")})`;
  return `${groups} and ${complete} and not exists (select from ${tableSql({ table: to })} p where ${refers("p")})${back}`;
}

/** Which of these live rows other rows refer to. */
export async function referredTo(live: pg.Client, facts: TableFacts, keys: readonly Key[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  if (keys.length === 0) return found;
  for (const { to, columns, toColumns } of facts.referredToBy) {
    const refers = columns.map((column, at) => `c.${ident(column)} = t.${ident(toColumns[at] ?? "")}`).join(" and ");
    const { rows } = await live.query<Record<string, string>>(
      `select ${facts.key.map((_, at) => `k.k${at + 1}`).join(", ")} from ${keysParameter(facts)} join ${tableSql(facts)} t on ${keyMatches(facts, "t")}
       where exists (select from ${tableSql({ table: to })} c where ${refers})`,
      [...keyArrays(facts, keys)],
    );
    for (const row of rows) found.add(JSON.stringify(facts.key.map((_, at) => row[`k${at + 1}`])));
  }
  return found;
}
