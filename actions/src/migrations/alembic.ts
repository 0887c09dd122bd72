/**
 * Alembic's offline SQL read into revisions, and which of them a database lacks. Alembic says before each what it runs and after each what its
 * own table is to hold; both must fit, so that afterwards Alembic agrees with what was applied.
 */
import { digestOf, InvalidInput, type Problem, showValue } from "../domain/index.ts";
import { isBuiltIn } from "./functions.ts";
import { list, type Node, names, unwrap, walk } from "./node.ts";
import type { Applied, MigrationFile, PendingMigration } from "./pending-migration.ts";
import type { Statement } from "./read-statements.ts";
import { readSteps, type Step, tablePattern, textOf, written } from "./written-sql.ts";

export const ALEMBIC_TABLE = "alembic_version";

interface Revision extends PendingMigration {
  /** The revisions that the database is at once it ran. */
  readonly heads: readonly string[];
  /** Why its SQL may not be what Alembic would have run. */
  readonly problems: readonly Problem[];
}

export interface AlembicHistory {
  /** Alembic's SQL from `baseline` on, or from the beginning. */
  readonly sql: string;
  readonly files: readonly MigrationFile[];
  readonly table: string;
  readonly baseline: string | undefined;
  /** What the table holds; null where there is none. */
  readonly versions: readonly string[] | null;
  /** Applied by other requests than this one. */
  readonly applied: readonly Applied[];
  /** Versions that this very request has applied already: to its plan they are still pending. */
  readonly own: readonly string[];
}

/** Throws InvalidInput where SQL, files and database do not tell the same story. `loadParser` must have been awaited. */
export function pendingRevisions(history: AlembicHistory): readonly PendingMigration[] {
  const { versions, baseline, own, table } = history;
  if (versions === null && baseline !== undefined)
    throw refused(
      "holdfast.yml",
      `the baseline ${baseline}, but no table ${table} in the database`,
      "a database that is at the baseline, or no baseline",
    );
  const { create, revisions } = readRevisions(history);
  const start = baseline === undefined ? [] : [baseline];
  const at = [start, ...revisions.map(({ heads }) => heads)].findIndex((heads) => same(heads, versions ?? []));
  if (at === -1) {
    const found = `the database at ${(versions ?? []).join(", ") || "no revision"}`;
    const allowed = `one of: ${[baseline ?? "no revision", ...revisions.map(({ heads }) => heads.join(" with "))].join(", ")}`;
    throw refused(table, found, allowed);
  }
  const first = at - own.length;
  if (
    first < 0 ||
    !same(
      revisions.slice(first, at).map(({ version }) => version),
      own,
    )
  )
    throw refused(table, `the database at ${(versions ?? []).join(", ")}`, `what this request has applied: ${own.join(", ")}`);
  const pending = revisions.slice(first);
  const problems = pending.flatMap((each) => each.problems);
  if (problems.length > 0) throw new InvalidInput("The migration", problems);
  mustBeNew(pending, history);
  const begins = first === 0 && create !== null && (versions === null || own.length > 0);
  return pending.map(({ heads: _heads, problems: _problems, ...each }, index) =>
    begins && index === 0 ? { ...each, bookkeeping: [create, ...each.bookkeeping] } : each,
  );
}

function refused(path: string, found: string, allowed: string): InvalidInput {
  return new InvalidInput("The migrations and the database's history", [{ path, found, allowed }]);
}

