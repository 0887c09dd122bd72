/** One of the three databases of a rewind: the image before the damage (A), the image after it (B), or the live one (L). */
import pg from "pg";
import type { DatabaseAccess } from "../connect.ts";

export interface RewindImage {
  readonly client: pg.Client;
  readonly access: DatabaseAccess;
  close(): Promise<void>;
}

/** A and B are scratch restores; nothing but temporary tables is written there. L is written by `applyRewind` alone. */
export interface RewindImages {
  readonly before: RewindImage;
  readonly after: RewindImage;
  readonly live: RewindImage;
}

const CONNECT_LIMIT_MS = 15_000;

/**
 * Text of a value has to be the same in every image, whatever a role or database has set, because images are compared by it.
 * `public` comes second, for the operators of types that extensions put there; what a name means is never decided by it, because all are qualified.
 */
const SETTINGS = `
  set row_security = off;
  set search_path = pg_catalog, public;
  set client_encoding = 'UTF8';
  set datestyle = 'ISO, YMD';
  set intervalstyle = 'postgres';
  set timezone = 'UTC';
  set extra_float_digits = 3;
  set bytea_output = 'hex';
  set lc_monetary = 'C';
  set xmloption = 'content';
`;

export async function openImage(access: DatabaseAccess): Promise<RewindImage> {
  const { tls, ...target } = access;
  const client = new pg.Client({
    ...target,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    application_name: "holdfast rewind",
    ssl: tls.mode === "disable" ? false : { rejectUnauthorized: true, ...(tls.rootCert === undefined ? {} : { ca: tls.rootCert }) },
  });
  // A database that goes away between statements is reported by the next one; without a listener it would end the process.
  client.on("error", () => {});
  await client.connect();
  await client.query(SETTINGS);
  return { client, access, close: () => client.end() };
}
