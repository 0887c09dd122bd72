/** The only calls that delete at AWS. They name exactly one resource; deciding whether it may go is not done here. */
import {
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  RDSClient,
  type RDSClientConfig,
} from "@aws-sdk/client-rds";
import { refusals } from "./aurora.ts";

export interface Remover {
  snapshot(id: string): Promise<void>;
  instance(id: string): Promise<void>;
  /** With a last snapshot of it, or without one when null. */
  cluster(id: string, finalSnapshot: string | null): Promise<void>;
}

// A deletion is asked for once or twice in minutes: a client each time costs nothing and never holds credentials that have expired.
export function connectRemover(region: string, credentials: RDSClientConfig["credentials"] | undefined): Remover {
  const send = (call: (client: RDSClient) => Promise<unknown>) =>
    refusals(async () => {
      const client = new RDSClient({ region, ...(credentials === undefined ? {} : { credentials }) });
      try {
        await call(client);
      } finally {
        client.destroy();
      }
    });
  return {
    snapshot: (id) => send((client) => client.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: id }))),
    instance: (id) => send((client) => client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id }))),
    cluster: (id, finalSnapshot) =>
      send((client) =>
        client.send(
          new DeleteDBClusterCommand({
            DBClusterIdentifier: id,
            ...(finalSnapshot === null ? { SkipFinalSnapshot: true } : { FinalDBSnapshotIdentifier: finalSnapshot }),
          }),
        ),
      ),
  };
}
