/** Code inside a statement: DO blocks and the bodies of functions, in SQL and PL/pgSQL. Any other language is unknown, and unknown is dangerous. */
import { readDynamic } from "./dynamic-sql.ts";
import { finding } from "./findings.ts";
import { child, isNode, type Json, list, type Node, names, text } from "./node.ts";
import { parsePlpgsql, parseSql } from "./parser.ts";
import type { Finding } from "./verdict.ts";

/** How a statement that stands inside another is judged; passed in, because it may hold a body in turn. */
export type JudgeTree = (tree: Json) => readonly Finding[];

/** What a DO block does: it runs at once. */
export function judgeDo(node: Node, judge: JudgeTree): readonly Finding[] {
  const { language, body } = partsOf(list(node, "args"));
  if (language !== "plpgsql") return [finding("unreadable-body", language)];
  return judgePlpgsql(`DO $holdfast_body$${body}$holdfast_body$`, judge);
}

/** What a function does when it is called; null where it has no body that is text. */
export function judgeFunction(node: Node, judge: JudgeTree): readonly Finding[] {
  if (node.sql_body !== undefined) return judge(node.sql_body);
  const { language, body } = partsOf(list(node, "options"));
  if (language === "sql") return judgeSql(body, judge);
  if (language !== "plpgsql") return language === "internal" ? [] : [finding("unreadable-body", language)];
  return judgePlpgsql(headOf(node, body), judge);
}

/**
 * The function again with a head that needs no database: types that only the database knows become text, because what a body does to rows does
 * not depend on them, but names and the kind of result stay, because PL/pgSQL refuses a body that does not fit them.
 */
function headOf(node: Node, body: string): string {
  const parameters = list(node, "parameters").map((each) => child(isNode(each) ? each : undefined, "FunctionParameter"));
  const isResult = (each: Node | undefined) => /_(OUT|INOUT|TABLE)$/.test(text(each, "mode"));
  const declared = parameters.map((each) => `${isResult(each) ? "OUT" : "IN"} ${quoted(text(each, "name"))} text`);
  const head = `CREATE FUNCTION f(${declared.join(", ")})`;
  return `${head} ${resultOf(child(node, "returnType"), parameters.filter(isResult).length)} LANGUAGE plpgsql AS $holdfast_body$${body}$holdfast_body$`;
}

/** PostgreSQL takes the type of a result from its OUT parameters: one is its own type, several are a record. */
function resultOf(returns: Node | undefined, outs: number): string {
  const set = returns?.setof === true;
  if (outs > 0) return set ? `RETURNS SETOF ${outs === 1 ? "text" : "record"}` : "";
  const type = names(list(returns, "names")).at(-1) ?? "void";
  return `RETURNS ${set ? "SETOF text" : ["trigger", "event_trigger", "void"].includes(type) ? type : "text"}`;
}

function quoted(name: string): string {
  return name === "" ? "" : `"${name.replaceAll('"', '""')}"`;
}

function partsOf(options: readonly Json[]): { readonly language: string; readonly body: string } {
  let [language, body] = ["plpgsql", ""];
  for (const option of options) {
    const element = child(isNode(option) ? option : undefined, "DefElem");
    const value = child(element, "arg");
    if (text(element, "defname") === "language") language = text(child(value, "String"), "sval").toLowerCase();
    if (text(element, "defname") === "as") body = text(child(value, "String"), "sval") || bodyIn(child(value, "List"));
  }
  return { language, body };
}

function bodyIn(value: Node | undefined): string {
  const [first] = list(value, "items");
  return text(child(isNode(first) ? first : undefined, "String"), "sval");
}

function judgeSql(body: string, judge: JudgeTree): readonly Finding[] {
  if (body.trim() === "") return [];
  try {
    return judge(parseSql(body));
  } catch {
    return [finding("unreadable-body", "it is not SQL that can be parsed by itself")];
  }
}

function judgePlpgsql(source: string, judge: JudgeTree): readonly Finding[] {
  let tree: Json;
  try {
    tree = parsePlpgsql(source);
  } catch (error) {
    return [finding("unreadable-body", error instanceof Error ? error.message : "it cannot be parsed")];
  }
  return [...expressionsIn(tree)].flatMap(({ query, mode, dynamic }) =>
    dynamic ? judgeDynamic(query, judge) : judgeQuery(query, mode, judge),
  );
}

interface Expression {
  readonly query: string;
  /** PL/pgSQL's: 0 a statement, 2 an expression, 3 to 5 an assignment. */
  readonly mode: number;
  readonly dynamic: boolean;
}

// EXECUTE, and FOR, OPEN and RETURN QUERY with EXECUTE.
const DYNAMIC_KEYS = new Set(["dynquery"]);

function* expressionsIn(value: Json, dynamic = false): Generator<Expression> {
  if (Array.isArray(value)) {
    for (const each of value) yield* expressionsIn(each);
    return;
  }
  if (!isNode(value)) return;
  for (const [key, below] of Object.entries(value)) {
    if (key === "PLpgSQL_expr" && isNode(below)) yield { query: text(below, "query"), mode: Number(below.parseMode ?? 0), dynamic };
    else if (isDynamic(key) && isNode(below)) {
      const { query = null, dynquery = null, ...rest } = below;
      yield* expressionsIn(query, true);
      yield* expressionsIn(dynquery, true);
      yield* expressionsIn(rest);
    } else yield* expressionsIn(below, DYNAMIC_KEYS.has(key));
  }
}

function isDynamic(kind: string): boolean {
  return kind === "PLpgSQL_stmt_dynexecute" || kind === "PLpgSQL_stmt_dynfors";
}

function judgeQuery(query: string, mode: number, judge: JudgeTree): readonly Finding[] {
  const statement = mode === 0 ? query : `SELECT ${mode === 2 ? query : query.slice(query.search(/:?=/) + 1).replace(/^=/, "")}`;
  try {
    return judge(parseSql(statement));
  } catch {
    // Expressions may use what only PL/pgSQL knows; alone they change no rows. A statement that cannot be read may do anything.
    return mode === 0 ? [finding("dynamic-sql", "a statement that cannot be read by itself")] : [];
  }
}

function judgeDynamic(expression: string, judge: JudgeTree): readonly Finding[] {
  let put: ReturnType<typeof readDynamic>;
  try {
    put = readDynamic(expressionOf(parseSql(`SELECT ${expression}`)));
  } catch {
    return [finding("dynamic-sql", shortened(expression))];
  }
  const unknown = put.known ? [] : [finding("dynamic-sql", shortened(expression))];
  try {
    return [...unknown, ...judge(parseSql(put.text))];
  } catch {
    return [finding("dynamic-sql", shortened(expression))];
  }
}

/** The single value that a `SELECT value` holds. */
function expressionOf(tree: Json): Json | undefined {
  const [statement] = list(isNode(tree) ? tree : undefined, "stmts");
  const select = child(child(isNode(statement) ? statement : undefined, "stmt"), "SelectStmt");
  const [target] = list(select, "targetList");
  return child(isNode(target) ? target : undefined, "ResTarget")?.val;
}

function shortened(expression: string): string {
  const line = expression.replace(/\s+/g, " ").trim();
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
