/**
 * Liquibase's offline SQL read into change sets, and which of them a database lacks: those that its own table does not name. What Liquibase decides only
 * while it runs is not in that SQL, so change sets that rely on it are refused.
 */
import { digestOf, InvalidInput, type LiquibaseRow, type Problem, showValue } from "../domain/index.ts";
import type { Applied, MigrationFile, PendingMigration } from "./pending-migration.ts";
import type { Statement } from "./read-statements.ts";
import { readSteps, type Step, tablePattern, textOf, written } from "./written-sql.ts";

export const LIQUIBASE_TABLE = "databasechangelog";

export interface LiquibaseHistory {
  readonly sql: string;
  readonly files: readonly MigrationFile[];
  /** Where they lie, from the top of the repository. */
  readonly directory: string;
  readonly table: string;
  /** What the table holds; null where there is none. */
  readonly rows: readonly LiquibaseRow[] | null;
  /** Applied by other requests than this one. */
  readonly applied: readonly Applied[];
  /** Versions that this very request has applied already: to its plan they are still pending. */
  readonly own: readonly string[];
}

interface ChangeSet {
  readonly version: string;
  readonly id: string;
  readonly changelog: string;
  readonly md5: string;
  readonly statements: readonly Statement[];
  readonly note: string;
}

/** Throws InvalidInput where SQL, files and database do not tell the same story. `loadParser` must have been awaited. */
export function pendingChangeSets(history: LiquibaseHistory): readonly PendingMigration[] {
  const { sql, files, directory, table, rows, own, applied } = history;
  const { before, steps } = readSteps("Liquibase", sql, STEP);
  const create = readBefore(before, table);
  const sets = steps.map((step) => readStep(step, table));
  const known = new Map((rows ?? []).map((row) => [versionOf(row), row]));
  const pending = sets.filter(({ version }) => !known.has(version) || own.includes(version));
  const read = pending.map((set) => ({ set, file: fileOf(set, files, directory) }));
  const problems = [
    ...sets.flatMap((set) => changed(set, known.get(set.version))),
    ...read.flatMap(({ set, file }) =>
      file === undefined
        ? [{ path: set.version, found: `no file ${set.changelog} in ${directory}`, allowed: "change sets of the folder in holdfast.yml" }]
        : relies(set, file),
    ),
    ...pending.flatMap(({ version }) =>
      applied.some((each) => each.version === version && each.state === "applied")
        ? [{ path: version, found: `applied by Holdfast, but not known to ${table}`, allowed: "a history that nobody took back" }]
        : [],
    ),
  ];
  if (problems.length > 0) throw new InvalidInput("The change sets and the database's history", problems);
  const begins = rows === null || (own.length > 0 && [...known.keys()].every((version) => own.includes(version)));
  return read.flatMap(({ set, file }, index) =>
    file === undefined ? [] : [migrationOf(set, file, begins && index === 0 ? create : null)],
  );
}

function migrationOf({ version, id, statements, note }: ChangeSet, file: MigrationFile, create: string | null): PendingMigration {
  const text = textOf(statements);
  const bookkeeping = create === null ? [note] : [create, note];
  return { version, name: id, file: file.name, text, digest: digestOf({ file: file.text, text }), bookkeeping };
}

const STEP = /^-- Changeset (.+)$/gm;

function readBefore([create, ...others]: readonly Statement[], table: string): string | null {
  if (create === undefined) return null;
  const creates = new RegExp(`^CREATE TABLE ${tablePattern(table)} \\(ID VARCHAR`);
  const [other] = creates.test(create.text) ? others : [create];
  if (other !== undefined)
    throw written(
      "Liquibase",
      `${showValue(other.text)} before the first change set`,
      `the table ${table} of holdfast.yml, and nothing else`,
    );
  return create.text;
}

const TEXT = "'((?:[^']|'')*)'";
const COLUMNS = "ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, [A-Z_, ]+";
const VALUES = `${TEXT}, ${TEXT}, ${TEXT}, NOW\\(\\), \\d+, ${TEXT}, (?:${TEXT}|NULL), (?:${TEXT}|NULL), 'EXECUTED', `;

function readStep({ announced, statements }: Step, table: string): ChangeSet {
  const last = statements.at(-1);
  const note = new RegExp(`^INSERT INTO ${tablePattern(table)} \\(${COLUMNS}\\) VALUES \\(${VALUES}`).exec(last?.text ?? "");
  const [id = "", author = "", filename = "", md5 = ""] = (note ?? []).slice(1).map((value) => (value ?? "").replaceAll("''", "'"));
  const version = versionOf({ id, author, filename });
  if (last === undefined || note === null || announced !== version)
    throw written("Liquibase", `no note of ${announced} for the table ${table}`, `one after its statements; is ${table} the right table?`);
  return { version, id, changelog: plain(filename), md5, statements: statements.slice(0, -1), note: last.text };
}

function versionOf({ id, author, filename }: Pick<LiquibaseRow, "id" | "author" | "filename">): string {
  return `${plain(filename)}::${id}::${author}`;
}

/** Applications name the same file with a prefix that a command line does not need. */
function plain(filename: string): string {
  return filename.replace(/^classpath:\/?/, "").replace(/^\.\//, "");
}

/** Liquibase refuses a change set whose text was changed; a checksum of another of its versions is none to compare with. */
function changed({ version, md5 }: ChangeSet, row: LiquibaseRow | undefined): readonly Problem[] {
  if (row === undefined || row.md5 === null || row.md5 === md5 || row.md5.split(":")[0] !== md5.split(":")[0]) return [];
  return [{ path: version, found: "other text than was applied", allowed: "the change set as it was applied; write a new one instead" }];
}

function fileOf({ changelog }: ChangeSet, files: readonly MigrationFile[], directory: string): MigrationFile | undefined {
  return files.find(({ name }) => `/${directory}/${name}`.endsWith(`/${changelog}`));
}

/** What only Liquibase itself sees or does while it runs, and what it takes from files whose authors nobody asks about. */
const RELIES = [
  { word: /\bpre-?conditions?\b/i, found: "preconditions, which Liquibase passes over while it writes SQL" },
  { word: /\b(?:customChange|executeCommand)\b/, found: "a change that is no SQL" },
  { word: /\brunAlways\b|\brunOnChange\b/i, found: "a change set that runs more than once" },
  {
    word: /\b(?:sqlFile|loadData|loadUpdateData)\b|<create(?:Procedure|View)\b[^>]*\bpath\s*=/,
    found: "statements or rows from another file",
  },
] as const;

function relies({ version }: ChangeSet, { text }: MigrationFile): readonly Problem[] {
  const allowed = "a file without them for what is pending";
  return RELIES.flatMap(({ word, found }) => (word.test(text) ? [{ path: version, found, allowed }] : []));
}
