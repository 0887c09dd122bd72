/** A folder of plain SQL files and what a database says it has of them: which migrations are pending, or why nobody can tell. */
import { digestOf, InvalidInput, type Problem } from "../domain/index.ts";
import type { Applied, MigrationFile, PendingMigration } from "./pending-migration.ts";

const FILE = /^0*(\d{1,18})_([A-Za-z0-9][A-Za-z0-9_.-]*)\.sql$/;
/** The way back of a migration lies beside it and never runs with it. */
const WAY_BACK = /\.down\.sql$/;

/** The folder's migrations in the order of their numbers; throws InvalidInput that names every file that is none. */
export function readSqlDirectory(files: readonly MigrationFile[]): readonly PendingMigration[] {
  const found = files.filter(({ name }) => name.endsWith(".sql") && !WAY_BACK.test(name)).map((each) => readSqlFile(each));
  const migrations = found.flatMap((each) => ("version" in each ? [each] : []));
  const doubled = migrations.filter((each, index) => migrations.findIndex(({ version }) => version === each.version) !== index);
  const problems = [
    ...found.flatMap((each) => ("version" in each ? [] : [each])),
    ...doubled.map(({ file, version }) => ({ path: file, found: `the number ${version} a second time`, allowed: "a number of its own" })),
  ];
  if (problems.length > 0) throw new InvalidInput("The folder of migrations", problems);
  return migrations.toSorted((a, b) => compareVersions(a.version, b.version));
}

function readSqlFile({ name, text }: MigrationFile): PendingMigration | Problem {
  const [, version, rest] = FILE.exec(name) ?? [];
  if (version === undefined || rest === undefined)
    return { path: name, found: "a name without a number", allowed: "<number>_<name>.sql, for example 0007_add_phone.sql" };
  return { version, name: rest, file: name, text, digest: digestOf(text), bookkeeping: [] };
}

/** As numbers: they may be longer than a double is exact. */
export function compareVersions(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * What is in the folder and not in the database. Throws InvalidInput where the two contradict each other: an applied file that was changed or is
 * gone, or one that comes before the newest applied.
 */
export function pendingOf(
  migrations: readonly PendingMigration[],
  applied: readonly Applied[],
  baseline: string | undefined,
): readonly PendingMigration[] {
  const base = baseline?.replace(/^0+(?=\d)/, "");
  const done = new Map(applied.map((each) => [each.version, each]));
  const newest = applied.map(({ version }) => version).reduce((a, b) => (compareVersions(a, b) >= 0 ? a : b), base ?? "");
  const open = migrations.filter(
    ({ version }) => done.get(version)?.state !== "applied" && !(base !== undefined && compareVersions(version, base) <= 0),
  );
  const problems: Problem[] = [
    ...migrations.flatMap(({ version, file, digest }) => {
      const then = done.get(version);
      return then === undefined || then.digest === digest
        ? []
        : [{ path: file, found: "other text than was applied", allowed: "the file as it was applied; write a new migration instead" }];
    }),
    ...applied.flatMap(({ version }) =>
      migrations.some((each) => each.version === version)
        ? []
        : [{ path: version, found: "applied to the database, but without a file", allowed: "the file as it was applied" }],
    ),
    ...open.flatMap(({ version, file }) =>
      newest !== "" && compareVersions(version, newest) < 0
        ? [{ path: file, found: `pending, but ${newest} is applied already`, allowed: `a number above ${newest}` }]
        : [],
    ),
  ];
  if (problems.length > 0) throw new InvalidInput("The folder of migrations and the database's history", problems);
  return open;
}
