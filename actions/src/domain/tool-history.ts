/** What a migration tool's own table in the database says was applied: it decides what is pending, and agrees with the tool afterwards. */
export type ToolHistory =
  /** Plain SQL has no tool; what was applied stands in `holdfast.migrations` alone. */
  | { readonly tool: "sql" }
  /** The revisions that the database is at, several where branches have not been merged. Null where the table does not exist. */
  | { readonly tool: "alembic"; readonly versions: readonly string[] | null }
  | { readonly tool: "flyway"; readonly rows: readonly FlywayRow[] | null }
  | { readonly tool: "liquibase"; readonly rows: readonly LiquibaseRow[] | null };

/** A row of `flyway_schema_history`. */
export interface FlywayRow {
  readonly rank: number;
  /** Null for what is run again whenever it changes. */
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly success: boolean;
}

/** A row of `databasechangelog`: a change set is known by these three together. */
export interface LiquibaseRow {
  readonly id: string;
  readonly author: string;
  readonly filename: string;
  readonly md5: string | null;
}
