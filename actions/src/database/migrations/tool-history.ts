import pg from "pg";
import type { FlywayRow, LiquibaseRow, MigrationSettings, ToolHistory } from "../../domain/index.ts";

/** What the tool itself would find in the database. */
export async function readToolHistory(client: pg.Client, { tool, table }: Pick<MigrationSettings, "tool" | "table">): Promise<ToolHistory> {
  if (tool === "sql") return { tool };
  if (tool === "flyway") {
    const columns = "installed_rank as rank, version, description, type, script, checksum, success";
    return { tool, rows: await rowsOf<FlywayRow>(client, table ?? "flyway_schema_history", columns) };
  }
  if (tool === "liquibase")
    return { tool, rows: await rowsOf<LiquibaseRow>(client, table ?? "databasechangelog", "id, author, filename, md5sum as md5") };
  const rows = await rowsOf<{ version_num: string }>(client, table ?? "alembic_version", "version_num");
  return { tool, versions: rows?.map(({ version_num }) => version_num).toSorted() ?? null };
}

/** Null where there is no such table. */
async function rowsOf<Row extends pg.QueryResultRow>(client: pg.Client, table: string, columns: string): Promise<readonly Row[] | null> {
  const quoted = table.split(".").map(pg.escapeIdentifier).join(".");
  const { rows } = await client.query<{ present: boolean }>("select to_regclass($1) is not null as present", [quoted]);
  return rows[0]?.present === true ? (await client.query<Row>(`select ${columns} from ${quoted}`)).rows : null;
}
