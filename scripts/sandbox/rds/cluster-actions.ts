import type { Parameters } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { clusterOf, engine, instanceOf, instancesOf, type Service, settleEndpoint } from "./service.ts";
import { clusterShape, instanceShape, resourceId, type XmlObject } from "./shapes.ts";
import { newSnapshot } from "./snapshot-actions.ts";
import { runClusterTask, runInstanceTask } from "./tasks.ts";
import type { Instance } from "./world.ts";

export async function createInstance(service: Service, parameters: Parameters): Promise<XmlObject> {
  const id = parameters.identifier("DBInstanceIdentifier");
  const instanceClass = parameters.required("DBInstanceClass");
  const asked = parameters.required("Engine");
  const cluster = clusterOf(service, parameters.required("DBClusterIdentifier"));
  const version = parameters.text("EngineVersion");
  const instance: Instance = {
    id,
    resourceId: resourceId("db-"),
    cluster: cluster.id,
    status: "creating",
    createdAt: service.now().toISOString(),
    instanceClass,
    promotionTier: parameters.integer("PromotionTier", 0, 15) ?? 1,
    availabilityZone: parameters.text("AvailabilityZone") ?? `${service.region}a`,
    parameterGroup: parameters.text("DBParameterGroupName") ?? "default.aurora-postgresql15",
    publiclyAccessible: parameters.flag("PubliclyAccessible") ?? false,
    performanceInsights: parameters.flag("EnablePerformanceInsights") ?? false,
    monitoringInterval: parameters.integer("MonitoringInterval", 0, 60) ?? 0,
    tags: parameters.tags() ?? [],
    task: "create",
  };
  parameters.finish();
  if (asked !== engine)
    throw refuse.combination(
      `The engine name requested for your DB instance (${asked}) doesn't match the engine name of your DB cluster (${engine}).`,
    );
  if (version !== undefined && version !== cluster.engineVersion)
    throw refuse.combination(
      `The engine version that you requested for your DB instance (${version}) does not match the engine version of your DB cluster (${cluster.engineVersion}).`,
    );
  if (!/^db\.[a-z0-9]+\.[a-z0-9]+$/.test(instanceClass)) throw refuse.value(`Invalid DB Instance class: ${instanceClass}`);
  if (service.world.instances.some((each) => each.id === id)) throw refuse.instanceExists(id);
  if (cluster.status !== "available")
    throw refuse.clusterState(`DB cluster ${cluster.id} is not in the available state: it is ${cluster.status}`);
  service.world.instances.push(instance);
  await service.save();
  const shape = await instanceShape(service, instance);
  service.begin(() => runInstanceTask(service, instance));
  return { DBInstance: shape };
}

export async function deleteInstance(service: Service, parameters: Parameters): Promise<XmlObject> {
  const instance = instanceOf(service, parameters.required("DBInstanceIdentifier"));
  parameters.flag("SkipFinalSnapshot");
  if (parameters.text("FinalDBSnapshotIdentifier") !== undefined)
    throw refuse.combination("FinalDBSnapshotIdentifier can't be given for an instance of an Aurora cluster");
  parameters.finish();
  if (instance.status !== "available" && instance.status !== "failed")
    throw refuse.instanceState(`Instance ${instance.id} is not in the available state: it is ${instance.status}`);
  instance.status = "deleting";
  instance.task = "delete";
  await service.save();
  await settleEndpoint(service, clusterOf(service, instance.cluster));
  const shape = await instanceShape(service, instance);
  service.begin(() => runInstanceTask(service, instance));
  return { DBInstance: shape };
}

export async function deleteCluster(service: Service, parameters: Parameters): Promise<XmlObject> {
  const cluster = clusterOf(service, parameters.required("DBClusterIdentifier"));
  const skip = parameters.flag("SkipFinalSnapshot") ?? false;
  const final =
    parameters.text("FinalDBSnapshotIdentifier") === undefined ? undefined : parameters.identifier("FinalDBSnapshotIdentifier", 255);
  parameters.finish();
  const port = await service.postgres.portOf(cluster.id);
  if (skip && final !== undefined) throw refuse.combination("FinalDBSnapshotIdentifier can't be given when SkipFinalSnapshot is true");
  if (!skip && final === undefined) throw refuse.combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is true");
  if (cluster.settings.deletionProtection)
    throw refuse.combination("Cannot delete protected Cluster, please disable deletion protection and try again.");
  if (instancesOf(service, cluster.id).some((each) => each.status !== "deleting"))
    throw refuse.clusterState("Cluster cannot be deleted, it still contains DB instances in non-deleting state.");
  if (cluster.task || cluster.status === "backing-up")
    throw refuse.clusterState(`Cluster ${cluster.id} is not in the available state: it is ${cluster.status}`);
  if (final !== undefined) newSnapshot(service, cluster, { id: final, tags: undefined, port, final: true });
  cluster.status = "deleting";
  cluster.task = { kind: "delete" };
  await service.save();
  const shape = await clusterShape(service, cluster);
  service.begin(() => runClusterTask(service, cluster));
  return { DBCluster: shape };
}

/** A rename, settings, and deletion protection. Without ApplyImmediately a rename waits for the maintenance window, which here never comes. */
export async function modifyCluster(service: Service, parameters: Parameters): Promise<XmlObject> {
  const cluster = clusterOf(service, parameters.required("DBClusterIdentifier"));
  const to = parameters.text("NewDBClusterIdentifier") === undefined ? undefined : parameters.identifier("NewDBClusterIdentifier");
  const immediately = parameters.flag("ApplyImmediately") ?? false;
  const protection = parameters.flag("DeletionProtection");
  const securityGroups = parameters.list("VpcSecurityGroupIds", "VpcSecurityGroupId");
  const parameterGroup = parameters.text("DBClusterParameterGroupName");
  const iamAuthentication = parameters.flag("EnableIAMDatabaseAuthentication");
  parameters.finish();
  if (to !== undefined && !immediately)
    throw refuse.unserved(`a rename of ${cluster.id} that waits for the maintenance window: pass ApplyImmediately`);
  if (cluster.status !== "available")
    throw refuse.clusterState(`Cluster ${cluster.id} is not in the available state: it is ${cluster.status}`);
  if (to !== undefined && service.world.clusters.some((each) => each.id === to || (each.task?.kind === "rename" && each.task.to === to)))
    throw refuse.clusterExists(to);
  cluster.settings = {
    ...cluster.settings,
    ...(protection === undefined ? {} : { deletionProtection: protection }),
    ...(securityGroups === undefined ? {} : { securityGroups }),
    ...(parameterGroup === undefined ? {} : { parameterGroup }),
    ...(iamAuthentication === undefined ? {} : { iamAuthentication }),
  };
  if (to !== undefined) {
    cluster.status = "renaming";
    cluster.task = { kind: "rename", to };
    service.begin(() => runClusterTask(service, cluster));
  }
  await service.save();
  return { DBCluster: await clusterShape(service, cluster) };
}
