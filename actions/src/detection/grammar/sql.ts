/**
 * What an SQL statement would do to people's data: which rows it deletes and whether it takes all of them, whose password it sets, which
 * account it makes, what it changes in the schema. It cannot know whether the statement succeeds.
 */
import type { EventKind } from "../../domain/index.ts";
import { readSql, type SqlToken, splitStatements } from "./sql-tokens.ts";

export interface Act {
  readonly kind: EventKind;
  readonly table: string | null;
  readonly target: string | null;
  readonly rows: number | null;
  /** No WHERE, TRUNCATE or DROP. */
  readonly destructive: boolean;
  readonly migration: string | null;
  /** A migration tool's own table was written: the statement belongs to the migration that the schema changes before it make. */
  readonly history: boolean;
  /** Roles and database accounts are an administrator's work. */
  readonly byAdmin: boolean;
}

export const SQL_KINDS: readonly EventKind[] = ["row-deleted", "password-changed", "user-created", "migration-ran", "statement-refused"];

/** In any case; a statement without them does none of this. */
export const SQL_VERBS: readonly string[] = [
  "delete",
  "truncate",
  "update",
  "insert",
  "create",
  "alter",
  "drop",
  "merge",
  "set password",
  "replace into",
];

export function readActs(sql: string, backslash = false): readonly Act[] {
  const acts = splitStatements(readSql(sql, backslash)).flatMap((statement) => readStatement(statement));
  // Schema changes and the tool's own bookkeeping in one text are one migration.
  const migrations = acts.filter((act) => act.kind === "migration-ran");
  const kept = migrations.find((act) => act.destructive) ?? migrations.find((act) => !act.history) ?? migrations[0];
  return acts.filter((act) => act.kind !== "migration-ran" || act === kept);
}

const BLANK: Omit<Act, "kind"> = {
  table: null,
  target: null,
  rows: null,
  destructive: false,
  migration: null,
  history: false,
  byAdmin: false,
};
const act = (kind: EventKind, more: Partial<Act> = {}): Act => ({ ...BLANK, ...more, kind });

function readStatement(tokens: readonly SqlToken[]): readonly Act[] {
  const verb = wordAt(tokens, 0);
  switch (verb) {
    case "delete":
      return deletion(tokens, 1);
    case "truncate":
      return truncation(tokens);
    case "update":
      return update(tokens, 1);
    case "insert":
    case "replace":
      return insertion(tokens, 1);
    case "merge":
      return merge(tokens);
    case "create":
    case "alter":
    case "drop":
      return definition(verb, tokens);
    case "set":
      return wordAt(tokens, 1) === "password"
        ? [act("password-changed", { target: accountAt(tokens, wordAt(tokens, 2) === "for" ? 3 : -1), byAdmin: true })]
        : [];
    case "with":
      return withParts(tokens);
    case "explain":
      return wordAt(tokens, 1) === "analyze" || wordsOf(tokens, 8).includes("analyze") ? inner(tokens, 1) : [];
    case "do":
      return tokens.filter((token) => token.type === "text").flatMap((token) => block(token.value));
    default:
      return [];
  }
}

/** `DELETE FROM t …`, MySQL's `DELETE a FROM a JOIN b …`, with what may stand between. */
function deletion(tokens: readonly SqlToken[], start: number): readonly Act[] {
  const from = indexOfWord(tokens, "from", start, start + 8);
  if (from === -1) return [];
  const table = tableAt(tokens, wordAt(tokens, from + 1) === "only" ? from + 2 : from + 1);
  if (table === null) return [];
  const history = historyOf(table);
  if (history !== null) return history ? [act("migration-ran", { table, history })] : [];
  return [act("row-deleted", { table, destructive: !isFiltered(tokens, from) })];
}

function truncation(tokens: readonly SqlToken[]): readonly Act[] {
  let at = 1;
  while (wordAt(tokens, at) === "table" || wordAt(tokens, at) === "only") at++;
  const table = tableAt(tokens, at);
  return table === null ? [] : [act("row-deleted", { table, destructive: true })];
}

