/**
 * Flyway's files and its history table: which migrations a database lacks, and the rows that Flyway would have written for them. Its files are SQL
 * already, so Flyway itself is not called; what it would do beside running them is refused, because it would be missed.
 */
import { digestOf, type FlywayRow, InvalidInput, type Problem, sqlIdentifier, sqlLiteral } from "../domain/index.ts";
import { flywayChecksum } from "./flyway-checksum.ts";
import type { Applied, MigrationFile, PendingMigration } from "./pending-migration.ts";

export const FLYWAY_TABLE = "flyway_schema_history";

export interface FlywayHistory {
  readonly files: readonly MigrationFile[];
  readonly table: string;
  readonly baseline: string | undefined;
  /** The history's rows; null where there is no such table. */
  readonly rows: readonly FlywayRow[] | null;
  /** Applied by other requests than this one. */
  readonly applied: readonly Applied[];
  /** What this very request has applied already: to its plan it is still pending. */
  readonly own: readonly string[];
}

interface FlywayFile {
  readonly kind: "versioned" | "repeatable";
  /** As the file's name writes it; empty where it is repeatable. */
  readonly version: string;
  readonly description: string;
  readonly file: string;
  readonly text: string;
  readonly checksum: number;
}

/** Throws InvalidInput where files and history contradict each other, as Flyway's `validate` would, or where Flyway would do more than run them. */
export function pendingFlyway(history: FlywayHistory): readonly PendingMigration[] {
  const { table, baseline, own } = history;
  const files = readFlywayFiles(history.files);
  const rows = withoutOwn(history.rows, own, baseline);
  const problems = [...contradictions(rows ?? [], files, table), ...callbacks(history.files), ...scripts(rows, baseline, history.files)];
  if (problems.length > 0) throw new InvalidInput("The folder of migrations and Flyway's history", problems);
  const applied = (rows ?? []).filter(isVersioned).map(({ version }) => version);
  const base = rows === null ? baseline : undefined;
  const newest = [...applied, ...(base === undefined ? [] : [base])].toSorted(compareFlyway).at(-1);
  const baselined = rows?.find(({ type }) => type === "BASELINE")?.version ?? base ?? null;
  const versioned = files
    .filter(({ kind }) => kind === "versioned")
    .filter(({ version }) => !(baselined !== null && compareFlyway(version, baselined) <= 0))
    .filter(({ version }) => !applied.some((each) => compareFlyway(each, version) === 0))
    .toSorted((a, b) => compareFlyway(a.version, b.version));
  const late = versioned.filter(({ version }) => newest !== undefined && compareFlyway(version, newest) < 0);
  const repeatable = files
    .filter(({ kind, description, checksum }) => kind === "repeatable" && lastOf(rows ?? [], description)?.checksum !== checksum)
    .toSorted((a, b) => (a.description < b.description ? -1 : 1));
  const open = [...versioned, ...repeatable];
  const wrong = [
    ...late.map(({ file }) => ({ path: file, found: `pending, but ${newest} is applied already`, allowed: `a version above ${newest}` })),
    ...open.flatMap(({ file }) => settingsBeside(file, history.files)),
    ...open.flatMap(({ version, file }) => knownOtherwise(version, file, history.applied, table)),
  ];
  if (wrong.length > 0) throw new InvalidInput("The folder of migrations and Flyway's history", wrong);
  let rank = Math.max(0, ...(rows ?? []).map(({ rank: each }) => each));
  const first = rows === null ? [...tableOf(table), ...(base === undefined ? [] : [baselineRow(table, base, ++rank)])] : [];
  return open.map((file, index) => pending(file, ++rank, table, index === 0 ? first : []));
}

function pending(file: FlywayFile, rank: number, table: string, before: readonly string[]): PendingMigration {
  const { kind, version, description, text, checksum } = file;
  const name = description.replaceAll(" ", "_");
  const values = [rank, kind === "versioned" ? version : null, description, "SQL", file.file, checksum];
  return {
    // The same file may come again; each time it has another rank.
    version: kind === "versioned" ? version : `R__${name}-${rank}`,
    name,
    file: file.file,
    text,
    digest: digestOf(text),
    bookkeeping: [...before, rowOf(table, values)],
  };
}

