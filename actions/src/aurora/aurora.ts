/**
 * The only room that imports @aws-sdk/client-rds: what Holdfast asks of Aurora, in its own words. It never modifies or deletes; every name
 * it creates is new, and tags say for which request. What removes is apart, in remover.ts, and so is what tags, in holder.ts: no worker holds both.
 */
import {
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  type DBClusterSnapshot,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBClusters,
  RDSClient,
  type RDSClientConfig,
  RDSServiceException,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
  type Tag,
} from "@aws-sdk/client-rds";
import type { RecoveryPoint } from "../domain/index.ts";

export type Tags = Readonly<Record<string, string>>;

export interface ClusterFacts {
  readonly id: string;
  readonly arn: string;
  /** The id that stays while names change. */
  readonly resource: string;
  readonly status: string;
  readonly engine: string;
  readonly endpoint: { readonly host: string; readonly port: number } | null;
  readonly earliestRestorableTime: Date | null;
  readonly latestRestorableTime: Date | null;
  readonly createdAt: Date | null;
  /** Ids of its instances; the writer first. */
  readonly instances: readonly string[];
  readonly subnetGroup: string | null;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string | null;
  readonly iamAuthentication: boolean;
  readonly kmsKey: string | null;
  readonly deletionProtection: boolean;
  readonly tags: Tags;
}

export interface SnapshotFacts {
  readonly id: string;
  readonly arn: string;
  readonly cluster: string;
  readonly status: string;
  readonly createdAt: Date | null;
  readonly automated: boolean;
  readonly engine: string;
  readonly tags: Tags;
}

export interface InstanceFacts {
  readonly id: string;
  readonly status: string;
  readonly instanceClass: string;
}

/** AWS said no, with its code: what the caller compares. */
export class AuroraRefusal extends Error {
  override readonly name = "AuroraRefusal";
  readonly code: string;
  constructor(code: string, message: string, cause: unknown) {
    super(`AWS refused: ${message} (${code})`, { cause });
    this.code = code;
  }
}

/** The codes by which AWS says that a name is taken. */
export const TAKEN = [
  "DBClusterAlreadyExistsFault",
  "DBClusterSnapshotAlreadyExistsFault",
  "DBInstanceAlreadyExists",
  "DBInstanceAlreadyExistsFault",
] as const;

// RDS and STS spell it differently.
const EXPIRED = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"] as const;

export function isRefusal(error: unknown, codes: readonly string[]): error is AuroraRefusal {
  return error instanceof AuroraRefusal && codes.includes(error.code);
}

export interface Aurora {
  cluster(id: string): Promise<ClusterFacts | null>;
  clusters(): Promise<readonly ClusterFacts[]>;
  snapshot(id: string): Promise<SnapshotFacts | null>;
  snapshots(cluster: string): Promise<readonly SnapshotFacts[]>;
  instance(id: string): Promise<InstanceFacts | null>;
  /** Manual cluster snapshots in the region; null where AWS does not say. */
  snapshotQuota(): Promise<{ readonly used: number; readonly max: number } | null>;
  createSnapshot(id: string, cluster: string, tags: Tags): Promise<void>;
  /** A new cluster in the network of `like`, from a recovery point of it. */
  restoreCluster(id: string, like: ClusterFacts, point: RecoveryPoint, tags: Tags): Promise<void>;
  createInstance(id: string, cluster: ClusterFacts, instanceClass: string, tags: Tags): Promise<void>;
}

// Throttling and 5xx are retried by the SDK with back-off; ten tries outlast the usual throttling spell of about a minute.
const MAX_ATTEMPTS = 10;