function update(tokens: readonly SqlToken[], start: number): readonly Act[] {
  let at = start;
  while (/^(?:only|low_priority|ignore)$/.test(wordAt(tokens, at))) at++;
  const table = tableAt(tokens, at);
  const set = indexOfWord(tokens, "set", at, at + 40);
  if (table === null || set === -1) return [];
  const history = historyOf(table);
  if (history !== null) return history ? [act("migration-ran", { table, history })] : [];
  const filtered = isFiltered(tokens, set);
  if (assignedColumns(tokens, set + 1).some(isPasswordColumn)) return [act("password-changed", { table, destructive: !filtered })];
  // It overwrites what every row held: as lost as if it were deleted.
  return filtered ? [] : [act("row-deleted", { table, destructive: true })];
}

function insertion(tokens: readonly SqlToken[], start: number): readonly Act[] {
  const into = indexOfWord(tokens, "into", start, start + 4);
  const table = tableAt(tokens, into === -1 ? start : into + 1);
  if (table === null) return [];
  const history = historyOf(table);
  if (history !== null) return history ? [act("migration-ran", { table, history })] : [];
  const open = tokens.findIndex((token, index) => index > into && token.value === "(" && token.type === "mark");
  const columns = open === -1 ? [] : listedColumns(tokens, open + 1);
  return isUserTable(table, columns) ? [act("user-created", { table, rows: rowsOf(tokens, open) })] : [];
}

function merge(tokens: readonly SqlToken[]): readonly Act[] {
  const table = tableAt(tokens, wordAt(tokens, 1) === "into" ? 2 : 1);
  const deletes = tokens.some((_, index) => wordAt(tokens, index) === "then" && wordAt(tokens, index + 1) === "delete");
  return deletes && table !== null ? [act("row-deleted", { table })] : [];
}

/** `WITH gone AS (DELETE …) SELECT`: every statement that stands at the beginning of a parenthesis, and the one at the end. */
function withParts(tokens: readonly SqlToken[]): readonly Act[] {
  const parts: Act[] = [];
  let depth = 0;
  tokens.forEach((token, index) => {
    if (token.type === "mark" && token.value === "(") depth++;
    else if (token.type === "mark" && token.value === ")") depth--;
    else if (token.type === "word" && VERBS.has(token.value)) {
      const opens = tokens[index - 1]?.value === "(" && depth === 1;
      if (opens) parts.push(...readStatement(tokens.slice(index, closing(tokens, index))));
      else if (depth === 0) parts.push(...readStatement(tokens.slice(index)));
    }
  });
  return parts;
}

const VERBS = new Set(["delete", "update", "insert", "merge", "truncate"]);

function closing(tokens: readonly SqlToken[], start: number): number {
  let depth = 1;
  for (let index = start; index < tokens.length; index++) {
    if (tokens[index]?.type !== "mark") continue;
    if (tokens[index]?.value === "(") depth++;
    else if (tokens[index]?.value === ")" && --depth === 0) return index;
  }
  return tokens.length;
}

function inner(tokens: readonly SqlToken[], start: number): readonly Act[] {
  const verb = tokens.findIndex(
    (token, index) => index >= start && token.type === "word" && (VERBS.has(token.value) || token.value === "with"),
  );
  return verb === -1 ? [] : readStatement(tokens.slice(verb));
}

/** The statements of a procedural body: each stands behind a semicolon or a word that begins a branch. */
function block(body: string): readonly Act[] {
  return splitStatements(readSql(body, false)).flatMap((statement) => {
    const begin = statement.findLastIndex((token) => token.type === "word" && /^(?:begin|then|else|loop)$/.test(token.value));
    return readStatement(statement.slice(begin + 1));
  });
}

const ROLES = new Set(["user", "role", "login"]);
// What holds no data and no shape of data.
const NO_SCHEMA = new Set([
  "temporary",
  "temp",
  "session",
  "system",
  "server",
  "publication",
  "subscription",
  "statistics",
  "default",
  "resource",
  "global",
  "local",
]);
const HOLDERS = new Set(["table", "schema", "database", "materialized", "tablespace", "sequence"]);

