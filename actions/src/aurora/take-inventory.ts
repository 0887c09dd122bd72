import { type Config, type Inventory, inventorySchema, parse, SNAPSHOT_TRIGGERS, type SnapshotTrigger, TAGS } from "../domain/index.ts";
import type { Aurora, ClusterFacts, SnapshotFacts } from "./aurora.ts";

/** What AWS holds now of the clusters under protection: their range, their snapshots, and what was restored from them. */
export async function takeInventory(aurora: Aurora, config: Config, now: Date): Promise<Inventory> {
  const all = await aurora.clusters();
  const clusters = [];
  for (const { id } of config.clusters) {
    const cluster = all.find((each) => each.id === id);
    const snapshots = await aurora.snapshots(id);
    clusters.push({
      id,
      status: cluster?.status ?? null,
      earliestRestorableTime: cluster?.earliestRestorableTime?.toISOString() ?? null,
      latestRestorableTime: cluster?.latestRestorableTime?.toISOString() ?? null,
      snapshots: snapshots.map(snapshotView).toSorted((a, b) => (b.takenAt ?? "9").localeCompare(a.takenAt ?? "9")),
      restored: all.filter((each) => each.tags[TAGS.sourceCluster] === id).map((each) => restoredView(each, id)),
    });
  }
  return parse(inventorySchema, { v: 1, at: now.toISOString(), clusters, quota: await aurora.snapshotQuota() }, "The inventory");
}

function snapshotView(snapshot: SnapshotFacts) {
  return {
    id: snapshot.id,
    cluster: snapshot.cluster,
    status: snapshot.status,
    takenAt: snapshot.createdAt?.toISOString() ?? null,
    trigger: triggerOf(snapshot.tags[TAGS.trigger]),
    appVersion: snapshot.tags[TAGS.appVersion] ?? null,
    requestId: snapshot.tags[TAGS.requestId] ?? null,
    managed: snapshot.tags[TAGS.managed] === "true",
    automated: snapshot.automated,
  };
}

function restoredView(cluster: ClusterFacts, sourceCluster: string) {
  return {
    id: cluster.id,
    status: cluster.status,
    sourceCluster,
    requestId: cluster.tags[TAGS.requestId] ?? "",
    createdAt: cluster.createdAt?.toISOString() ?? null,
    instances: cluster.instances.length,
  };
}

function triggerOf(tag: string | undefined): SnapshotTrigger | null {
  return SNAPSHOT_TRIGGERS.find((trigger) => trigger === tag) ?? null;
}
