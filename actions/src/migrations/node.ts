/**
 * PostgreSQL's parse tree as libpg-query gives it: JSON in which a capitalised key names the kind of the node below it. Read through these few
 * functions, because the tree is wide and what a judge needs of it is narrow.
 */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Node = { readonly [key: string]: Json };

export function isNode(value: Json | undefined): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The kind and the content of a wrapped node, `{"DeleteStmt": {…}}`; null for anything else. */
export function unwrap(value: Json | undefined): { readonly kind: string; readonly node: Node } | null {
  if (!isNode(value)) return null;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return null;
  const [kind, node] = entry;
  return /^[A-Z]/.test(kind) && isNode(node) ? { kind, node } : null;
}

export function child(node: Node | undefined, key: string): Node | undefined {
  const value = node?.[key];
  return isNode(value) ? value : undefined;
}

/** The content of the wrapped node at `key` when it is of that kind. */
export function childOf(node: Node | undefined, key: string, kind: string): Node | undefined {
  return child(child(node, key), kind);
}

export function list(node: Node | undefined, key: string): readonly Json[] {
  const value = node?.[key];
  return Array.isArray(value) ? value : [];
}

export function text(node: Node | undefined, key: string): string {
  const value = node?.[key];
  return typeof value === "string" ? value : "";
}

/** Every node of the tree with its kind, outermost first; `enter` may keep the walk out of a node. */
export function walk(
  value: Json | undefined,
  visit: (kind: string, node: Node) => void,
  enter: (kind: string) => boolean = () => true,
): void {
  if (Array.isArray(value)) {
    for (const each of value) walk(each, visit, enter);
    return;
  }
  if (!isNode(value)) return;
  for (const [key, below] of Object.entries(value)) {
    const kind = /^[A-Z]/.test(key) && isNode(below) ? key : null;
    if (kind !== null && isNode(below)) visit(kind, below);
    if (kind === null || enter(kind)) walk(below, visit, enter);
  }
}

/** The parts of a list of `String` nodes: a qualified name, an operator. */
export function names(values: readonly Json[]): readonly string[] {
  return values.flatMap((value) => {
    const name = child(isNode(value) ? value : undefined, "String");
    return name === undefined ? [] : [text(name, "sval")];
  });
}

/** A table as it is written, schema first where there is one. */
export function relationName(node: Node | undefined): string {
  return [text(node, "schemaname"), text(node, "relname")].filter((part) => part !== "").join(".");
}

/** A constant's value; undefined where it is none. */
export function constant(value: Json | undefined): string | number | boolean | null | undefined {
  const node = child(isNode(value) ? value : undefined, "A_Const");
  if (node === undefined) return undefined;
  if (node.isnull === true) return null;
  const [kind, holder] = Object.entries(node).find(([key]) => key.endsWith("val")) ?? [];
  if (!isNode(holder)) return undefined;
  // The tree leaves out what is zero, false or empty.
  if (kind === "ival") return typeof holder.ival === "number" ? holder.ival : 0;
  if (kind === "fval") return Number(text(holder, "fval"));
  if (kind === "boolval") return holder.boolval === true;
  return text(holder, "sval");
}