function definition(verb: "create" | "alter" | "drop", tokens: readonly SqlToken[]): readonly Act[] {
  let at = 1;
  while (
    /^(?:or|replace|unique|unlogged|foreign|recursive|force|definer|algorithm|=|undefined|merge|sql|security|invoker)$/.test(
      tokens[at]?.value ?? "",
    )
  )
    at++;
  const object = wordAt(tokens, at);
  if (object === "" || NO_SCHEMA.has(object)) return [];
  if (ROLES.has(object)) return account(verb, object, tokens, skipExists(tokens, at + 1));
  const name = tableAt(tokens, skipExists(tokens, object === "materialized" ? at + 2 : at + 1));
  // A tool makes its own table before its first migration.
  if (name !== null && historyOf(name) !== null) return [];
  const dropsColumn = verb === "alter" && object === "table" && dropsAColumn(tokens);
  return [act("migration-ran", { table: name, destructive: (verb === "drop" && HOLDERS.has(object)) || dropsColumn })];
}

function account(verb: "create" | "alter" | "drop", object: string, tokens: readonly SqlToken[], at: number): readonly Act[] {
  const target = accountAt(tokens, at);
  const words = wordsOf(tokens, 200);
  const secret = words.includes("password") || words.includes("identified");
  if (verb === "drop")
    return [act("row-deleted", { table: object === "user" ? "mysql.user" : "pg_roles", target, rows: 1, byAdmin: true })];
  if (verb === "alter") return secret && !expiresOnly(words) ? [act("password-changed", { target, byAdmin: true })] : [];
  // A role that cannot log in is a group.
  return object === "user" || secret || words.includes("login") ? [act("user-created", { target, byAdmin: true })] : [];
}

/** `ALTER USER … PASSWORD EXPIRE` sets none. */
function expiresOnly(words: readonly string[]): boolean {
  const at = words.indexOf("password");
  return at !== -1 && !words.includes("identified") && /^(?:expire|history|reuse|require)$/.test(words[at + 1] ?? "");
}

function dropsAColumn(tokens: readonly SqlToken[]): boolean {
  return tokens.some((_, index) => {
    if (wordAt(tokens, index) !== "drop") return false;
    const next = wordAt(tokens, index + 1);
    return (
      next === "column" ||
      (next !== "" && !/^(?:constraint|index|key|primary|foreign|not|default|expression|identity|check|partition)$/.test(next))
    );
  });
}

function skipExists(tokens: readonly SqlToken[], start: number): number {
  let at = start;
  while (/^(?:if|not|exists|concurrently|only)$/.test(wordAt(tokens, at))) at++;
  return at;
}

function accountAt(tokens: readonly SqlToken[], at: number): string | null {
  const token = tokens[at];
  // MySQL quotes account names as literals, whose content is not kept.
  return token === undefined || token.type === "mark" || token.type === "text" ? null : token.value.replace(/@.*$/, "");
}

/** A WHERE that can leave rows out: `WHERE true` and `WHERE 1=1` do not. A LIMIT or a join leaves rows out as well. */
function isFiltered(tokens: readonly SqlToken[], start: number): boolean {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.type === "mark") depth += token.value === "(" ? 1 : token.value === ")" ? -1 : 0;
    if (depth !== 0 || token?.type !== "word") continue;
    if (token.value === "limit" || token.value === "join") return true;
    if (token.value === "where") {
      const condition = tokens.slice(index + 1).filter((each) => !(each.type === "word" && each.value === "returning"));
      return !isAlwaysTrue(condition);
    }
  }
  return false;
}

function isAlwaysTrue(condition: readonly SqlToken[]): boolean {
  const values = condition.filter((token) => token.value !== "(" && token.value !== ")");
  if (values.length === 0) return true;
  if (values.length === 1) return values[0]?.value === "true" || (values[0]?.type === "number" && values[0].value !== "0");
  const [left, equals, right] = values;
  return values.length === 3 && equals?.value === "=" && left?.type === "number" && right?.type === "number" && left.value === right.value;
}

function assignedColumns(tokens: readonly SqlToken[], start: number): string[] {
  const columns: string[] = [];
  let depth = 0;
  let expects = true;
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined || (depth === 0 && token.type === "word" && /^(?:where|from|returning|limit|order)$/.test(token.value))) break;
    if (token.type === "mark" && token.value === "(") depth++;
    else if (token.type === "mark" && token.value === ")") depth--;
    else if (token.type === "mark" && token.value === "," && depth === 0) expects = true;
    else if (token.type === "mark" && token.value === "=") expects = false;
    else if (expects && (token.type === "word" || token.type === "name")) columns.push(token.value);
  }
  return columns;
}

