import { openSession, type Session } from "../database/check-integrity.ts";
import { type DatabaseAccess, readTls } from "../database/connect.ts";
import type { Cluster } from "../domain/index.ts";
import type { ActionIo } from "../runner/action-io.ts";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export type Door = (endpoint: Endpoint) => Promise<Session>;
export type AccessTo = (endpoint: Endpoint) => DatabaseAccess;

/** Reads the way into the database before anything is made, so that missing credentials leave nothing behind. */
export async function databaseDoor(io: ActionIo, cluster: Cluster, environment: string): Promise<Door> {
  const access = await databaseAccess(io, cluster, environment);
  return (endpoint) => openSession(access(endpoint));
}

export async function databaseAccess(io: ActionIo, cluster: Cluster, environment: string): Promise<AccessTo> {
  const { DATABASE_USER: user, DATABASE_PASSWORD: password } = process.env;
  if (!user || !password)
    throw new RangeError(`DATABASE_USER and DATABASE_PASSWORD are not set; the environment \`${environment}\` holds them`);
  io.mask(password);
  const tls = await readTls(process.env.PGSSLMODE, process.env.PGSSLROOTCERT);
  return (endpoint) => ({ ...endpoint, database: cluster.database, user, password, tls });
}
