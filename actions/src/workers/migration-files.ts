import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { InvalidInput, type MigrationSettings, type MigrationTool } from "../domain/index.ts";
import type { MigrationFile } from "../migrations/pending-migration.ts";

// A migration is written by hand; what is larger is a dump, and reading many such would fill the memory before anybody said so.
const BYTES_LIMIT = 16 * 1024 * 1024;

const ENDINGS: Readonly<Record<MigrationTool, readonly string[]>> = {
  sql: [".sql"],
  alembic: [".py"],
  flyway: [".sql", ".sql.conf"],
  liquibase: [".xml", ".yaml", ".yml", ".json", ".sql"],
};
/** Tools that look into subfolders too. */
const DEEP: readonly MigrationTool[] = ["flyway", "liquibase"];

/** The migrations' files in their folder of this checkout, by name; throws InvalidInput where it cannot be read. */
export async function readMigrationFiles({ tool, directory }: MigrationSettings): Promise<readonly MigrationFile[]> {
  const found = await readdir(directory, { withFileTypes: true, recursive: DEEP.includes(tool) }).catch(() => {
    const problem = { path: "migrations.directory", found: `"${directory}", which cannot be read`, allowed: "a folder of the repository" };
    throw new InvalidInput("holdfast.yml", [problem]);
  });
  // A link could lead out of the commit that was reviewed.
  const wanted = found.filter((each) => each.isFile() && ENDINGS[tool].some((ending) => each.name.endsWith(ending)));
  const names = wanted.map((each) => relative(directory, join(each.parentPath, each.name)).replaceAll("\\", "/")).toSorted();
  const files: MigrationFile[] = [];
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
