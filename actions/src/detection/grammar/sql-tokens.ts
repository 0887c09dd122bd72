/** The words of an SQL statement without its comments and literals: only names and punctuation can say what it does. */

export interface SqlToken {
  /** `word` in lower case; `name` is a quoted identifier as written; `text` a literal, its content kept for the bodies of DO blocks alone. */
  readonly type: "word" | "name" | "text" | "number" | "mark";
  readonly value: string;
}

// A statement that says in its first words what it does needs no more; a long VALUES list is only its beginning.
const TOKEN_LIMIT = 4_000;

/** `backslash`: MySQL takes one inside a literal as an escape, PostgreSQL only in E'…'. */
export function readSql(sql: string, backslash: boolean): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < sql.length && tokens.length < TOKEN_LIMIT) {
    const code = sql.charCodeAt(at);
    if (code <= 32) at++;
    else if ((code === 45 && sql.charCodeAt(at + 1) === 45) || (code === 35 && beginsStatement(tokens))) at = after(sql, "\n", at);
    else if (code === 47 && sql.charCodeAt(at + 1) === 42) at = endOfComment(sql, at + 2);
    else if (code === 39) at = pushQuoted(tokens, sql, at, "text", backslash);
    else if (code === 34 || code === 96) at = pushQuoted(tokens, sql, at, "name", false);
    else if (code === 36 && dollarTag(sql, at) !== null) {
      const tag = dollarTag(sql, at) ?? "$$";
      const end = sql.indexOf(tag, at + tag.length);
      const stop = end === -1 ? sql.length : end;
      tokens.push({ type: "text", value: sql.slice(at + tag.length, stop) });
      at = stop + tag.length;
    } else if (isWordStart(code)) {
      let end = at + 1;
      while (end < sql.length && isWordPart(sql.charCodeAt(end))) end++;
      const value = sql.slice(at, end).toLowerCase();
      // E'…', N'…', U&'…', x'…': a prefix of the literal.
      if (sql.charCodeAt(end) === 39 && /^(?:e|n|b|x|u&)$/.test(value))
        at = pushQuoted(tokens, sql, end, "text", backslash || value === "e");
      else {
        tokens.push({ type: "word", value });
        at = end;
      }
    } else if (code >= 48 && code <= 57) {
      let end = at + 1;
      while (end < sql.length && (isWordPart(sql.charCodeAt(end)) || sql.charCodeAt(end) === 46)) end++;
      tokens.push({ type: "number", value: sql.slice(at, end) });
      at = end;
    } else {
      tokens.push({ type: "mark", value: sql.charAt(at) });
      at++;
    }
  }
  return tokens;
}

/** Statements of a text, in order. */
export function splitStatements(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const statements: SqlToken[][] = [[]];
  for (const token of tokens) {
    if (token.type === "mark" && token.value === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}

function after(sql: string, mark: string, at: number): number {
  const end = sql.indexOf(mark, at);
  return end === -1 ? sql.length : end + mark.length;
}

// PostgreSQL's comments nest; MySQL's `/*! … */` are run, and hold nothing by which a statement is judged here.
function endOfComment(sql: string, start: number): number {
  let depth = 1;
  let at = start;
  while (at < sql.length && depth > 0) {
    const close = sql.indexOf("*/", at);
    if (close === -1) return sql.length;
    const open = sql.indexOf("/*", at);
    const nested = open !== -1 && open < close;
    depth += nested ? 1 : -1;
    at = (nested ? open : close) + 2;
  }
  return at;
}

// Elsewhere it is one of PostgreSQL's operators.
function beginsStatement(tokens: readonly SqlToken[]): boolean {
  return tokens.length === 0 || tokens.at(-1)?.value === ";";
}

function pushQuoted(tokens: SqlToken[], sql: string, at: number, type: "text" | "name", backslash: boolean): number {
  const quote = sql.charAt(at);
  let end = at + 1;
  while (end < sql.length) {
    const char = sql.charAt(end);
    if (char === "\\" && backslash) end += 2;
    else if (char === quote && sql.charAt(end + 1) === quote) end += 2;
    else if (char === quote) break;
    else end++;
  }
  tokens.push({ type, value: type === "text" ? "" : sql.slice(at + 1, end) });
  return end + 1;
}

function dollarTag(sql: string, at: number): string | null {
  let end = at + 1;
  while (end < at + 64 && isWordPart(sql.charCodeAt(end)) && sql.charCodeAt(end) !== 36) end++;
  const first = sql.charCodeAt(at + 1);
  return sql.charCodeAt(end) === 36 && !(first >= 48 && first <= 57) ? sql.slice(at, end + 1) : null;
}

function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128 || code === 64;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || (code >= 48 && code <= 57) || code === 36;
}