function rowOf(table: string, values: readonly (string | number | null)[]): string {
  const shown = values.map((value) => (typeof value === "string" ? sqlLiteral(value) : String(value ?? "NULL"))).join(", ");
  return `INSERT INTO ${quoted(table)} (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) VALUES (${shown}, current_user, 0, TRUE)`;
}

function baselineRow(table: string, version: string, rank: number): string {
  const told = "<< Flyway Baseline >>";
  return rowOf(table, [rank, version, told, "BASELINE", told, null]);
}

/** As Flyway makes it. */
function tableOf(table: string): readonly string[] {
  const name = table.slice(table.lastIndexOf(".") + 1);
  return [
    `CREATE TABLE ${quoted(table)} (
    "installed_rank" INT NOT NULL,
    "version" VARCHAR(50),
    "description" VARCHAR(200) NOT NULL,
    "type" VARCHAR(20) NOT NULL,
    "script" VARCHAR(1000) NOT NULL,
    "checksum" INTEGER,
    "installed_by" VARCHAR(100) NOT NULL,
    "installed_on" TIMESTAMP NOT NULL DEFAULT now(),
    "execution_time" INTEGER NOT NULL,
    "success" BOOLEAN NOT NULL
)`,
    `ALTER TABLE ${quoted(table)} ADD CONSTRAINT "${name}_pk" PRIMARY KEY ("installed_rank")`,
    `CREATE INDEX "${name}_s_idx" ON ${quoted(table)} ("success")`,
  ];
}

function quoted(table: string): string {
  return table.split(".").map(sqlIdentifier).join(".");
}

const VERSIONED = /^V(\d+(?:[._]\d+)*)__(.+)\.sql$/;
const REPEATABLE = /^R__(.+)\.sql$/;
// The way back of a version, and a script that stands for all before it where a database is new.
const LEFT_ALONE = /^(?:U|B)\d+(?:[._]\d+)*__.+\.sql$/;
const CALLBACK = /^(?:before|after|create)[A-Z]\w*\.sql$/;
// As wide as Flyway's own columns.
const DESCRIPTION_WIDTH = 200;

function readFlywayFiles(files: readonly MigrationFile[]): readonly FlywayFile[] {
  const found = files.filter(({ name }) => name.endsWith(".sql")).flatMap((each) => readFlywayFile(each) ?? []);
  const read = found.flatMap((each) => ("kind" in each ? [each] : []));
  const same = (a: FlywayFile, b: FlywayFile) =>
    a.kind === b.kind && (a.kind === "versioned" ? compareFlyway(a.version, b.version) === 0 : a.description === b.description);
  const doubled = read.filter((each, index) => read.findIndex((other) => same(other, each)) !== index);
  const problems = [
    ...found.flatMap((each) => ("path" in each ? [each] : [])),
    ...doubled.map(({ file }) => ({ path: file, found: "a version or description a second time", allowed: "one of its own" })),
  ];
  if (problems.length > 0) throw new InvalidInput("The folder of migrations", problems);
  return read;
}

function readFlywayFile({ name, text }: MigrationFile): FlywayFile | Problem | null {
  const base = name.slice(name.lastIndexOf("/") + 1);
  const [, version, described = REPEATABLE.exec(base)?.[1]] = VERSIONED.exec(base) ?? [];
  if (described !== undefined) {
    const description = described.replaceAll("_", " ");
    if (description.length > DESCRIPTION_WIDTH)
      return { path: name, found: `a description of ${description.length} characters`, allowed: `at most ${DESCRIPTION_WIDTH}` };
    const kind = version === undefined ? "repeatable" : "versioned";
    return { kind, version: (version ?? "").replaceAll("_", "."), description, file: name, text, checksum: flywayChecksum(text) };
  }
  if (LEFT_ALONE.test(base) || CALLBACK.test(base)) return null;
  return { path: name, found: "a name that Flyway passes over", allowed: "V<version>__<description>.sql or R__<description>.sql" };
}

/** By number, part for part; what is missing is zero. */
export function compareFlyway(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[._]/).map((part) => BigInt(part)));
  for (let index = 0; index < Math.max(left?.length ?? 0, right?.length ?? 0); index += 1) {
    const difference = (left?.[index] ?? 0n) - (right?.[index] ?? 0n);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}

