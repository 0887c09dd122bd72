import { randomBytes } from "node:crypto";
import type { Tag } from "./parameters.ts";
import { arn, engine, instancesOf, type Service } from "./service.ts";
import type { Cluster, Instance, ServiceEvent, Snapshot } from "./world.ts";

export type XmlValue = string | number | boolean | undefined | readonly XmlValue[] | { readonly [name: string]: XmlValue };
export interface XmlObject {
  readonly [name: string]: XmlValue;
}

const zones = ["a", "b", "c"];
const network = { VpcId: "vpc-0a1b2c3d" };

/** `cluster-`, `db-`: ids that stay while names change, 26 upper-case letters and digits as AWS makes them. */
export function resourceId(prefix: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return prefix + [...randomBytes(26)].map((byte) => letters[byte % 32]).join("");
}

export async function clusterShape(service: Service, cluster: Cluster): Promise<XmlObject> {
  const { settings } = cluster;
  const port = await service.postgres.portOf(cluster.id);
  const restorable = cluster.task?.kind.startsWith("restore") ? undefined : service.postgres.restorable(cluster.resourceId);
  const latest = restorable && new Date(Math.max(restorable.latest.getTime() - service.restorableLag, restorable.earliest.getTime()));
  const members = instancesOf(service, cluster.id).map((instance, index) => ({
    DBInstanceIdentifier: instance.id,
    IsClusterWriter: index === 0,
    DBClusterParameterGroupStatus: "in-sync",
    PromotionTier: instance.promotionTier,
  }));
  return {
    AllocatedStorage: 1,
    AvailabilityZones: { AvailabilityZone: zones.map((zone) => service.region + zone) },
    BackupRetentionPeriod: cluster.backupRetention,
    DatabaseName: cluster.database,
    DBClusterIdentifier: cluster.id,
    DBClusterParameterGroup: settings.parameterGroup,
    DBSubnetGroup: settings.subnetGroup,
    Status: cluster.status,
    PercentProgress: cluster.percent === undefined ? undefined : String(cluster.percent),
    EarliestRestorableTime: restorable?.earliest.toISOString(),
    LatestRestorableTime: latest?.toISOString(),
    Endpoint: "127.0.0.1",
    MultiAZ: members.length > 1,
    Engine: cluster.engine,
    EngineVersion: cluster.engineVersion,
    EngineMode: "provisioned",
    Port: port,
    MasterUsername: cluster.masterUser,
    PreferredBackupWindow: "02:00-02:30",
    PreferredMaintenanceWindow: "sun:03:00-sun:03:30",
    DBClusterMembers: { DBClusterMember: members },
    VpcSecurityGroups: { VpcSecurityGroupMembership: settings.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: "active" })) },
    HostedZoneId: "Z29XKXDKYMONMX",
    StorageEncrypted: settings.kmsKeyId !== undefined,
    KmsKeyId: settings.kmsKeyId,
    DbClusterResourceId: cluster.resourceId,
    DBClusterArn: arn(service, "cluster", cluster.id),
    IAMDatabaseAuthenticationEnabled: settings.iamAuthentication,
    CloneGroupId: cluster.cloneGroupId,
    ClusterCreateTime: cluster.createdAt,
    EnabledCloudwatchLogsExports: { member: settings.logExports },
    DeletionProtection: settings.deletionProtection,
    CopyTagsToSnapshot: settings.copyTagsToSnapshot,
    HttpEndpointEnabled: false,
    CrossAccountClone: false,
    AutoMinorVersionUpgrade: false,
    TagList: tagList(cluster.tags),
  };
}

export async function instanceShape(service: Service, instance: Instance): Promise<XmlObject> {
  const cluster = service.world.clusters.find((each) => each.id === instance.cluster);
  const address =
    instance.task === "create"
      ? undefined
      : { Address: "127.0.0.1", Port: await service.postgres.portOf(instance.cluster), HostedZoneId: "Z29XKXDKYMONMX" };
  return {
    DBInstanceIdentifier: instance.id,
    DBInstanceClass: instance.instanceClass,
    Engine: engine,
    DBInstanceStatus: instance.status,
    MasterUsername: cluster?.masterUser,
    DBName: cluster?.database,
    Endpoint: address,
    AllocatedStorage: 1,
    InstanceCreateTime: instance.createdAt,
    BackupRetentionPeriod: cluster?.backupRetention,
    VpcSecurityGroups: {
      VpcSecurityGroupMembership: (cluster?.settings.securityGroups ?? []).map((id) => ({ VpcSecurityGroupId: id, Status: "active" })),
    },
    DBParameterGroups: { DBParameterGroup: [{ DBParameterGroupName: instance.parameterGroup, ParameterApplyStatus: "in-sync" }] },
    AvailabilityZone: instance.availabilityZone,
    DBSubnetGroup: { DBSubnetGroupName: cluster?.settings.subnetGroup, ...network, SubnetGroupStatus: "Complete" },
    MultiAZ: false,
    EngineVersion: cluster?.engineVersion,
    AutoMinorVersionUpgrade: false,
    PubliclyAccessible: instance.publiclyAccessible,
    StorageType: "aurora",
    DBClusterIdentifier: instance.cluster,
    StorageEncrypted: cluster?.settings.kmsKeyId !== undefined,
    DbiResourceId: instance.resourceId,
    CopyTagsToSnapshot: false,
    MonitoringInterval: instance.monitoringInterval,
    PromotionTier: instance.promotionTier,
    DBInstanceArn: arn(service, "db", instance.id),
    PerformanceInsightsEnabled: instance.performanceInsights,
    DeletionProtection: false,
    TagList: tagList(instance.tags),
  };
}

export function snapshotShape(service: Service, snapshot: Snapshot): XmlObject {
  return {
    AvailabilityZones: { AvailabilityZone: zones.map((zone) => service.region + zone) },
    DBClusterSnapshotIdentifier: snapshot.id,
    DBClusterIdentifier: snapshot.clusterId,
    SnapshotCreateTime: snapshot.createdAt,
    Engine: snapshot.engine,
    EngineMode: "provisioned",
    AllocatedStorage: 1,
    Status: snapshot.status,
    Port: snapshot.port,
    ...network,
    ClusterCreateTime: snapshot.clusterCreatedAt,
    MasterUsername: snapshot.masterUser,
    EngineVersion: snapshot.engineVersion,
    LicenseModel: "postgresql-license",
    SnapshotType: "manual",
    PercentProgress: snapshot.percent,
    StorageEncrypted: snapshot.kmsKeyId !== undefined,
    KmsKeyId: snapshot.kmsKeyId,
    DBClusterSnapshotArn: arn(service, "cluster-snapshot", snapshot.id),
    IAMDatabaseAuthenticationEnabled: snapshot.iamAuthentication,
    DbClusterResourceId: snapshot.clusterResourceId,
    StorageType: "aurora",
    TagList: tagList(snapshot.tags),
  };
}

export function eventShape(service: Service, event: ServiceEvent): XmlObject {
  const kinds = { "db-cluster": "cluster", "db-instance": "db", "db-cluster-snapshot": "cluster-snapshot" } as const;
  return {
    SourceIdentifier: event.source,
    SourceType: event.type,
    Message: event.message,
    EventCategories: { EventCategory: event.categories },
    Date: event.at,
    SourceArn: arn(service, kinds[event.type], event.source),
  };
}

export function tagList(tags: readonly Tag[]): XmlObject {
  return { Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
}
