/** The only room that opens SQL connections. It proves that a restored cluster answers and is sound; every statement runs read-only. */
import { readFile } from "node:fs/promises";
import pg from "pg";
import { checkIndexes, countRows, describeSchema, type IndexCheck } from "./inspect-database.ts";

export interface DatabaseAccess {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly tls: TlsMode;
}

/** libpq's words: without a given root certificate the ones Node trusts decide. */
export type TlsMode = { readonly mode: "disable" } | { readonly mode: "verify-full"; readonly rootCert?: string };

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** Why not; never a value of a row. */
  readonly problem?: string;
}

// A check that takes longer than this on a fresh, cold cluster is not a check but a scan; the restore must not hang on it.
const STATEMENT_LIMIT_MS = 60_000;
const CONNECT_LIMIT_MS = 15_000;

/** Parses PGSSLMODE and PGSSLROOTCERT; unset means verify-full, because Aurora is reached over a network. */
export async function readTls(mode: string | undefined, rootCertFile: string | undefined): Promise<TlsMode> {
  if (mode === "disable") return { mode };
  if (mode !== undefined && mode !== "" && mode !== "verify-full")
    throw new RangeError(`PGSSLMODE is ${JSON.stringify(mode)}; allowed: verify-full (the default) or disable`);
  return rootCertFile ? { mode: "verify-full", rootCert: await readFile(rootCertFile, "utf8") } : { mode: "verify-full" };
}

export interface Session {
  /** Runs the statements one after the other, each in a read-only transaction with a time limit. */
  check(checks: readonly { readonly name: string; readonly sql: string }[]): Promise<readonly CheckResult[]>;
  countRows(tables: readonly string[]): Promise<Readonly<Record<string, number | null>>>;
  checkIndexes(): Promise<IndexCheck | null>;
  describeSchema(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openSession(access: DatabaseAccess): Promise<Session> {
  const { tls, ...target } = access;
  const client = new pg.Client({
    ...target,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    statement_timeout: STATEMENT_LIMIT_MS,
    application_name: "holdfast",
    ssl: tls.mode === "disable" ? false : { rejectUnauthorized: true, ...(tls.rootCert === undefined ? {} : { ca: tls.rootCert }) },
  });
  // A cluster that goes away between statements is reported by the next one; without a listener it would end the process.
  client.on("error", () => {});
  await client.connect();
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
      problem: error instanceof pg.DatabaseError ? `failed with SQLSTATE ${error.code}` : "the connection was lost",
    };
  } finally {
    await client.query("rollback").catch(() => {});
  }
}
