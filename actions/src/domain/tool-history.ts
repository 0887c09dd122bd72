/** What a migration tool's own table in the database says was applied: it decides what is pending, and agrees with the tool afterwards. */
export type ToolHistory =
  /** Plain SQL has no tool; what was applied stands in `holdfast.migrations` alone. */
  | { readonly tool: "sql" }
  /** The revisions that the database is at, several where branches have not been merged. Null where the table does not exist. */
  | { readonly tool: "alembic"; readonly versions: readonly string[] | null };