function same(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

/** Alembic's table was taken back by hand where it lacks what Holdfast has applied: applying it once more would meet its own work. */
function mustBeNew(pending: readonly Revision[], { applied, table }: AlembicHistory): void {
  const problems = pending.flatMap(({ version, file }) =>
    applied.some((each) => each.version === version && each.state === "applied")
      ? [
          {
            path: file,
            found: `applied by Holdfast, but not known to ${table}`,
            allowed: "a history that nobody took back: write a new revision",
          },
        ]
      : [],
  );
  if (problems.length > 0) throw new InvalidInput("The migrations and the database's history", problems);
}

const TOOL = "Alembic";
// As Alembic announces a step, also where several branches come together.
const STEP = /^-- Running upgrade (?:.* )?-> (\S+)$/gm;

function readRevisions({ sql, files, table, baseline }: AlembicHistory) {
  const { before, steps } = readSteps(TOOL, sql, STEP);
  const create = readBefore(before, table);
  const names = fileNames(files);
  let heads: readonly string[] = baseline === undefined ? [] : [baseline];
  const revisions = steps.map((step): Revision => {
    const file = names.get(step.announced);
    if (file === undefined)
      throw written(TOOL, `the revision ${step.announced}`, "revisions of the folder in holdfast.yml, each in one file");
    const revision = readStep(step, file, table, heads);
    heads = revision.heads;
    return revision;
  });
  return { create, revisions };
}

/** What stands before the first step is Alembic's own: its transaction, and its table where that is made first. */
function readBefore(before: readonly Statement[], table: string): string | null {
  const [create, ...others] = before.filter((each) => transactionWord(each) === null);
  if (create === undefined) return null;
  const creates = new RegExp(`^CREATE TABLE ${tablePattern(table)} \\(\\s`);
  const [other] = creates.test(create.text) ? others : [create];
  if (other !== undefined)
    throw written(TOOL, `${showValue(other.text)} before the first revision`, `the table ${table} of holdfast.yml, and nothing else`);
  return create.text;
}

function readStep({ announced: version, statements }: Step, file: MigrationFile, table: string, before: readonly string[]): Revision {
  let end = statements.length;
  // With a transaction for each, the next one begins before it is announced.
  while (end > 0 && isTransaction(statements[end - 1])) end -= 1;
  const heads = new Set(before);
  const notes: Statement[] = [];
  for (; end > 0; end -= 1) {
    const statement = statements[end - 1];
    if (statement === undefined || noteOf(statement, table) === null) break;
    notes.unshift(statement);
  }
  for (const note of notes) {
    const { gone, came } = noteOf(note, table) ?? { gone: null, came: null };
    if (gone !== null && !heads.delete(gone))
      throw written(TOOL, `${file.name}: ${showValue(note.text)}`, `a database at ${[...before].join(", ")}`);
    if (came !== null) heads.add(came);
  }
  if (!heads.has(version))
    throw written(TOOL, `no note of ${version} for the table ${table}`, `one after its statements; is ${table} the right table?`);
  const own = withoutAutocommit(statements.slice(0, end));
  const problems = [
    ...runOnConnection(file),
    ...own.flatMap((each) => (readsOnly(each.tree) ? [readWhileRendering(file.name, each)] : [])),
  ];
  const text = textOf(own);
  const bookkeeping = notes.map((each) => each.text);
  return {
    version,
    name: file.name.replace(/\.py$/, ""),
    file: file.name,
    text,
    digest: digestOf({ file: file.text, text, bookkeeping }),
    bookkeeping,
    heads: [...heads],
    problems,
  };
}

interface Note {
  readonly gone: string | null;
  readonly came: string | null;
}

/** What a statement changes in Alembic's own table; null for any other, and for any that is not as Alembic writes it. */
function noteOf({ text }: Statement, table: string): Note | null {
  const name = tablePattern(table);
  const column = `(?:${name}\\.)?version_num`;
  const value = "'([^']+)'";
  const insert = new RegExp(`^INSERT INTO ${name} \\(version_num\\) VALUES \\(${value}\\)(?: RETURNING ${column})?$`).exec(text);
  if (insert !== null) return { gone: null, came: insert[1] ?? null };
  const update = new RegExp(`^UPDATE ${name} SET version_num=${value} WHERE ${column} = ${value}$`).exec(text);
  if (update !== null) return { gone: update[2] ?? null, came: update[1] ?? null };
  const remove = new RegExp(`^DELETE FROM ${name} WHERE ${column} = ${value}$`).exec(text);
  return remove === null ? null : { gone: remove[1] ?? null, came: null };
}

function transactionWord({ text, tree }: Statement): "begin" | "commit" | "other" | null {
  if (unwrap(tree ?? undefined)?.kind !== "TransactionStmt") return null;
  return text === "BEGIN" ? "begin" : text === "COMMIT" ? "commit" : "other";
}

function isTransaction(statement: Statement | undefined): boolean {
  return statement !== undefined && ["begin", "commit"].includes(transactionWord(statement) ?? "");
}

/** A revision whose one statement stands in an `autocommit_block`. Any other COMMIT stays, and is refused like everybody's. */
function withoutAutocommit(statements: readonly Statement[]): readonly Statement[] {
  const [first, only, last] = statements;
  if (statements.length !== 3 || first === undefined || only === undefined || last === undefined) return statements;
  return transactionWord(first) === "commit" && transactionWord(last) === "begin" ? [only] : statements;
}

// Built in, and yet called for what they do.
const ACTING = new Set(["setval", "nextval", "set_config", "pg_notify"]);
const CHANGING = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "IntoClause"]);

/** A SELECT from tables that does nothing: its answer was meant for Python, which got none. */
function readsOnly(tree: Node | null): boolean {
  const found = unwrap(tree ?? undefined);
  if (found?.kind !== "SelectStmt") return false;
  let reads = false;
  let acts = false;
  walk(found.node, (kind, node) => {
    if (kind === "RangeVar") reads = true;
    const called = kind === "FuncCall" ? names(list(node, "funcname")) : [];
    if (CHANGING.has(kind) || (called.length > 0 && (!isBuiltIn(called) || ACTING.has(called.at(-1) ?? "")))) acts = true;
  });
  return reads && !acts;
}

function readWhileRendering(file: string, { text }: Statement): Problem {
  return {
    path: file,
    found: `${showValue(text)}, whose answer Python waits for`,
    allowed: "statements that need no answer while they are written down, such as UPDATE … FROM (SELECT …)",
  };
}

/** Alembic writes NULL where such a statement is given its parameters beside it, and nobody could tell that from a NULL that was meant. */
function runOnConnection({ name, text }: MigrationFile): readonly Problem[] {
  const [found] = [...text.matchAll(/([\w)\]]+)[\s\\]*\.[\s\\]*execute\s*\(/g)].filter(([, on]) => on !== "op");
  if (found === undefined) return [];
  const line = text.slice(0, found.index).split("\n").length;
  const allowed = "op.execute, with its values in the text or by bindparams: Alembic leaves out the parameters of others";
  return [{ path: `${name}:${line}`, found: "a statement that is run on a connection", allowed }];
}

/** Which file holds which revision; one that two files claim belongs to neither. */
function fileNames(files: readonly MigrationFile[]): ReadonlyMap<string, MigrationFile> {
  const found = files.flatMap((file) => {
    const version = /^revision(?:\s*:\s*[^=\n]+)?\s*=\s*(?:"([^"\n]+)"|'([^'\n]+)')/m.exec(file.text);
    return version === null ? [] : [{ version: version[1] ?? version[2] ?? "", file }];
  });
  const once = found.filter(({ version }) => found.filter((other) => other.version === version).length === 1);
  return new Map(once.map(({ version, file }) => [version, file]));
}
