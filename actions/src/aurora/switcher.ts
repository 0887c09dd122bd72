/** The only calls that change a cluster: its settings, its name, its tags. None deletes, and none touches data. */
import {
  AddTagsToResourceCommand,
  ModifyDBClusterCommand,
  RDSClient,
  type RDSClientConfig,
  RemoveTagsFromResourceCommand,
} from "@aws-sdk/client-rds";
import { refusals, type Tags } from "./aurora.ts";

export interface Settings {
  readonly securityGroups?: readonly string[];
  readonly parameterGroup?: string;
  readonly iamAuthentication?: boolean;
  readonly deletionProtection?: boolean;
}

export interface Switcher {
  set(id: string, settings: Settings): Promise<void>;
  /** Under its new name the cluster is protected from deletion where `protect` says so. */
  rename(id: string, to: string, protect: boolean): Promise<void>;
  tag(arn: string, tags: Tags): Promise<void>;
  untag(arn: string, keys: readonly string[]): Promise<void>;
}

// A few calls in minutes: a client each time costs nothing and never holds credentials that have expired.
export function connectSwitcher(region: string, credentials: RDSClientConfig["credentials"] | undefined): Switcher {
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
    set: (id, { securityGroups, parameterGroup, iamAuthentication, deletionProtection }) =>
      send((client) =>
        client.send(
          new ModifyDBClusterCommand({
            DBClusterIdentifier: id,
            ApplyImmediately: true,
            ...(securityGroups === undefined ? {} : { VpcSecurityGroupIds: [...securityGroups] }),
            ...(parameterGroup === undefined ? {} : { DBClusterParameterGroupName: parameterGroup }),
            ...(iamAuthentication === undefined ? {} : { EnableIAMDatabaseAuthentication: iamAuthentication }),
            ...(deletionProtection === undefined ? {} : { DeletionProtection: deletionProtection }),
          }),
        ),
      ),
    rename: (id, to, protect) =>
      send((client) =>
        client.send(
          new ModifyDBClusterCommand({
            DBClusterIdentifier: id,
            NewDBClusterIdentifier: to,
            ApplyImmediately: true,
            ...(protect ? { DeletionProtection: true } : {}),
          }),
        ),
      ),
    tag: (arn, tags) =>
      send((client) =>
        client.send(
          new AddTagsToResourceCommand({ ResourceName: arn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
        ),
      ),
    untag: (arn, keys) => send((client) => client.send(new RemoveTagsFromResourceCommand({ ResourceName: arn, TagKeys: [...keys] }))),
  };
}
