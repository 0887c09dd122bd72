/** What applying a plan has to do in each table, its answers included, and under which condition for each row. Pure. */
import type { Key, PlannedTable, RewindPlan } from "./plan.ts";

export type WorkKind = "change" | "return" | "remove";

/** Rows that are treated alike. */
export interface WorkGroup {
  readonly kind: WorkKind;
  /** The columns that come back; empty where the whole row does, or goes. */
  readonly columns: readonly string[];
  readonly rows: readonly WorkRow[];
}

export interface WorkRow {
  readonly key: Key;
  /** The writer of the live row that an answer was given for; null where the row must still hold what the damage left, or must not exist. */
  readonly version: string | null;
}

export interface TableWork {
  readonly table: PlannedTable;
  readonly groups: readonly WorkGroup[];
}

export function workOf(plan: RewindPlan): readonly TableWork[] {
  const answered = new Map(plan.answers.map(({ question, choice }) => [question, choice]));
  return plan.tables.map((table) => {
    const groups = new Map<string, { kind: WorkKind; columns: readonly string[]; rows: WorkRow[] }>();
    const add = (kind: WorkKind, columns: readonly string[], row: WorkRow): void => {
      const name = JSON.stringify([kind, columns]);
      const group = groups.get(name) ?? { kind, columns, rows: [] };
      group.rows.push(row);
      groups.set(name, group);
    };
    for (const { columns, keys } of table.changes) for (const key of keys) add("change", columns, { key, version: null });
    for (const key of table.deleted) add("return", [], { key, version: null });
    for (const question of plan.questions) {
      if (question.table !== table.table || answered.get(question.id) !== "bring-back") continue;
      const { kind, key, columns, version } = question;
      if (kind === "added-by-damage") add("remove", [], { key, version });
      else if (kind === "unclear-deletion") add("return", [], { key, version: null });
      // The key itself is the same: only the rest of the row can be brought back into the row that has it now.
      else
        add(
          "change",
          columns.filter((column) => !table.keyColumns.includes(column)),
          { key, version },
        );
    }
    return { table, groups: [...groups.values()] };
  });
}
