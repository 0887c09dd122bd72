import { TimeRefusedError } from "../postgres/postgres.ts";
import type { Parameters } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { clusterOf, engine, type Service, snapshotOf } from "./service.ts";
import { clusterShape, resourceId, type XmlObject } from "./shapes.ts";
import { runClusterTask } from "./tasks.ts";
import type { Cluster, ClusterSettings, ClusterTask } from "./world.ts";

export async function restoreFromSnapshot(service: Service, parameters: Parameters): Promise<XmlObject> {
  const id = parameters.identifier("DBClusterIdentifier");
  const snapshot = snapshotOf(service, parameters.required("SnapshotIdentifier"));
  const asked = parameters.required("Engine");
  const version = parameters.text("EngineVersion");
  const database = parameters.text("DatabaseName");
  const tags = parameters.tags();
  const { kmsKeyId, iamAuthentication } = snapshot;
  const settings = readSettings(parameters, { ...(kmsKeyId === undefined ? {} : { kmsKeyId }), iamAuthentication });
  parameters.finish();
  if (asked !== engine) throw refuse.combination(`Engine ${asked} is not compatible with the snapshot's ${engine}`);
  if (version !== undefined && version !== snapshot.engineVersion)
    throw refuse.unserved(`a restore to engine version ${version}: the snapshot has ${snapshot.engineVersion}`);
  if (database !== undefined && database !== snapshot.database)
    throw refuse.unserved(`a restore with DatabaseName ${database}: the snapshot has ${snapshot.database}`);
  if (snapshot.status !== "available")
    throw refuse.snapshotState(`Snapshot ${snapshot.id} is not in the available state: it is ${snapshot.status}`);
  const cluster = addCluster(service, id, {
    engineVersion: snapshot.engineVersion,
    database: snapshot.database,
    masterUser: snapshot.masterUser,
    cloneGroupId: resourceId("clone-"),
    backupRetention: 1,
    settings,
    tags: tags ?? [],
    task: { kind: "restore-snapshot", storage: snapshot.storage },
  });
  return begin(service, cluster);
}

export async function restoreToTime(service: Service, parameters: Parameters): Promise<XmlObject> {
  const id = parameters.identifier("DBClusterIdentifier");
  const source = clusterOf(service, parameters.required("SourceDBClusterIdentifier"));
  const time = parameters.time("RestoreToTime");
  const latest = parameters.flag("UseLatestRestorableTime") ?? false;
  const type = parameters.text("RestoreType") ?? "full-copy";
  const tags = parameters.tags();
  for (const name of ["EnablePerformanceInsights", "PerformanceInsightsRetentionPeriod", "MonitoringInterval", "MonitoringRoleArn"]) {
    if (parameters.text(name) !== undefined) {
      throw refuse.combination(
        "You can enable Performance Insights or set the Enhanced Monitoring interval only when restoring from a source Aurora Limitless DB cluster",
      );
    }
  }
  const settings = readSettings(parameters, source.settings);
  parameters.finish();
  if ((time !== undefined) === latest) throw refuse.combination("Give exactly one of RestoreToTime and UseLatestRestorableTime");
  if (type !== "full-copy" && type !== "copy-on-write")
    throw refuse.value(`Invalid value ${type} for RestoreType: full-copy or copy-on-write`);
  if (type === "copy-on-write" && time !== undefined)
    throw refuse.combination("RestoreToTime can't be specified with a RestoreType of copy-on-write");
  if (!service.postgres.has(source.resourceId))
    throw refuse.restore(`Cluster ${source.id} has no restorable time yet: it is ${source.status}`);
  const wanted = await reachable(service, source, time ?? "latest", type === "copy-on-write" ? 0 : service.restorableLag);
  const cluster = addCluster(service, id, {
    engineVersion: source.engineVersion,
    database: source.database,
    masterUser: source.masterUser,
    cloneGroupId: source.cloneGroupId,
    backupRetention: source.backupRetention,
    settings,
    // Tags that are given replace the source's.
    tags: tags ?? source.tags,
    task: { kind: "restore-time", source: source.resourceId, time: wanted.toISOString() },
  });
  return begin(service, cluster);
}

async function reachable(service: Service, source: Cluster, time: Date | "latest", lag: number): Promise<Date> {
  try {
    return await service.postgres.resolveTime(source.resourceId, time, lag);
  } catch (error) {
    if (!(error instanceof TimeRefusedError) || time === "latest") throw error;
    const bound = time < error.earliest ? `earlier than ${error.earliest.toISOString()}` : `later than ${error.latest.toISOString()}`;
    throw refuse.value(`The specified cluster ${source.id} cannot be restored to a time ${bound}`);
  }
}

function addCluster(
  service: Service,
  id: string,
  made: Omit<Cluster, "id" | "resourceId" | "status" | "createdAt" | "engine"> & { readonly task: ClusterTask },
): Cluster {
  const { world, quotas } = service;
  if (world.clusters.some((each) => each.id === id)) throw refuse.clusterExists(id);
  if (world.clusters.length >= quotas.clusters) throw refuse.clusterQuota(quotas.clusters);
  const cluster: Cluster = {
    ...made,
    id,
    resourceId: resourceId("cluster-"),
    status: "creating",
    percent: 0,
    createdAt: service.now().toISOString(),
    engine,
  };
  world.clusters.push(cluster);
  return cluster;
}

async function begin(service: Service, cluster: Cluster): Promise<XmlObject> {
  await service.save();
  const shape = await clusterShape(service, cluster);
  service.begin(() => runClusterTask(service, cluster));
  return { DBCluster: shape };
}

/** What a restore is told about the new cluster. Security group, subnet and parameter groups are the defaults unless given. */
function readSettings(parameters: Parameters, from: { readonly kmsKeyId?: string; readonly iamAuthentication: boolean }): ClusterSettings {
  const kmsKeyId = parameters.text("KmsKeyId") ?? from.kmsKeyId;
  return {
    subnetGroup: parameters.text("DBSubnetGroupName") ?? "default",
    securityGroups: parameters.list("VpcSecurityGroupIds", "VpcSecurityGroupId") ?? ["sg-default"],
    parameterGroup: parameters.text("DBClusterParameterGroupName") ?? "default.aurora-postgresql15",
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    iamAuthentication: parameters.flag("EnableIAMDatabaseAuthentication") ?? from.iamAuthentication,
    logExports: parameters.list("EnableCloudwatchLogsExports", "member") ?? [],
    deletionProtection: parameters.flag("DeletionProtection") ?? false,
    copyTagsToSnapshot: parameters.flag("CopyTagsToSnapshot") ?? false,
  };
}
