import { setTimeout as pause } from "node:timers/promises";
import { instancesOf, note, type Service, settleEndpoint } from "./service.ts";
import type { Cluster, Instance, Snapshot } from "./world.ts";

/** Takes up the work that a kill interrupted: each task begins anew, and nothing half-made was ever shown as available. */
export async function resumeTasks(service: Service): Promise<void> {
  for (const cluster of service.world.clusters) {
    if (!cluster.task && cluster.status === "available" && !service.postgres.has(cluster.resourceId)) {
      throw new Error(
        `The files of cluster ${cluster.id} (${cluster.resourceId}) are gone from ${service.postgres.home}: start afresh with an empty state folder`,
      );
    }
    if (!cluster.task && service.postgres.has(cluster.resourceId)) await settleEndpoint(service, cluster);
  }
  for (const snapshot of service.world.snapshots.filter((each) => each.task && !each.final))
    service.begin(() => makeSnapshot(service, snapshot));
  for (const cluster of service.world.clusters.filter((each) => each.task)) service.begin(() => runClusterTask(service, cluster));
  for (const instance of service.world.instances.filter((each) => each.task)) service.begin(() => runInstanceTask(service, instance));
}

export async function makeSnapshot(service: Service, snapshot: Snapshot): Promise<void> {
  const fate = service.fate({ kind: "snapshot", id: snapshot.id });
  if (fate === "never") return;
  const cluster = service.world.clusters.find((each) => each.resourceId === snapshot.clusterResourceId);
  try {
    if (!cluster) throw new Error(`Cluster ${snapshot.clusterId} is gone`);
    if (fate === "fail") throw new Error("An internal error occurred");
    await service.postgres.removeSnapshot(snapshot.storage);
    const [taken] = await Promise.all([service.postgres.takeSnapshot(cluster.resourceId, snapshot.storage), pause(service.pace)]);
    // The data are those of the end of the backup, told on the service's clock.
    snapshot.createdAt = new Date(service.now().getTime() - (Date.now() - new Date(taken.endedAt).getTime())).toISOString();
    snapshot.status = "available";
    snapshot.percent = 100;
    note(service, "db-cluster-snapshot", snapshot.id, ["backup"], "Manual cluster snapshot created.");
  } catch (error) {
    if (service.closing()) return;
    snapshot.status = "failed";
    note(service, "db-cluster-snapshot", snapshot.id, ["backup", "failure"], `Manual cluster snapshot failed: ${text(error)}`);
  }
  delete snapshot.task;
  if (cluster?.status === "backing-up") cluster.status = "available";
  await service.save();
}

export async function runClusterTask(service: Service, cluster: Cluster): Promise<void> {
  const { task } = cluster;
  if (task?.kind === "rename") return rename(service, cluster, task.to);
  if (task?.kind === "delete") return deleteCluster(service, cluster);
  if (task) return restore(service, cluster);
}

async function restore(service: Service, cluster: Cluster): Promise<void> {
  const { task, resourceId } = cluster;
  const { postgres } = service;
  const fate = service.fate({ kind: "cluster", id: cluster.id });
  if (fate === "never") return;
  try {
    if (fate === "fail") throw new Error("An internal error occurred");
    if (task?.kind === "restore-snapshot") cluster.status = "migrating";
    const work = async () => {
      if (postgres.has(resourceId)) return;
      if (task?.kind === "restore-snapshot") await postgres.restoreSnapshot(task.storage, resourceId);
      if (task?.kind === "restore-time") await postgres.restoreToTime(task.source, new Date(task.time), resourceId);
    };
    await Promise.all([work(), pause(service.pace)]);
    cluster.status = "available";
    cluster.percent = 100;
    note(service, "db-cluster", cluster.id, ["creation"], "DB cluster created");
  } catch (error) {
    if (service.closing()) return;
    cluster.status = task?.kind === "restore-snapshot" ? "migration-failed" : "failed";
    note(service, "db-cluster", cluster.id, ["failure"], `Restore failed: ${text(error)}`);
  }
  delete cluster.task;
  await service.save();
}

async function rename(service: Service, cluster: Cluster, to: string): Promise<void> {
  const from = cluster.id;
  await pause(service.pace);
  if (service.closing()) return;
  await service.postgres.shut(from);
  for (const instance of instancesOf(service, from)) instance.cluster = to;
  cluster.id = to;
  cluster.status = "available";
  delete cluster.task;
  note(service, "db-cluster", to, ["configuration change"], `Renamed cluster from ${from} to ${to}.`);
  await service.save();
  await settleEndpoint(service, cluster);
}

async function deleteCluster(service: Service, cluster: Cluster): Promise<void> {
  const last = service.world.snapshots.find((each) => each.final && each.task && each.clusterResourceId === cluster.resourceId);
  if (last) {
    await makeSnapshot(service, last);
    if (service.closing()) return;
    if (last.status !== "available") {
      // Without its last snapshot the cluster would be the only copy.
      cluster.status = "available";
      delete cluster.task;
      return service.save();
    }
  }
  await pause(service.pace);
  if (service.closing()) return;
  await service.postgres.remove(cluster.resourceId);
  service.world.clusters = service.world.clusters.filter((each) => each !== cluster);
  note(service, "db-cluster", cluster.id, ["deletion"], "DB cluster deleted");
  await service.save();
}

export async function runInstanceTask(service: Service, instance: Instance): Promise<void> {
  const { task } = instance;
  const fate = task === "create" ? service.fate({ kind: "instance", id: instance.id }) : undefined;
  if (fate === "never") return;
  await pause(service.pace);
  if (service.closing()) return;
  const cluster = service.world.clusters.find((each) => each.id === instance.cluster);
  if (task === "create") {
    instance.status = fate === "fail" ? "failed" : "available";
    note(
      service,
      "db-instance",
      instance.id,
      fate === "fail" ? ["failure"] : ["creation"],
      fate === "fail" ? "DB instance creation failed" : "DB instance created",
    );
  } else {
    service.world.instances = service.world.instances.filter((each) => each !== instance);
    note(service, "db-instance", instance.id, ["deletion"], "DB instance deleted");
  }
  delete instance.task;
  if (cluster && fate === "full") await service.postgres.fillLocalStorage(cluster.resourceId);
  if (cluster) await settleEndpoint(service, cluster);
  await service.save();
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
