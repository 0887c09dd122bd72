import { child, constant, isNode, type Json, list, type Node, names, text, unwrap } from "./node.ts";

/**
 * Whether a condition holds for every row, as far as the text alone shows: no condition, `true`, `1 = 1`, `id = id`, `name LIKE '%'`, and what
 * AND, OR and NOT make of those. Anything else is a filter.
 */
export function isAlwaysTrue(condition: Json | undefined): boolean {
  return condition === undefined || truthOf(condition) === true;
}

/** True, false, or undefined where it depends on the row. */
function truthOf(condition: Json | undefined): boolean | undefined {
  const value = constant(condition);
  if (typeof value === "boolean") return value;
  const found = unwrap(condition);
  if (found === null) return undefined;
  const { kind, node } = found;
  if (kind === "TypeCast") return truthOfText(constant(node.arg));
  if (kind === "BoolExpr") return truthOfBoolean(text(node, "boolop"), list(node, "args").map(truthOf));
  if (kind === "BooleanTest") return truthOfTest(text(node, "booltesttype"), truthOf(node.arg));
  if (kind === "NullTest") return truthOfNullTest(node);
  if (kind === "A_Expr") return truthOfComparison(node);
  return undefined;
}

function truthOfText(value: ReturnType<typeof constant>): boolean | undefined {
  if (typeof value !== "string") return typeof value === "boolean" ? value : undefined;
  if (/^(t|true|y|yes|on|1)$/i.test(value.trim())) return true;
  return /^(f|false|n|no|off|0)$/i.test(value.trim()) ? false : undefined;
}

function truthOfBoolean(operator: string, parts: readonly (boolean | undefined)[]): boolean | undefined {
  if (operator === "NOT_EXPR") return parts[0] === undefined ? undefined : !parts[0];
  const deciding = operator === "OR_EXPR";
  if (parts.includes(deciding)) return deciding;
  return parts.every((part) => part === !deciding) ? !deciding : undefined;
}

function truthOfTest(test: string, value: boolean | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (test === "IS_TRUE" || test === "IS_NOT_FALSE") return value;
  return test === "IS_FALSE" || test === "IS_NOT_TRUE" ? !value : undefined;
}

function truthOfNullTest(node: Node): boolean | undefined {
  const value = constant(node.arg);
  if (value === undefined) return undefined;
  return (value === null) === (text(node, "nulltesttype") === "IS_NULL");
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

function truthOfComparison(node: Node): boolean | undefined {
  const kind = text(node, "kind");
  const [operator = ""] = names(list(node, "name"));
  if (kind === "AEXPR_LIKE" || kind === "AEXPR_ILIKE")
    return /^~~\*?$/.test(operator) && /^%+$/.test(String(constant(node.rexpr) ?? "")) ? true : undefined;
  if (kind === "AEXPR_IN")
    return listOf(node.rexpr).some((each) => equalConstants(node.lexpr, each)) && operator === "=" ? true : undefined;
  const compare = COMPARISONS[operator];
  if (kind !== "AEXPR_OP" || compare === undefined) return undefined;
  const [left, right] = [constant(node.lexpr), constant(node.rexpr)];
  if (left !== undefined && right !== undefined && left !== null && right !== null && typeof left === typeof right) {
    return compare(left < right ? -1 : left > right ? 1 : 0);
  }
  // A column beside itself: true wherever it is not null, and a condition that means it is written otherwise.
  return columnOf(node.lexpr) !== null && columnOf(node.lexpr) === columnOf(node.rexpr) && compare(0) ? true : undefined;
}

function listOf(value: Json | undefined): readonly Json[] {
  return list(child(isNode(value) ? value : undefined, "List"), "items");
}

function equalConstants(left: Json | undefined, right: Json): boolean {
  const value = constant(left);
  return value !== undefined && value !== null && value === constant(right);
}

function columnOf(value: Json | undefined): string | null {
  const found = unwrap(value);
  return found?.kind === "ColumnRef" ? names(list(found.node, "fields")).join(".") : null;
}
