/** Where a cluster's migrations come from and how they are applied, as `holdfast.yml` says it. */
import * as z from "zod/mini";
import { durationText } from "./duration.ts";
import type { Problem } from "./problem.ts";
import { strictObject } from "./strict-object.ts";

/** What writes a team's migrations and remembers in the database which of them were applied. */
export const MIGRATION_TOOLS = ["sql", "alembic", "flyway", "liquibase"] as const;
export type MigrationTool = (typeof MIGRATION_TOOLS)[number];

const says = <Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema => schema.check(z.describe(description));
const words = z.array(z.string().check(z.minLength(1, "some text"))).check(z.minLength(1, "a command and its arguments, each by itself"));
const percent = z.number().check(z.minimum(0, "a number from 0 to 100"), z.maximum(100, "a number from 0 to 100"));
const folder = z
  .string()
  .check(
    z.regex(/^(?!.*(^|\/)\.\.?(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/, "a folder inside the repository, for example db/migrations"),
  );

export const migrationSettings = strictObject({
  tool: says(
    "sql: a folder of plain SQL files; alembic: revisions of Alembic; flyway: files of Flyway, whose history is kept as Flyway would; liquibase: change sets of Liquibase.",
    z._default(z.enum(MIGRATION_TOOLS, { error: MIGRATION_TOOLS.join(", ") }), "sql"),
  ),
  directory: says(
    "Where the migrations are, from the top of the repository. sql: files named <number>_<name>.sql, applied in the order of their numbers; alembic: the folder of the revisions; flyway: the location, with its subfolders; liquibase: the folder of the change logs, with its subfolders.",
    folder,
  ),
  baseline: says(
    "The newest migration that was applied before Holdfast: it and older ones are not applied again, nor asked of the tool. Its number or revision. flyway: only while the database has no history of Flyway. liquibase: none, its changelog-sync says that.",
    z.optional(z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "the number or revision of a migration"))),
  ),
  command: says(
    "How the tool is called, from the top of the repository and without a shell: its name or path and its own options. Without credentials, and without the network where the machine lets that be taken away.",
    z.optional(words),
  ),
  prepare: says("A command that installs the tool right before, with the network and without credentials.", z.optional(words)),
  environment: says(
    "What the tool and its configuration read from the environment. Nothing else of it is handed on; none of this is secret.",
    z.optional(z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable's name")), z.string())),
  ),
  table: says(
    "The table in which the tool remembers what was applied, where it is not the tool's default.",
    z.optional(
      z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$/, "a table name, with or without its schema")),
    ),
  ),
  locks: says("How long a statement may wait for a lock; what waits longer is rolled back.", z._default(durationText, "5s")),
  statements: says("How long one statement may take; what takes longer is rolled back.", z._default(durationText, "15m")),
  moreRows: says(
    "By how many percent a statement may touch more rows than in the rehearsal before it is rolled back.",
    z._default(percent, 0),
  ),
});
export type MigrationSettings = z.output<typeof migrationSettings>;

const BASELINES: Readonly<Record<MigrationTool, { readonly shape: RegExp; readonly allowed: string }>> = {
  sql: { shape: /^\d{1,18}$/, allowed: "the number of a migration" },
  alembic: { shape: /^\w+$/, allowed: "a revision, as its file names it" },
  flyway: { shape: /^\d+(\.\d+)*$/, allowed: "a version: numbers with points between" },
  liquibase: { shape: /(?!)/, allowed: "nothing: `liquibase changelog-sync` notes what was there before" },
};

/** What one setting says about another: a command that nobody calls would be found out on the day that it is relied on. */
export function migrationProblems(settings: MigrationSettings, path: string): readonly Problem[] {
  const { tool, baseline } = settings;
  const unused = [
    ...(tool === "alembic" || tool === "liquibase" ? [] : (["command", "prepare", "environment"] as const)),
    ...(tool === "sql" ? (["table"] as const) : []),
  ];
  return [
    ...(baseline === undefined || BASELINES[tool].shape.test(baseline)
      ? []
      : [{ path: `${path}.baseline`, found: `"${baseline}"`, allowed: BASELINES[tool].allowed }]),
    ...unused.flatMap((name) =>
      settings[name] === undefined
        ? []
        : [{ path: `${path}.${name}`, found: `a value with tool: ${tool}`, allowed: "nothing: no tool is called" }],
    ),
  ];
}
