/** GitHub's own expression evaluator over plain JSON contexts. Decides nothing about which expression may stand where: the parser and `check-supported` do. */
import { data, Evaluator, type Expr, Lexer, Parser } from "@actions/expressions";
import type { FunctionDefinition } from "@actions/expressions/funcs/info";
import { isBasicExpression, isMapping } from "@actions/workflow-parser";
import type { BasicExpressionToken } from "@actions/workflow-parser/templates/tokens/basic-expression-token";
import type { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";
import { parse as parseYaml } from "yaml";
import { CONTEXTS, STATUS_FUNCTIONS } from "./supported.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type ContextName = (typeof CONTEXTS)[number];
export type StatusFunction = (typeof STATUS_FUNCTIONS)[number];

export interface Scope {
  readonly contexts: Readonly<Partial<Record<ContextName, Json>>>;
  /** What `success()` and its siblings answer; outside of an `if:` they are refused by the parser. */
  readonly status?: Readonly<Record<StatusFunction, boolean>>;
}

const STATUS_FUNCTION_INFO = STATUS_FUNCTIONS.map((name) => ({ name, minArgs: 0, maxArgs: 0 }));

export function parseExpression(text: string): Expr {
  return new Parser(new Lexer(text).lex().tokens, [...CONTEXTS], STATUS_FUNCTION_INFO).parse();
}

function toDictionary(contexts: Scope["contexts"]): data.Dictionary {
  const complete = Object.fromEntries(CONTEXTS.map((name) => [name, contexts[name] ?? null]));
  const revived: unknown = JSON.parse(JSON.stringify(complete), data.reviver);
  if (!(revived instanceof data.Dictionary)) throw new TypeError("the contexts of an expression must be an object");
  return revived;
}

function evaluateExpression(text: string, scope: Scope): data.ExpressionData {
  const functions = new Map<string, FunctionDefinition>(
    STATUS_FUNCTION_INFO.map((info) => [info.name, { ...info, call: () => new data.BooleanData(scope.status?.[info.name] ?? false) }]),
  );
  return new Evaluator(parseExpression(text), toDictionary(scope.contexts), functions).evaluate();
}

export function evaluateCondition(text: string, scope: Scope): boolean {
  const result = evaluateExpression(text, scope);
  switch (result.kind) {
    case data.Kind.Null:
      return false;
    case data.Kind.Boolean:
      return result.value;
    case data.Kind.Number:
      return result.value !== 0 && !Number.isNaN(result.value);
    case data.Kind.String:
      return result.value.length > 0;
    default:
      return true;
  }
}

/**
 * GitHub's parser rebuilds a block scalar that holds expressions from its source, indentation included; a here-document in a script would never
 * find its end. So the block is read again as YAML and its expressions are filled in one by one.
 */
function evaluateBlock(token: BasicExpressionToken, header: string, scope: Scope): string {
  const text: unknown = parseYaml(`${header}\n${token.source ?? ""}`);
  if (typeof text !== "string") throw new TypeError(`line ${token.line}: the block does not hold text`);
  const originals = token.originalExpressions ?? [token];
  let rest = text;
  let filled = "";
  for (const original of originals) {
    const start = rest.indexOf("${{");
    const end = expressionEnd(rest, start);
    filled += rest.slice(0, start) + evaluateExpression(original.expression, scope).coerceString();
    rest = rest.slice(end);
  }
  return filled + rest;
}

function expressionEnd(text: string, start: number): number {
  let quoted = false;
  for (let at = start + 3; at < text.length; at += 1) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith("}}", at)) return at + 2;
  }
  throw new Error(`an expression is not closed: ${text.slice(start, start + 80)}`);
}

export function evaluateText(token: TemplateToken, scope: Scope): string {
  if (isBasicExpression(token)) {
    if (token.blockScalarHeader !== undefined) return evaluateBlock(token, token.blockScalarHeader, scope);
    return evaluateExpression(token.expression, scope).coerceString();
  }
  return token.assertScalar("value").toString();
}

export function evaluateNumber(token: TemplateToken, scope: Scope): number {
  const text = evaluateText(token, scope);
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new Error(`line ${token.line}: expected a number, got ${JSON.stringify(text)}`);
  return value;
}

export function evaluateBoolean(token: TemplateToken, scope: Scope): boolean {
  const text = evaluateText(token, scope);
  if (text !== "true" && text !== "false") throw new Error(`line ${token.line}: expected true or false, got ${JSON.stringify(text)}`);
  return text === "true";
}

export function evaluateMapping(token: TemplateToken | null, scope: Scope): Record<string, string> {
  const values: Record<string, string> = {};
  if (token === null) return values;
  if (!isMapping(token)) throw new Error(`line ${token.line}: expected a mapping`);
  for (const { key, value } of token) values[key.toString()] = evaluateText(value, scope);
  return values;
}