function listedColumns(tokens: readonly SqlToken[], start: number): string[] {
  const columns: string[] = [];
  for (let index = start; index < tokens.length && tokens[index]?.value !== ")"; index++) {
    const token = tokens[index];
    if (token?.type === "word" || token?.type === "name") columns.push(token.value);
  }
  return columns;
}

/** How many rows a VALUES list has, where it has several. */
function rowsOf(tokens: readonly SqlToken[], open: number): number | null {
  const values = indexOfWord(tokens, "values", open === -1 ? 0 : open, tokens.length);
  if (values === -1) return null;
  let depth = 0;
  let rows = 0;
  for (const token of tokens.slice(values)) {
    if (token.type === "word" && depth === 0 && (token.value === "on" || token.value === "returning")) break;
    if (token.type !== "mark") continue;
    if (token.value === "(" && depth++ === 0) rows++;
    else if (token.value === ")") depth--;
  }
  return rows > 1 ? rows : null;
}

const PASSWORD_WORD = /^(?:password|passwd|pwd|passhash|pwhash|pw|passwordhash|pass|userpassword)$/;
// About a password, not the password.
const NOT_A_PASSWORD =
  /^(?:reset|token|tokens|expires|expiry|expired|expire|expiration|at|date|time|hint|question|changed|updated|last|attempt|attempts|failure|failures|failed|count|must|need|needs|required|policy|version|sent|requested|change|status|history|strength|id)$/;

export function isPasswordColumn(column: string): boolean {
  const words = column
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => PASSWORD_WORD.test(word)) && !words.some((word) => NOT_A_PASSWORD.test(word));
}

const ACCOUNT_WORD =
  /^(?:user|users|account|accounts|member|members|customer|customers|login|logins|principal|principals|person|people|employee|employees)$/;

/** A table named for users; one named for accounts or customers only if the statement gives them a password. */
function isUserTable(table: string, columns: readonly string[]): boolean {
  const words = bareName(table)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const last = words.at(-1) ?? "";
  if (/^(?:user|users|appuser|appusers|authuser)$/.test(last)) return true;
  return ACCOUNT_WORD.test(last) && columns.some(isPasswordColumn);
}

const HISTORY = new Set([
  "alembic_version",
  "flyway_schema_history",
  "schema_version",
  "databasechangelog",
  "django_migrations",
  "schema_migrations",
  "__efmigrationshistory",
  "knex_migrations",
  "_prisma_migrations",
  "goose_db_version",
  "doctrine_migration_versions",
  "phinxlog",
]);
const BOOKKEEPING = new Set(["databasechangeloglock", "ar_internal_metadata", "knex_migrations_lock"]);

/** True for a table in which a migration tool notes what ran, false for its locks, null for any other. */
function historyOf(table: string): boolean | null {
  const name = bareName(table).toLowerCase();
  return HISTORY.has(name) ? true : BOOKKEEPING.has(name) ? false : null;
}

function bareName(table: string): string {
  return table.slice(table.lastIndexOf(".") + 1);
}

/** The table name at a place, with its schema, without quotes. */
function tableAt(tokens: readonly SqlToken[], at: number): string | null {
  const first = tokens[at];
  if (first === undefined || (first.type !== "word" && first.type !== "name")) return null;
  let name = first.value;
  for (let next = at + 1; tokens[next]?.value === "." && tokens[next]?.type === "mark"; next += 2) {
    const part = tokens[next + 1];
    if (part === undefined || (part.type !== "word" && part.type !== "name")) break;
    name = `${name}.${part.value}`;
  }
  return name;
}

function wordAt(tokens: readonly SqlToken[], at: number): string {
  const token = tokens[at];
  return token?.type === "word" ? token.value : "";
}

function wordsOf(tokens: readonly SqlToken[], limit: number): string[] {
  return tokens.slice(0, limit).flatMap((token) => (token.type === "word" ? [token.value] : []));
}

function indexOfWord(tokens: readonly SqlToken[], word: string, start: number, end: number): number {
  for (let index = start; index < Math.min(end, tokens.length); index++) if (wordAt(tokens, index) === word) return index;
  return -1;
}
