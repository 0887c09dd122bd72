/** The only room that opens SQL connections. It proves that a restored cluster answers and is sound; every statement runs read-only. */
import pg from "pg";
import { connect, type DatabaseAccess } from "./connect.ts";
import { checkIndexes, countRows, describeSchema, type IndexCheck } from "./inspect-database.ts";

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** Why not; never a value of a row. */
  readonly problem?: string;
}

// A check that takes longer than this on a fresh, cold cluster is not a check but a scan; the restore must not hang on it.
const STATEMENT_LIMIT_MS = 60_000;

export interface Session {
  /** Runs the statements one after the other, each in a read-only transaction with a time limit. */
  check(checks: readonly { readonly name: string; readonly sql: string }[]): Promise<readonly CheckResult[]>;
  countRows(tables: readonly string[]): Promise<Readonly<Record<string, number | null>>>;
  checkIndexes(): Promise<IndexCheck | null>;
  describeSchema(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openSession(access: DatabaseAccess): Promise<Session> {
  const client = await connect(access, STATEMENT_LIMIT_MS);
  let asked = 0;
  return {
    async check(checks) {
      const results: CheckResult[] = [];
      for (const check of checks) {
        asked += 1;
        results.push(await runCheck(client, check, `holdfast check ${asked}`));
      }
      return results;
    },
    countRows: (tables) => readOnly(client, () => countRows(client, tables)),
    checkIndexes: () => readOnly(client, () => checkIndexes(client)),
    describeSchema: () => readOnly(client, () => describeSchema(client)),
    close: () => client.end(),
  };
}

async function readOnly<T>(client: pg.Client, read: () => Promise<T>): Promise<T> {
  await client.query("set default_transaction_read_only = on");
  return read();
}

async function runCheck(
  client: pg.Client,
  check: { readonly name: string; readonly sql: string },
  statement: string,
): Promise<CheckResult> {
  try {
    await client.query("begin read only");
    // A named statement is prepared, and PostgreSQL prepares one command only: none behind it can end the transaction that is read-only.
    const { rows, fields } = await client.query<Record<string, unknown>>({ name: statement, text: check.sql });
    const [row] = rows;
    const [field] = fields;
    if (rows.length !== 1 || fields.length !== 1 || row === undefined || field === undefined) {
      return {
        name: check.name,
        ok: false,
        problem: `returned ${rows.length} rows of ${fields.length} columns instead of a single true or false`,
      };
    }
    const value = row[field.name];
    if (typeof value !== "boolean") return { name: check.name, ok: false, problem: "returned something other than true or false" };
    return value ? { name: check.name, ok: true } : { name: check.name, ok: false, problem: "returned false" };
  } catch (error) {
    return {
      name: check.name,
      ok: false,
      problem: error instanceof pg.DatabaseError ? `failed with ${told(error)}` : "the connection was lost",
    };
  } finally {
    await client.query("rollback").catch(() => {});
  }
}

/** The database's own words only where it ran out of something (class 53): there they name a file or a limit, elsewhere they may quote a row. */
function told({ code, message }: pg.DatabaseError): string {
  return code?.startsWith("53") ? `SQLSTATE ${code}: ${message}` : `SQLSTATE ${code}`;
}
