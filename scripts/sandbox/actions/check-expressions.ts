/** Finds in a file's expressions what the sandbox would silently leave empty: contexts, functions and properties that it does not provide. */
import { data, type Expr } from "@actions/expressions";
import { Binary, ContextAccess, FunctionCall, Grouping, IndexAccess, Literal, Logical, Unary } from "@actions/expressions/ast";
import { isBasicExpression, isString } from "@actions/workflow-parser";
import { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";
import { parseExpression } from "./evaluate.ts";
import { CONTEXT_PROPERTIES, EVENT_PROPERTIES, TITLE_PROPERTIES } from "./supported.ts";
import { child, itemsOf } from "./workflow.ts";

export type Complain = (token: TemplateToken | null, key: string, message: string) => void;

function childrenOf(expr: Expr): readonly Expr[] {
  if (expr instanceof Binary) return [expr.left, expr.right];
  if (expr instanceof Unary) return [expr.expr];
  if (expr instanceof Logical || expr instanceof FunctionCall) return expr.args;
  if (expr instanceof Grouping) return [expr.group];
  if (expr instanceof IndexAccess) return [expr.expr, expr.index];
  return [];
}

/** `github.event.inputs` as `["github", "event", "inputs"]`; null when anything but a context and plain names is in it. */
function pathOf(expr: Expr): readonly string[] | null {
  if (expr instanceof ContextAccess) return [expr.name.lexeme.toLowerCase()];
  if (!(expr instanceof IndexAccess && expr.index instanceof Literal && expr.index.literal instanceof data.StringData)) return null;
  const before = pathOf(expr.expr);
  return before === null ? null : [...before, expr.index.literal.value.toLowerCase()];
}

interface Provided {
  readonly properties: Readonly<Record<string, readonly string[]>>;
  readonly event: readonly string[];
}

function checkProperties(expr: Expr, provided: Provided, report: (message: string) => void): void {
  const path = pathOf(expr);
  if (path !== null) {
    const [context = "", property, deeper] = path;
    const known = provided.properties[context];
    const missing = property !== undefined && known !== undefined && !known.includes(property);
    const missingEvent = context === "github" && property === "event" && deeper !== undefined && !provided.event.includes(deeper);
    if (missing || missingEvent) report(`${path.join(".")} is not provided by the sandbox here`);
    return;
  }
  for (const inner of childrenOf(expr)) checkProperties(inner, provided, report);
}

/** A payload says which cron fired; a run does not keep that, so it is known only where there is one. */
function eventProperties(root: TemplateToken): readonly string[] {
  const crons = itemsOf(child(child(root, "on"), "schedule"));
  return crons.length > 1 ? EVENT_PROPERTIES.filter((name) => name !== "schedule") : EVENT_PROPERTIES;
}

function textsOf(token: TemplateToken): readonly string[] {
  if (isBasicExpression(token)) return (token.originalExpressions ?? [token]).map((original) => original.expression);
  const condition = token.definition?.key === "job-if" || token.definition?.key === "step-if";
  return condition && isString(token) ? [token.value] : [];
}

export function checkExpressions(root: TemplateToken, complain: Complain): void {
  const event = eventProperties(root);
  for (const [, token] of TemplateToken.traverse(root, true)) {
    if (token.isExpression && !isBasicExpression(token)) complain(token, "", "directives such as insert are not supported");
    if (isBasicExpression(token) && token.blockScalarHeader === undefined && token.source?.includes("\n") === true) {
      complain(token, "", "an expression in a value of several lines needs a block (| or >)");
    }
    // A title is made from the run alone, before there is a repository to ask.
    const title = token.definition?.key === "run-name";
    const provided = title
      ? { properties: { ...CONTEXT_PROPERTIES, ...TITLE_PROPERTIES }, event: ["inputs"] }
      : { properties: CONTEXT_PROPERTIES, event };
    for (const text of textsOf(token)) {
      try {
        checkProperties(parseExpression(text), provided, (message) => {
          complain(token, title ? "run-name" : "", message);
        });
      } catch (error) {
        complain(token, "", `${text}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
