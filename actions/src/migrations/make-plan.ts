/** The plan of a cluster's pending migrations: the same files, history, schema and settings always give the same digest. */
import { digestOf, VERDICTS, type VerdictWord } from "../domain/index.ts";
import { judgeMigration, type PlannedMigration } from "./judge-migration.ts";
import type { MigrationFile } from "./pending-migration.ts";
import { pendingMigrations, type Source } from "./pending-migrations.ts";
import { wayBackBeside } from "./way-back.ts";

export interface PlanInputs extends Source {
  readonly cluster: string;
  readonly database: string;
  readonly protect: readonly string[];
  readonly checks: readonly { readonly name: string; readonly sql: string }[];
  /** Digest of the schema that the plan stands on. */
  readonly schema: string;
}

export interface Plan {
  readonly digest: string;
  readonly schema: string;
  /** The tool that wrote the SQL, as it names itself; null where the files hold it. */
  readonly tool: string | null;
  readonly verdict: VerdictWord;
  readonly migrations: readonly PlannedMigration[];
}

/** `loadParser` must have been awaited. Throws InvalidInput for what cannot be planned or may never run. */
export function makePlan(inputs: PlanInputs): Plan {
  const { cluster, database, settings, protect, checks, schema, files, undo } = inputs;
  const { reading, tool, migrations: pending } = pendingMigrations(inputs);
  const judged = pending.map(judgeMigration);
  const migrations = undo === undefined && settings.tool === "sql" ? judged.map((each) => withWayBack(each, files)) : judged;
  const verdicts = migrations.flatMap(({ statements }) => statements.map(({ verdict }) => verdict));
  return {
    digest: digestOf({
      reading,
      tool,
      cluster,
      database,
      settings,
      protect,
      checks,
      schema,
      ...(undo === undefined ? {} : { undo }),
      migrations: JSON.parse(JSON.stringify(migrations)),
    }),
    schema,
    tool,
    verdict: VERDICTS.find((each) => verdicts.includes(each)) ?? "safe",
    migrations,
  };
}

/** A way back that could not run is found while nothing needs it yet. */
function withWayBack(migration: PlannedMigration, files: readonly MigrationFile[]): PlannedMigration {
  const back = wayBackBeside(files, migration);
  if (back !== null) judgeMigration(back);
  return { ...migration, wayBack: back !== null };
}

/** What is approved: the plan together with what its rehearsal showed, for this one request, so that nothing is ever approved for a second. */
export function approvalDigest(plan: string, ran: unknown, requestId: string): string {
  return digestOf({ plan, ran, requestId });
}
