/**
 * One SQL file of a migration, cut into statements by PostgreSQL's own parser. What migration tools put around SQL is seen here and nowhere
 * else: placeholders, commands of psql, and the part of a file that takes the migration back.
 */
import { InvalidInput, showValue } from "../domain/index.ts";
import { isNode, list, type Node } from "./node.ts";
import { parseSql, SqlError } from "./parser.ts";

export interface Statement {
  /** As it stands in the file, without the comments before it. */
  readonly text: string;
  /** Of its first word, from 1. */
  readonly line: number;
  /** The comments directly before it. */
  readonly comments: string;
  /** Null for a command of psql, which PostgreSQL never sees. */
  readonly tree: Node | null;
}

// The largest migrations that people write by hand stay below a tenth of this; a dump is not a migration.
const SIZE_LIMIT = 16 * 1024 * 1024;

/**
 * The statements of `sql` in their order. Throws InvalidInput that names file, line and column where it is empty, too large, not text, or not
 * SQL that PostgreSQL can read.
 */
export function readStatements(file: string, sql: string): readonly Statement[] {
  if (sql.length > SIZE_LIMIT)
    throw problem(file, `${sql.length} characters`, `at most ${SIZE_LIMIT}: split it, or restore dumps by other means`);
  const control = CONTROL_AT.exec(sql)?.[0];
  if (control !== undefined) throw problem(file, `the character ${showValue(control)}`, "SQL in UTF-8 text");
  const { text, commands } = withoutCommands(withoutPlaceholders(withoutDownPart(sql.replace(/^\ufeff/, " "))));
  const found = [...parsed(file, text), ...commands].sort((a, b) => a.line - b.line);
  if (found.length === 0) throw problem(file, sql.trim() === "" ? "nothing" : "only comments", "at least one statement");
  return found;
}

/** What no SQL file holds; U+FFFD stands where bytes were not UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL_AT = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/;

function problem(path: string, found: string, allowed: string): InvalidInput {
  return new InvalidInput("The SQL file", [{ path, found, allowed }]);
}

function parsed(file: string, text: string): Statement[] {
  if (text.trim() === "") return [];
  // The parser counts bytes.
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  let line = 1;
  let behind = 0;
  return list(parse(file, text), "stmts").flatMap((raw) => {
    if (!isNode(raw) || !isNode(raw.stmt)) return [];
    const start = typeof raw.stmt_location === "number" ? raw.stmt_location : 0;
    const end = start + (typeof raw.stmt_len === "number" ? raw.stmt_len : bytes.length - start);
    const before = decoder.decode(bytes.subarray(behind, start));
    const whole = decoder.decode(bytes.subarray(start, end));
    // Whether comments before a statement belong to it differs between versions of the parser.
    const leading = leadingComments(whole);
    const first = line + newlines(before) + newlines(leading);
    line = first + newlines(whole.slice(leading.length));
    behind = end;
    const comments = `${before.replace(/^\s*;/, "")}${leading}`.trim();
    return [{ text: whole.slice(leading.length).trimEnd(), line: first, comments, tree: raw.stmt }];
  });
}

function parse(file: string, text: string): Node {
  try {
    return parseSql(text);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const before = text.slice(0, characters(text, error.sqlDetails?.cursorPosition ?? 0));
    const line = newlines(before) + 1;
    const column = before.length - before.lastIndexOf("\n");
    throw problem(`${file}:${line}:${column}`, error.message, "statements that PostgreSQL can read; other dialects cannot be judged yet");
  }
}

/** PostgreSQL's cursor counts code points. */
function characters(text: string, points: number): number {
  return [...text.slice(0, points * 2)].slice(0, points).join("").length;
}

function newlines(text: string): number {
  return text.split("\n").length - 1;
}

/** White space and comments before the first word; comments of PostgreSQL nest. */
function leadingComments(text: string): string {
  let at = 0;
  for (;;) {
    const [skipped = ""] = /^(?:\s+|--[^\n]*(?:\n|$))*/.exec(text.slice(at)) ?? [];
    at += skipped.length;
    if (!text.startsWith("/*", at)) return text.slice(0, at);
    at = endOfComment(text, at);
  }
}

function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith("/*", at)) depth += 1;
    else if (text.startsWith("*/", at)) depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

/** Flyway, Liquibase and others fill these in before PostgreSQL sees them. */
export const PLACEHOLDER = /\$\{[\w:.@ -]{1,100}\}/;

/** A name of the same length stands in, so that places stay right. */
function withoutPlaceholders(sql: string): string {
  return sql.replace(new RegExp(PLACEHOLDER, "g"), (placeholder) => "_".repeat(placeholder.length));
}

/** Where goose, sql-migrate and dbmate begin the way back, in the same file. */
export const DOWN_PART = /^--\s*(?:\+goose\s+Down|\+migrate\s+Down|migrate:down)\b.*$/im;

/** The way back does not run when the migration does. */
function withoutDownPart(sql: string): string {
  const down = DOWN_PART.exec(sql);
  return down === null ? sql : sql.slice(0, down.index);
}

/** Takes lines that are commands of psql out of the text, leaving their line breaks. Lines inside a quoted text or body are not looked at. */
function withoutCommands(sql: string): { readonly text: string; readonly commands: readonly Statement[] } {
  const commands: Statement[] = [];
  if (!/^\\/m.test(sql)) return { text: sql, commands };
  const lines = sql.split("\n");
  let open: string | null = null;
  const kept = lines.map((line, index) => {
    if (open === null && line.startsWith("\\")) {
      commands.push({ text: line.trim(), line: index + 1, comments: "", tree: null });
      return "";
    }
    open = quoteAfter(line, open);
    return line;
  });
  return { text: kept.join("\n"), commands };
}

/** Which quote is still open at the end of a line, given the one open at its start. */
function quoteAfter(line: string, open: string | null): string | null {
  let inside = open;
  for (const [token] of line.matchAll(/'|"|\$[A-Za-z_\u0080-\uffff]?[\w\u0080-\uffff]*\$|--|\/\*|\*\//g)) {
    if (inside === null) {
      if (token === "--") return null;
      inside = token === "*/" ? null : token;
    } else if (token === inside || (inside === "/*" && token === "*/")) inside = null;
  }
  return inside;
}
