/** Statements that change rows, wherever they stand: alone, in a common table expression, in a function's body. */
import { isAlwaysTrue } from "./always-true.ts";
import type { FileFacts } from "./file-facts.ts";
import { finding } from "./findings.ts";
import { child, childOf, isNode, type Json, list, type Node, names, relationName, text, unwrap } from "./node.ts";
import type { Finding } from "./verdict.ts";

export function judgeDelete(node: Node, facts: FileFacts): Finding[] {
  const table = relationName(child(node, "relation"));
  if (facts.isNewTable(table)) return [];
  // With USING, a condition that always holds still deletes only what the other table reaches, but it may reach everything.
  return [finding(isAlwaysTrue(node.whereClause) ? "delete-all" : "delete-some", table)];
}

export function judgeUpdate(node: Node, facts: FileFacts): Finding[] {
  const table = relationName(child(node, "relation"));
  if (facts.isNewTable(table)) return [];
  const empty = columnsKnownEmpty(node.whereClause);
  const overwritten = assignments(node).filter(
    ({ column, value }) => !(facts.isNewColumn(table, column) || empty.has(column) || keepsValue(column, value)),
  );
  const named = (each: readonly { readonly column: string }[]) => each.map(({ column }) => `${table}.${column}`).join(", ");
  if (overwritten.length === 0) return [finding("backfill", named(assignments(node)))];
  return [finding(isAlwaysTrue(node.whereClause) ? "update-all" : "update-some", named(overwritten))];
}

export function judgeInsert(node: Node, facts: FileFacts): Finding[] {
  const table = relationName(child(node, "relation"));
  if (table === "holdfast_guard.overrides") return [finding("guard-override")];
  if (text(child(node, "onConflictClause"), "action") !== "ONCONFLICT_UPDATE" || facts.isNewTable(table)) return [];
  return [finding("overwrite-on-conflict", table)];
}

export function judgeMerge(node: Node, facts: FileFacts): Finding[] {
  const table = relationName(child(node, "relation"));
  if (facts.isNewTable(table)) return [];
  const does = new Set(
    list(node, "mergeWhenClauses").map((each) => text(child(isNode(each) ? each : undefined, "MergeWhenClause"), "commandType")),
  );
  return [
    ...(does.has("CMD_DELETE") ? [finding("merge-delete", table)] : []),
    ...(does.has("CMD_UPDATE") ? [finding("merge-update", table)] : []),
  ];
}

export function judgeTruncate(node: Node, facts: FileFacts): Finding[] {
  const tables = list(node, "relations").map((each) => relationName(child(isNode(each) ? each : undefined, "RangeVar")));
  const old = tables.filter((table) => !facts.isNewTable(table));
  return old.length === 0 ? [] : [finding("truncate", old.join(", "))];
}

interface Assignment {
  readonly column: string;
  readonly value: Json | undefined;
}

function assignments(node: Node): readonly Assignment[] {
  return list(node, "targetList").flatMap((each) => {
    const target = child(isNode(each) ? each : undefined, "ResTarget");
    return target === undefined ? [] : [{ column: text(target, "name"), value: target.val }];
  });
}

/** `COALESCE(column, …)`: what is there stays. */
function keepsValue(column: string, value: Json | undefined): boolean {
  const found = unwrap(value);
  return found?.kind === "CoalesceExpr" && columnName(list(found.node, "args")[0]) === column;
}

/** Columns that the condition requires to be null: filling them overwrites nothing. */
function columnsKnownEmpty(condition: Json | undefined): ReadonlySet<string> {
  const found = unwrap(condition);
  if (found?.kind === "NullTest" && text(found.node, "nulltesttype") === "IS_NULL") return new Set([columnName(found.node.arg) ?? ""]);
  if (found?.kind !== "BoolExpr" || text(found.node, "boolop") !== "AND_EXPR") return new Set();
  return new Set(list(found.node, "args").flatMap((each) => [...columnsKnownEmpty(each)]));
}

function columnName(value: Json | undefined): string | null {
  return names(list(childOf({ value: value ?? null }, "value", "ColumnRef"), "fields")).at(-1) ?? null;
}
