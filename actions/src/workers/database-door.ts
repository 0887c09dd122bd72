import { openSession, readTls, type Session } from "../database/check-integrity.ts";
import type { Cluster } from "../domain/index.ts";
import type { ActionIo } from "../runner/action-io.ts";

export type Door = (endpoint: { readonly host: string; readonly port: number }) => Promise<Session>;

/** Reads the way into the database before anything is made, so that missing credentials leave nothing behind. */
export async function databaseDoor(io: ActionIo, cluster: Cluster, environment: string): Promise<Door> {
  const { DATABASE_USER: user, DATABASE_PASSWORD: password } = process.env;
  if (!user || !password)
    throw new RangeError(`DATABASE_USER and DATABASE_PASSWORD are not set; the environment \`${environment}\` holds them`);
  io.mask(password);
  const tls = await readTls(process.env.PGSSLMODE, process.env.PGSSLROOTCERT);
  return (endpoint) => openSession({ ...endpoint, database: cluster.database, user, password, tls });
}
