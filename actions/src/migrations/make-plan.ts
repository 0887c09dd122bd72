/** The plan of a cluster's pending migrations: the same files, history, schema and settings always give the same digest. */
import { digestOf, type MigrationSettings, VERDICTS, type VerdictWord } from "../domain/index.ts";
import { judgeMigration, type PlannedMigration } from "./judge-migration.ts";
import { type Applied, pendingOf, readSqlDirectory, type SqlFile } from "./sql-directory.ts";
import { wayBackBeside, waysBack } from "./way-back.ts";

export interface PlanInputs {
  readonly cluster: string;
  readonly database: string;
  readonly settings: MigrationSettings;
  readonly protect: readonly string[];
  readonly checks: readonly { readonly name: string; readonly sql: string }[];
  readonly files: readonly SqlFile[];
  readonly applied: readonly Applied[];
  /** Digest of the schema that the plan stands on. */
  readonly schema: string;
  /** Instead of what is pending: this applied migration and every newer one are taken back. */
  readonly undo?: string;
}

export interface Plan {
  readonly digest: string;
  readonly schema: string;
  readonly verdict: VerdictWord;
  readonly migrations: readonly PlannedMigration[];
}

// Rises when the same file would be cut, judged or applied differently: what was approved for another reading does not hold.
const READING = "sql 1";

/** `loadParser` must have been awaited. Throws InvalidInput for what cannot be planned or may never run. */
export function makePlan({ files, applied, ...fixed }: PlanInputs): Plan {
  const migrations =
    fixed.undo === undefined
      ? pendingOf(readSqlDirectory(files), applied, fixed.settings.baseline).map((each) => withWayBack(judgeMigration(each), files))
      : waysBack(files, applied, fixed.undo).map(judgeMigration);
  const verdicts = migrations.flatMap(({ statements }) => statements.map(({ verdict }) => verdict));
  return {
    digest: digestOf({ reading: READING, ...fixed, migrations: JSON.parse(JSON.stringify(migrations)) }),
    schema: fixed.schema,
    verdict: VERDICTS.find((each) => verdicts.includes(each)) ?? "safe",
    migrations,
  };
}

/** A way back that could not run is found while nothing needs it yet. */
function withWayBack(migration: PlannedMigration, files: readonly SqlFile[]): PlannedMigration {
  const back = wayBackBeside(files, migration);
  if (back !== null) judgeMigration(back);
  return { ...migration, wayBack: back !== null };
}

/** What is approved: the plan together with what its rehearsal showed. */
export function approvalDigest(plan: string, ran: unknown): string {
  return digestOf({ plan, ran });
}
