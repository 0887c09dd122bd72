import type { Parameters, Tag } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { clusterOf, note, type Service, snapshotOf } from "./service.ts";
import { resourceId, snapshotShape, type XmlObject } from "./shapes.ts";
import { makeSnapshot } from "./tasks.ts";
import type { Cluster, Snapshot } from "./world.ts";

/** Snapshot identifiers may be longer than cluster names. */
const longestSnapshotName = 255;

export async function createSnapshot(service: Service, parameters: Parameters): Promise<XmlObject> {
  const id = parameters.identifier("DBClusterSnapshotIdentifier", longestSnapshotName);
  const cluster = clusterOf(service, parameters.required("DBClusterIdentifier"));
  const tags = parameters.tags();
  parameters.finish();
  // Before the checks: between a check and the change that it allows nothing may be awaited, or two requests would both pass.
  const port = await service.postgres.portOf(cluster.id);
  if (cluster.status !== "available")
    throw refuse.clusterState(`Cluster ${cluster.id} is not in the available state: it is ${cluster.status}`);
  const snapshot = newSnapshot(service, cluster, { id, tags, port });
  cluster.status = "backing-up";
  await service.save();
  // Told before the work begins: what fails at once was accepted all the same.
  const shape = snapshotShape(service, snapshot);
  service.begin(() => makeSnapshot(service, snapshot));
  return { DBClusterSnapshot: shape };
}

interface Asked {
  readonly id: string;
  readonly tags: readonly Tag[] | undefined;
  readonly port: number;
  /** The cluster is deleted behind it. */
  readonly final?: true;
}

export function newSnapshot(service: Service, cluster: Cluster, { id, tags, port, final }: Asked): Snapshot {
  const { world, quotas } = service;
  if (world.snapshots.some((each) => each.id === id)) throw refuse.snapshotExists(id);
  if (world.snapshots.length >= quotas.manualSnapshots) throw refuse.snapshotQuota(quotas.manualSnapshots);
  const { kmsKeyId } = cluster.settings;
  const snapshot: Snapshot = {
    id,
    storage: resourceId("snapshot-"),
    clusterId: cluster.id,
    clusterResourceId: cluster.resourceId,
    clusterCreatedAt: cluster.createdAt,
    status: "creating",
    createdAt: service.now().toISOString(),
    percent: 0,
    engine: cluster.engine,
    engineVersion: cluster.engineVersion,
    database: cluster.database,
    masterUser: cluster.masterUser,
    port,
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    iamAuthentication: cluster.settings.iamAuthentication,
    // Tags given at creation switch copying off.
    tags: tags ?? (cluster.settings.copyTagsToSnapshot ? cluster.tags : []),
    ...(final ? { final } : {}),
    task: "create",
  };
  world.snapshots.push(snapshot);
  note(service, "db-cluster-snapshot", id, ["backup"], "Creating manual cluster snapshot.");
  return snapshot;
}

export async function deleteSnapshot(service: Service, parameters: Parameters): Promise<XmlObject> {
  const snapshot = snapshotOf(service, parameters.required("DBClusterSnapshotIdentifier"));
  parameters.finish();
  if (snapshot.status !== "available" && snapshot.status !== "failed") {
    throw refuse.snapshotState(`Snapshot ${snapshot.id} is not in the available state: it is ${snapshot.status}`);
  }
  service.world.snapshots = service.world.snapshots.filter((each) => each !== snapshot);
  note(service, "db-cluster-snapshot", snapshot.id, ["notification"], "Deleted manual snapshot.");
  await service.save();
  service.begin(() => service.postgres.removeSnapshot(snapshot.storage));
  return { DBClusterSnapshot: snapshotShape(service, { ...snapshot, status: "deleted" }) };
}
