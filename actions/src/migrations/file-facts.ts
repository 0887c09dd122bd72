import { child, childOf, isNode, type Json, list, type Node, names, relationName, text, unwrap } from "./node.ts";
import type { Statement } from "./read-statements.ts";

/**
 * What a file says of itself elsewhere that makes a statement harmless: a table made earlier in the same file holds nothing of anybody's, a
 * column added in it holds nothing old, and what is dropped only to be made again under the same name is not lost.
 */
export interface FileFacts {
  isNewTable(name: string): boolean;
  isNewColumn(table: string, column: string): boolean;
  /** A trigger, constraint, index, view, policy or function of this name is made later in the file, or by the statement itself. */
  isMadeAgain(name: string): boolean;
  /** A function that the file makes, wherever in it. */
  bodyOf(name: string): Node | undefined;
  /** Whether a function of this name is what is looked into: it may call itself. */
  isInside(name: string): boolean;
  /** The same facts from within a function's body. */
  within(name: string): FileFacts;
  /** Goes on behind the next statement. */
  pass(): void;
}

/** Stands before the first statement. */
export function openFacts(statements: readonly Statement[]): FileFacts {
  const tables = new Set<string>();
  const columns = new Set<string>();
  const trees = statements.map(({ tree }) => unwrap(tree ?? undefined));
  const made = trees.map((found) => (found === null ? [] : madeBy(found.kind, found.node).map(unqualified)));
  const bodies = new Map(
    trees.flatMap((found) => (found?.kind === "CreateFunctionStmt" ? [[unqualified(functionName(found.node)), found.node] as const] : [])),
  );
  let at = 0;
  const remember = ({ kind, node }: { readonly kind: string; readonly node: Node }): void => {
    // IF NOT EXISTS may find a table with rows in it.
    if (kind === "CreateStmt" && node.if_not_exists !== true) tables.add(relationName(child(node, "relation")));
    if (kind === "CreateTableAsStmt" && node.if_not_exists !== true) tables.add(relationName(child(child(node, "into"), "rel")));
    if (kind === "AlterTableStmt")
      for (const column of addedColumns(node)) columns.add(`${relationName(child(node, "relation"))} ${column}`);
    if (kind === "RenameStmt" && text(node, "renameType") === "OBJECT_TABLE") {
      const wasNew = tables.delete(relationName(child(node, "relation")));
      if (wasNew) tables.add(text(node, "newname"));
      else tables.delete(text(node, "newname"));
    }
  };
  const within = (outer: FileFacts, name: string): FileFacts => {
    const inner: FileFacts = {
      ...outer,
      isInside: (each) => unqualified(each) === unqualified(name) || outer.isInside(each),
      within: (next) => within(inner, next),
    };
    return inner;
  };
  const facts: FileFacts = {
    isNewTable: (name) => tables.has(name),
    isNewColumn: (table, column) => columns.has(`${table} ${column}`),
    isMadeAgain: (name) => made.slice(at).some((each) => each.includes(unqualified(name))),
    bodyOf: (name) => bodies.get(unqualified(name)),
    isInside: () => false,
    within: (name) => within(facts, name),
    pass() {
      const found = trees[at];
      if (found) remember(found);
      at += 1;
    },
  };
  return facts;
}

export function functionName(node: Node): string {
  return names(list(node, "funcname")).join(".");
}

function madeBy(kind: string, node: Node): readonly string[] {
  if (kind === "CreateTrigStmt") return [text(node, "trigname")];
  if (kind === "CreatePolicyStmt") return [text(node, "policy_name")];
  if (kind === "IndexStmt") return [text(node, "idxname")];
  if (kind === "ViewStmt") return [text(child(node, "view"), "relname")];
  if (kind === "CreateFunctionStmt") return [functionName(node)];
  if (kind === "AlterTableStmt") return list(node, "cmds").flatMap(addedConstraint);
  return [];
}

function addedConstraint(command: Json): readonly string[] {
  const alter = child(isNode(command) ? command : undefined, "AlterTableCmd");
  if (text(alter, "subtype") !== "AT_AddConstraint") return [];
  return [text(childOf(alter, "def", "Constraint"), "conname")];
}

function addedColumns(node: Node): readonly string[] {
  return list(node, "cmds").flatMap((command) => {
    const alter = child(isNode(command) ? command : undefined, "AlterTableCmd");
    return text(alter, "subtype") === "AT_AddColumn" && alter?.missing_ok !== true
      ? [text(childOf(alter, "def", "ColumnDef"), "colname")]
      : [];
  });
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
