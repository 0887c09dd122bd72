import { readFile } from "node:fs/promises";
import pg from "pg";

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

const CONNECT_LIMIT_MS = 15_000;

/** Parses PGSSLMODE and PGSSLROOTCERT; unset means verify-full, because Aurora is reached over a network. */
export async function readTls(mode: string | undefined, rootCertFile: string | undefined): Promise<TlsMode> {
  if (mode === "disable") return { mode };
  if (mode !== undefined && mode !== "" && mode !== "verify-full")
    throw new RangeError(`PGSSLMODE is ${JSON.stringify(mode)}; allowed: verify-full (the default) or disable`);
  return rootCertFile ? { mode: "verify-full", rootCert: await readFile(rootCertFile, "utf8") } : { mode: "verify-full" };
}

/** A connection on which no statement runs longer than `statementMs`. */
export async function connect({ tls, ...target }: DatabaseAccess, statementMs: number): Promise<pg.Client> {
  const client = new pg.Client({
    ...target,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    statement_timeout: statementMs,
    application_name: "holdfast",
    ssl: tls.mode === "disable" ? false : { rejectUnauthorized: true, ...(tls.rootCert === undefined ? {} : { ca: tls.rootCert }) },
  });
  // A cluster that goes away between statements is reported by the next one; without a listener it would end the process.
  client.on("error", () => {});
  await client.connect();
  return client;
}