export function connectAurora(region: string, credentials: RDSClientConfig["credentials"] | undefined): Aurora {
  const open = () => new RDSClient({ region, maxAttempts: MAX_ATTEMPTS, ...(credentials === undefined ? {} : { credentials }) });
  let client = open();

  /** A session that AWS ended before its time is traded for a fresh one, once a call; a client remembers its credentials as long as it lives. */
  const refusing = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await refusals(call);
    } catch (error) {
      if (!isRefusal(error, EXPIRED)) throw error;
      client.destroy();
      client = open();
      return refusals(call);
    }
  };
  const absent = async <T>(codes: readonly string[], call: () => Promise<T | null>): Promise<T | null> => {
    try {
      return await refusing(call);
    } catch (error) {
      if (isRefusal(error, codes)) return null;
      throw error;
    }
  };

  return {
    cluster: (id) =>
      absent(["DBClusterNotFoundFault"], async () => {
        const answer = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }));
        return answer.DBClusters?.map(clusterFacts)[0] ?? null;
      }),
    clusters: () =>
      refusing(async () => {
        const found: ClusterFacts[] = [];
        for await (const page of paginateDescribeDBClusters({ client }, {})) found.push(...(page.DBClusters ?? []).map(clusterFacts));
        return found;
      }),
    snapshot: (id) =>
      absent(["DBClusterSnapshotNotFoundFault"], async () => {
        const answer = await client.send(
          new DescribeDBClusterSnapshotsCommand({
            DBClusterSnapshotIdentifier: id,
            ...(id.startsWith("rds:") ? { SnapshotType: "automated" } : {}),
          }),
        );
        return answer.DBClusterSnapshots?.map(snapshotFacts)[0] ?? null;
      }),
    snapshots: (cluster) =>
      refusing(async () => {
        const found: SnapshotFacts[] = [];
        for await (const page of paginateDescribeDBClusterSnapshots({ client }, { DBClusterIdentifier: cluster }))
          found.push(...(page.DBClusterSnapshots ?? []).map(snapshotFacts));
        return found;
      }),
    instance: (id) =>
      absent(["DBInstanceNotFound", "DBInstanceNotFoundFault"], async () => {
        const answer = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
        const [found] = answer.DBInstances ?? [];
        return found === undefined ? null : { id, status: found.DBInstanceStatus ?? "unknown", instanceClass: found.DBInstanceClass ?? "" };
      }),
    snapshotQuota: () =>
      refusing(async () => {
        const answer = await client.send(new DescribeAccountAttributesCommand({}));
        const quota = answer.AccountQuotas?.find((each) => each.AccountQuotaName === "ManualClusterSnapshots");
        return quota?.Used === undefined || quota.Max === undefined ? null : { used: quota.Used, max: quota.Max };
      }),
    createSnapshot: (id, cluster, tags) =>
      refusing(async () => {
        await client.send(
          new CreateDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: id, DBClusterIdentifier: cluster, Tags: tagList(tags) }),
        );
      }),
    restoreCluster: (id, like, point, tags) =>
      refusing(async () => {
        const placement = {
          DBClusterIdentifier: id,
          Tags: tagList(tags),
          CopyTagsToSnapshot: true,
          // Without these AWS puts the new cluster into the default network and security group.
          ...(like.subnetGroup === null ? {} : { DBSubnetGroupName: like.subnetGroup }),
          ...(like.securityGroups.length === 0 ? {} : { VpcSecurityGroupIds: [...like.securityGroups] }),
          ...(like.parameterGroup === null ? {} : { DBClusterParameterGroupName: like.parameterGroup }),
        };
        await (point.kind === "snapshot"
          ? client.send(new RestoreDBClusterFromSnapshotCommand({ ...placement, SnapshotIdentifier: point.snapshot, Engine: like.engine }))
          : client.send(
              new RestoreDBClusterToPointInTimeCommand({ ...placement, SourceDBClusterIdentifier: like.id, RestoreToTime: point.time }),
            ));
      }),
    createInstance: (id, cluster, instanceClass, tags) =>
      refusing(async () => {
        await client.send(
          new CreateDBInstanceCommand({
            DBInstanceIdentifier: id,
            DBClusterIdentifier: cluster.id,
            DBInstanceClass: instanceClass,
            Engine: cluster.engine,
            Tags: tagList(tags),
          }),
        );
      }),
  };
}

/** Turns AWS's own errors into AuroraRefusal. */
export async function refusals<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof RDSServiceException) throw new AuroraRefusal(error.name, error.message, error);
    throw error;
  }
}

function clusterFacts(cluster: DBCluster): ClusterFacts {
  const members = (cluster.DBClusterMembers ?? []).toSorted(
    (a, b) => Number(b.IsClusterWriter ?? false) - Number(a.IsClusterWriter ?? false),
  );
  return {
    id: cluster.DBClusterIdentifier ?? "",
    arn: cluster.DBClusterArn ?? "",
    resource: cluster.DbClusterResourceId ?? "",
    status: cluster.Status ?? "unknown",
    engine: cluster.Engine ?? "",
    endpoint: cluster.Endpoint === undefined || cluster.Port === undefined ? null : { host: cluster.Endpoint, port: cluster.Port },
    earliestRestorableTime: cluster.EarliestRestorableTime ?? null,
    latestRestorableTime: cluster.LatestRestorableTime ?? null,
    createdAt: cluster.ClusterCreateTime ?? null,
    instances: members.flatMap((member) => member.DBInstanceIdentifier ?? []),
    subnetGroup: cluster.DBSubnetGroup ?? null,
    securityGroups: (cluster.VpcSecurityGroups ?? []).flatMap((group) => group.VpcSecurityGroupId ?? []),
    parameterGroup: cluster.DBClusterParameterGroup ?? null,
    iamAuthentication: cluster.IAMDatabaseAuthenticationEnabled ?? false,
    kmsKey: cluster.KmsKeyId ?? null,
    deletionProtection: cluster.DeletionProtection ?? false,
    tags: tagRecord(cluster.TagList),
  };
}

function snapshotFacts(snapshot: DBClusterSnapshot): SnapshotFacts {
  return {
    id: snapshot.DBClusterSnapshotIdentifier ?? "",
    arn: snapshot.DBClusterSnapshotArn ?? "",
    cluster: snapshot.DBClusterIdentifier ?? "",
    status: snapshot.Status ?? "unknown",
    createdAt: snapshot.SnapshotCreateTime ?? null,
    automated: snapshot.SnapshotType === "automated",
    engine: snapshot.Engine ?? "",
    tags: tagRecord(snapshot.TagList),
  };
}

function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function tagRecord(tags: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]));
}
