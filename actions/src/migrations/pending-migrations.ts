/** What is pending, by whatever tool a cluster's migrations were written for. */
import { InvalidInput, type MigrationSettings, type ToolHistory } from "../domain/index.ts";
import { ALEMBIC_TABLE, pendingRevisions } from "./alembic.ts";
import { FLYWAY_TABLE, pendingFlyway } from "./flyway.ts";
import { LIQUIBASE_TABLE, pendingChangeSets } from "./liquibase.ts";
import type { Applied, MigrationFile, PendingMigration, Rendering } from "./pending-migration.ts";
import { pendingOf, readSqlDirectory } from "./sql-directory.ts";
import { waysBack } from "./way-back.ts";

export interface Source {
  readonly settings: MigrationSettings;
  readonly files: readonly MigrationFile[];
  /** Null for tools whose files are read as they are. */
  readonly rendering: Rendering | null;
  /** Of `holdfast.migrations`, without the lines of this very request. */
  readonly applied: readonly Applied[];
  /** Versions that this very request has applied already. */
  readonly own: readonly string[];
  readonly history: ToolHistory;
  /** Instead of what is pending: this applied migration and every newer one are taken back. Plain SQL only. */
  readonly undo?: string;
}

export interface Pending {
  /** Rises when the same files would be cut, judged or applied differently: what was approved for another reading does not hold. */
  readonly reading: string;
  /** The tool that wrote the SQL, as it names itself; null where files are read as they are. */
  readonly tool: string | null;
  readonly migrations: readonly PendingMigration[];
}

/** Throws InvalidInput where files and database contradict each other. `loadParser` must have been awaited. */
export function pendingMigrations(source: Source): Pending {
  const { settings, files, rendering, applied, own, history, undo } = source;
  const { baseline } = settings;
  if (history.tool === "sql") {
    const migrations = undo === undefined ? pendingOf(readSqlDirectory(files), applied, baseline) : waysBack(files, applied, undo);
    return { reading: "sql 2", tool: null, migrations };
  }
  if (history.tool === "flyway") {
    const { table = FLYWAY_TABLE } = settings;
    return { reading: "flyway 1", tool: null, migrations: pendingFlyway({ files, table, baseline, rows: history.rows, applied, own }) };
  }
  if (rendering === null)
    throw new InvalidInput("The plan", [{ path: "rendered", found: "nothing", allowed: `what the job before had ${settings.tool} write` }]);
  if (history.tool === "liquibase") {
    const { table = LIQUIBASE_TABLE, directory } = settings;
    const migrations = pendingChangeSets({ sql: rendering.sql, files, directory, table, rows: history.rows, applied, own });
    return { reading: "liquibase 1", tool: rendering.version, migrations };
  }
  const { table = ALEMBIC_TABLE } = settings;
  const migrations = pendingRevisions({ sql: rendering.sql, files, table, baseline, versions: history.versions, applied, own });
  return { reading: "alembic 1", tool: rendering.version, migrations };
}
