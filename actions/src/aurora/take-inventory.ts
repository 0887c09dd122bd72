import {
  type Config,
  type Inventory,
  inventorySchema,
  type Orphan,
  parse,
  SNAPSHOT_TRIGGERS,
  type SnapshotTrigger,
  type SnapshotView,
  TAGS,
} from "../domain/index.ts";
import type { Aurora, ClusterFacts, SnapshotFacts } from "./aurora.ts";

export interface Holdings {
  /** Every cluster of the region. */
  readonly clusters: readonly ClusterFacts[];
  /** Every snapshot of the clusters under protection. */
  readonly snapshots: readonly SnapshotFacts[];
}

export async function takeHoldings(aurora: Pick<Aurora, "clusters" | "snapshots">, config: Config): Promise<Holdings> {
  const clusters = await aurora.clusters();
  const snapshots: SnapshotFacts[] = [];
  for (const { id } of config.clusters) snapshots.push(...(await aurora.snapshots(id)));
  return { clusters, snapshots };
}

/** What AWS holds now of the clusters under protection: their range, their snapshots, what was restored from them, and what was left over. */
export async function takeInventory(
  aurora: Aurora,
  config: Config,
  now: Date,
  findOrphans: (holdings: Holdings) => Promise<readonly Orphan[]>,
): Promise<Inventory> {
  const holdings = await takeHoldings(aurora, config);
  const all = holdings.clusters;
  const clusters = [];
  for (const { id } of config.clusters) {
    const cluster = all.find((each) => each.id === id);
    const snapshots = holdings.snapshots.filter((each) => each.cluster === id);
    clusters.push({
      id,
      status: cluster?.status ?? null,
      earliestRestorableTime: cluster?.earliestRestorableTime?.toISOString() ?? null,
      latestRestorableTime: cluster?.latestRestorableTime?.toISOString() ?? null,
      snapshots: snapshots.map(snapshotView).toSorted((a, b) => (b.takenAt ?? "9").localeCompare(a.takenAt ?? "9")),
      restored: all.filter((each) => each.tags[TAGS.sourceCluster] === id).map((each) => restoredView(each, id)),
    });
  }
  const orphans = await findOrphans(holdings);
  return parse(inventorySchema, { v: 1, at: now.toISOString(), clusters, orphans, quota: await aurora.snapshotQuota() }, "The inventory");
}

/** As the page and retention see it. */
export function snapshotView(snapshot: SnapshotFacts): SnapshotView {
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
    held: snapshot.tags[TAGS.held] !== undefined,
    letGo: snapshot.tags[TAGS.letGo] !== undefined,
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
