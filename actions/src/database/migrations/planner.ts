/** What a plan asks of the live database, on one connection that can only read. */
import pg from "pg";
import * as z from "zod/mini";
import { digestOf, type MigrationSettings, type Protection, type ToolHistory } from "../../domain/index.ts";
import { connect, type DatabaseAccess } from "../connect.ts";
import { type HistoryLine, readHistory, readUndone, type UndoneLine } from "./history.ts";
import { type Columns, holdsSomething } from "./measure.ts";
import { queryOne } from "./query-one.ts";
import { readProtection } from "./read-protection.ts";
import { schemaLines } from "./schema-lines.ts";
import { readToolHistory } from "./tool-history.ts";

export interface Estimate {
  readonly expected: number;
  readonly from: "explain" | "catalog";
}

export interface Planner {
  history(): Promise<readonly HistoryLine[]>;
  undone(): Promise<readonly UndoneLine[]>;
  toolHistory(of: Pick<MigrationSettings, "tool" | "table">): Promise<ToolHistory>;
  schema(): Promise<string>;
  /** How many rows a statement is expected to touch; null for what neither PostgreSQL's planner nor its catalog can say. */
  estimate(statement: string, tables: readonly string[], asked: "changed" | "whole"): Promise<Estimate | null>;
  /** How many rows are expected to hold something in these columns; null where they are not known. */
  filled(columns: Columns): Promise<Estimate | null>;
  protection(): Promise<Protection>;
  close(): Promise<void>;
}

const STATEMENT_LIMIT_MS = 30_000;

export async function openPlanner(access: DatabaseAccess): Promise<Planner> {
  const client = await connect(access, STATEMENT_LIMIT_MS);
  await client.query("set default_transaction_read_only = on");
  return {
    history: () => readHistory(client),
    undone: () => readUndone(client),
    toolHistory: (of) => readToolHistory(client, of),
    schema: async () => digestOf(await schemaLines(client)),
    async estimate(statement, tables, asked) {
      const explained = asked === "changed" ? await explain(client, statement, changedRows) : null;
      return explained ?? (await sizeOf(client, tables));
    },
    async filled({ table, columns }) {
      const name = table.split(".").map(pg.escapeIdentifier).join(".");
      const condition = holdsSomething(columns.map((column) => ({ column })));
      return (await explain(client, `select from ${name} where ${condition}`, foundRows)) ?? (await sizeOf(client, [table]));
    },
    protection: () => readProtection(client),
    close: () => client.end(),
  };
}

/** Planning executes nothing, and what stable functions do while constants are folded happens read-only and is rolled back. */
async function explain(client: pg.Client, statement: string, rowsIn: (plan: unknown) => number | null): Promise<Estimate | null> {
  await client.query("begin read only");
  try {
    const { rows } = await queryOne<Record<string, unknown>>(client, `explain (format json) ${statement}`);
    const expected = rowsIn(rows[0]?.["QUERY PLAN"]);
    return expected === null ? null : { expected, from: "explain" };
  } catch (error) {
    // A table or column that an earlier migration of the plan makes, or a right that the reading role does not have: the catalog may still know.
    if (error instanceof pg.DatabaseError) return null;
    throw error;
  } finally {
    await client.query("rollback");
  }
}

/** The rows that come out of the whole. */
function foundRows(plan: unknown): number | null {
  const read = z.safeParse(z.array(z.object({ Plan: z.object({ "Plan Rows": z.number() }) })), plan);
  return read.success ? (read.data[0]?.Plan["Plan Rows"] ?? null) : null;
}

/** The rows that flow into every node that changes rows. */
function changedRows(plan: unknown): number | null {
  let found: number | null = null;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    else if (typeof value === "object" && value !== null) {
      const node: Record<string, unknown> = { ...value };
      if (node["Node Type"] === "ModifyTable" && Array.isArray(node.Plans)) {
        for (const below of node.Plans) {
          const rows = typeof below === "object" && below !== null && "Plan Rows" in below ? below["Plan Rows"] : null;
          if (typeof rows === "number") found = (found ?? 0) + rows;
        }
      }
      for (const below of Object.values(node)) visit(below);
    }
  };
  visit(plan);
  return found;
}

async function sizeOf(client: pg.Client, tables: readonly string[]): Promise<Estimate | null> {
  const { rows } = await client.query<{ rows: string | null }>(
    `select sum(greatest(c.reltuples, 0))::bigint as rows from unnest($1::text[]) as t(name) join pg_class c on c.oid = to_regclass(t.name)
     where c.relkind in ('r', 'p', 'm')`,
    [tables.map((name) => name.split(".").map(pg.escapeIdentifier).join("."))],
  );
  const sum = rows[0]?.rows ?? null;
  return sum === null ? null : { expected: Number(sum), from: "catalog" };
}