function isVersioned(row: FlywayRow): row is FlywayRow & { readonly version: string } {
  return row.version !== null;
}

function lastOf(rows: readonly FlywayRow[], description: string): FlywayRow | undefined {
  return rows.filter((row) => row.version === null && row.description === description).toSorted((a, b) => b.rank - a.rank)[0];
}

/** As the history was before this request: a second attempt must come to the plan of the first. */
function withoutOwn(rows: FlywayHistory["rows"], own: readonly string[], baseline: string | undefined): FlywayHistory["rows"] {
  if (rows === null || own.length === 0) return rows;
  const repeated = own.flatMap((each) => /^R__.*-(\d+)$/.exec(each)?.[1] ?? []);
  const left = rows.filter(({ version, rank }) => !(version === null ? repeated.includes(String(rank)) : own.includes(version)));
  const ours = left.every(({ type, version }) => type === "BASELINE" && version === baseline);
  return ours ? null : left;
}

// SPRING_JDBC and JDBC are written in Java: they were applied, and their files are elsewhere.
const TYPES = ["SQL", "BASELINE", "SCHEMA", "JDBC", "SPRING_JDBC"];

/** What Flyway's `validate` would say, and what a history may hold that is not read here. */
function contradictions(rows: readonly FlywayRow[], files: readonly FlywayFile[], table: string): readonly Problem[] {
  return rows.flatMap(({ version, description, type, script, checksum, success }): readonly Problem[] => {
    const path = version ?? script;
    if (!success) return [{ path, found: `failed, says ${table}`, allowed: "a history that was mended (flyway repair)" }];
    if (!TYPES.includes(type)) return [{ path, found: `a row of the type ${type} in ${table}`, allowed: TYPES.join(", ") }];
    if (type !== "SQL" || version === null) return [];
    const file = files.find((each) => each.kind === "versioned" && compareFlyway(each.version, version) === 0);
    if (file === undefined) return [{ path, found: "applied to the database, but without a file", allowed: "the file as it was applied" }];
    if (checksum !== null && file.checksum !== checksum)
      return [
        { path: file.file, found: "other text than was applied", allowed: "the file as it was applied; write a new migration instead" },
      ];
    if (file.description !== description)
      return [{ path: file.file, found: "another description than was applied", allowed: `"${description}"` }];
    return [];
  });
}

function callbacks(files: readonly MigrationFile[]): readonly Problem[] {
  return files.flatMap(({ name }) =>
    CALLBACK.test(name.slice(name.lastIndexOf("/") + 1))
      ? [{ path: name, found: "a callback, which only Flyway itself runs", allowed: "its statements in the migrations that need them" }]
      : [],
  );
}

/** A new database gets such a script from Flyway, and none of the migrations that it stands for. */
function scripts(rows: FlywayHistory["rows"], baseline: string | undefined, files: readonly MigrationFile[]): readonly Problem[] {
  const standsFor = files.find(({ name }) => /^B\d/.test(name.slice(name.lastIndexOf("/") + 1)));
  if (standsFor === undefined || (rows ?? []).length > 0 || baseline !== undefined) return [];
  return [{ path: standsFor.name, found: "a script for a new database", allowed: "a database that Flyway has migrated before" }];
}

/** How a statement runs is decided by what it is; anything else that a file beside it sets would be missed. */
function settingsBeside(file: string, files: readonly MigrationFile[]): readonly Problem[] {
  const beside = files.find(({ name }) => name === `${file}.conf`);
  const lines = (beside?.text ?? "").split(/\r?\n/).filter((line) => !/^\s*(?:[#!].*)?$/.test(line));
  const [other] = lines.filter((line) => !/^\s*executeInTransaction\s*[=:]/.test(line));
  return other === undefined ? [] : [{ path: `${file}.conf`, found: other.trim(), allowed: "executeInTransaction, or no such file" }];
}

function knownOtherwise(version: string, file: string, applied: readonly Applied[], table: string): readonly Problem[] {
  const line = applied.find((each) => version !== "" && each.version === version && each.state === "applied");
  if (line === undefined) return [];
  return [
    {
      path: file,
      found: `applied by Holdfast, but not known to ${table}`,
      allowed: "a history that nobody took back: write a new migration",
    },
  ];
}
