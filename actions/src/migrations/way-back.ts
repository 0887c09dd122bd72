/** The files that take applied migrations back, newest first, or why there is no such way. */
import { digestOf, InvalidInput, type Problem } from "../domain/index.ts";
import type { Applied, MigrationFile, PendingMigration } from "./pending-migration.ts";
import { compareVersions, readSqlDirectory } from "./sql-directory.ts";

/** The migration that a way back is made of: `digest` is the way back's own, `undoes` that of the file which was applied. */
export interface WayBack extends PendingMigration {
  readonly undoes: string;
}

/** The way back that lies beside a migration; null where none does. */
export function wayBackBeside(
  files: readonly MigrationFile[],
  { version, name, file, digest }: Omit<PendingMigration, "text" | "bookkeeping">,
): WayBack | null {
  const back = files.find((each) => each.name === wayBackName(file));
  return back === undefined
    ? null
    : { version, name, file: back.name, text: back.text, digest: digestOf(back.text), bookkeeping: [], undoes: digest };
}

function wayBackName(file: string): string {
  return file.replace(/\.sql$/, ".down.sql");
}

/**
 * From the newest applied migration down to `oldest`: what is above it may stand on it, so it goes first. Throws InvalidInput where `oldest` is not applied,
 * or one of them is not as it was applied, or has no way back beside it.
 */
export function waysBack(files: readonly MigrationFile[], applied: readonly Applied[], oldest: string): readonly WayBack[] {
  const migrations = readSqlDirectory(files);
  const gone = applied.filter(({ version }) => compareVersions(version, oldest) >= 0);
  if (!gone.some(({ version }) => version === oldest)) {
    const newest = applied
      .map(({ version }) => version)
      .toSorted(compareVersions)
      .at(-1);
    const allowed =
      newest === undefined ? "nothing: Holdfast applied no migration" : `the number of an applied migration; the newest is ${newest}`;
    throw new InvalidInput("The migration to take back", [{ path: "undo", found: `${oldest}, which is not applied`, allowed }]);
  }
  const found = gone.toSorted((a, b) => compareVersions(b.version, a.version)).map((line) => wayBackOf(line, migrations, files));
  const problems = found.flatMap((each) => ("undoes" in each ? [] : [each]));
  if (problems.length > 0) throw new InvalidInput("The way back", problems);
  return found.flatMap((each) => ("undoes" in each ? [each] : []));
}

function wayBackOf(
  { version, digest, state }: Applied,
  migrations: readonly PendingMigration[],
  files: readonly MigrationFile[],
): WayBack | Problem {
  const migration = migrations.find((each) => each.version === version);
  if (state === "running")
    return { path: version, found: "begun and not known to be over", allowed: "one that is applied whole: let its own request end first" };
  if (migration === undefined)
    return { path: version, found: "applied to the database, but without a file", allowed: "the file as it was applied" };
  if (migration.digest !== digest)
    return {
      path: migration.file,
      found: "other text than was applied",
      allowed: "the file as it was applied, and its way back beside it",
    };
  const found = "no such file";
  const allowed = "the way back beside the migration; without one, restore or rewind to the second before it";
  return wayBackBeside(files, migration) ?? { path: wayBackName(migration.file), found, allowed };
}
