import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInput } from "../domain/index.ts";
import type { SqlFile } from "../migrations/sql-directory.ts";

// A migration is written by hand; what is larger is a dump, and reading many such would fill the memory before anybody said so.
const BYTES_LIMIT = 16 * 1024 * 1024;

/** The SQL files of a folder of this checkout, by name; throws InvalidInput where it cannot be read. */
export async function readMigrationFiles(directory: string): Promise<readonly SqlFile[]> {
  const found = await readdir(directory, { withFileTypes: true }).catch(() => {
    const problem = { path: "migrations.directory", found: `"${directory}", which cannot be read`, allowed: "a folder of the repository" };
    throw new InvalidInput("holdfast.yml", [problem]);
  });
  // A link could lead out of the commit that was reviewed.
  const names = found.flatMap((each) => (each.isFile() && each.name.endsWith(".sql") ? [each.name] : [])).toSorted();
  const files: SqlFile[] = [];
  for (const name of names) {
    const { size } = await stat(join(directory, name));
    if (size > BYTES_LIMIT) {
      const allowed = `at most ${BYTES_LIMIT}: split it, or load data by other means`;
      throw new InvalidInput("The migration", [{ path: name, found: `${size} bytes`, allowed }]);
    }
    files.push({ name, text: await readFile(join(directory, name), "utf8") });
  }
  return files;
}
