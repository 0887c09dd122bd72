/**
 * What Holdfast began to make and never finished, and whether a person may remove it: decided from facts, with the reason. Looking and
 * removing are the workers'. In doubt nothing is an orphan, and an orphan is kept.
 */
import { type Entry, entryId, type Orphan, TAGS } from "../domain/index.ts";

type Tags = Readonly<Record<string, string>>;

interface ClusterFacts {
  readonly id: string;
  readonly status: string;
  readonly createdAt: Date | null;
  readonly instances: readonly string[];
  readonly deletionProtection: boolean;
  readonly tags: Tags;
}

interface SnapshotFacts {
  readonly id: string;
  readonly cluster: string;
  readonly status: string;
  readonly createdAt: Date | null;
  readonly tags: Tags;
}

/** What AWS holds: every cluster of the region, and every snapshot of the clusters under protection. */
export interface Holdings {
  readonly clusters: readonly ClusterFacts[];
  readonly snapshots: readonly SnapshotFacts[];
}

export interface Known {
  /** The clusters under protection, which are never orphans. */
  readonly protectedClusters: readonly string[];
  readonly entries: readonly Entry[];
  /** Request ids of runs that are not over. */
  readonly running: ReadonlySet<string>;
  readonly now: Date;
}

// The longest wait of a worker: one started by hand has no run that could tell that it still works.
const BY_HAND_LIMIT_MS = 6 * 3_600_000;
const FAILED_CLUSTER = /^(failed|migration-failed|cloning-failed|preparing-data-migration-failed|inaccessible-|incompatible-)/;

export function findOrphans(holdings: Holdings, known: Known): readonly Orphan[] {
  const clusters = holdings.clusters.flatMap((cluster) => clusterOrphan(cluster, holdings, known) ?? []);
  const snapshots = holdings.snapshots.flatMap((snapshot) => snapshotOrphan(snapshot, holdings, known) ?? []);
  return [...clusters, ...snapshots].toSorted((a, b) => (a.createdAt ?? "").localeCompare(b.createdAt ?? "") || a.id.localeCompare(b.id));
}

function clusterOrphan(cluster: ClusterFacts, holdings: Holdings, known: Known): Orphan | null {
  const requestId = leftBy(cluster, known);
  const sourceCluster = cluster.tags[TAGS.sourceCluster];
  if (requestId === null || sourceCluster === undefined || known.protectedClusters.includes(cluster.id)) return null;
  const found = clusterReason(cluster, requestId, known);
  if (found === null) return null;
  return {
    ...found,
    resource: "cluster",
    id: cluster.id,
    status: cluster.status,
    sourceCluster,
    requestId,
    createdAt: cluster.createdAt?.toISOString() ?? null,
    instances: cluster.instances.length,
    keep: keepCluster(cluster, sourceCluster, holdings),
  };
}

function snapshotOrphan(snapshot: SnapshotFacts, holdings: Holdings, known: Known): Orphan | null {
  const requestId = leftBy(snapshot, known);
  // A cluster's last snapshot inherits the cluster's tags but no trigger: nobody's request asked for it, and it is kept.
  if (requestId === null || snapshot.tags[TAGS.trigger] === undefined) return null;
  const failed = snapshot.status === "failed";
  if (!failed && isCompleted(requestId, known)) return null;
  return {
    resource: "snapshot",
    id: snapshot.id,
    status: snapshot.status,
    sourceCluster: snapshot.cluster,
    requestId,
    createdAt: snapshot.createdAt?.toISOString() ?? null,
    instances: 0,
    reason: failed ? "failed" : "request-unfinished",
    sentence: failed ? "AWS could not make it; nothing can be restored from it." : unfinished(requestId, known),
    keep: failed ? null : keepSnapshot(snapshot, holdings),
  };
}

/** The request that made it, when it is ours and nobody works on it any more. */
function leftBy({ status, tags }: { readonly status: string; readonly tags: Tags }, known: Known): string | null {
  const requestId = tags[TAGS.requestId];
  if (tags[TAGS.managed] !== "true" || !requestId || status === "deleting") return null;
  return known.running.has(requestId) || isByHand(requestId, known) ? null : requestId;
}

function isByHand(requestId: string, { entries, now }: Known): boolean {
  const last = entries.findLast((entry) => entry.id.startsWith(entryId(requestId, "")));
  if (last?.run !== "local" || /\.(completed|refused|failed)$/.test(last.kind)) return false;
  return now.getTime() - Date.parse(last.at) < BY_HAND_LIMIT_MS;
}

function isCompleted(requestId: string, { entries }: Known): boolean {
  return entries.some((entry) => entry.id.startsWith(entryId(requestId, "")) && entry.kind.endsWith(".completed"));
}

/** What a scratch cluster was made for, once that is over. */
function scratchOf(requestId: string, { entries }: Known): string | null {
  const over = entries.find((entry) => entry.id === entryId(requestId, "completed"));
  if (over?.kind === "drill.completed") return "a drill";
  return over?.kind === "rehearsal.completed" ? "a rehearsal" : null;
}

/** Everything that a rewind restores is scratch, however the rewind ended. */
function isRewind(requestId: string, { entries }: Known): boolean {
  return entries.some((entry) => entry.id === entryId(requestId, "requested") && entry.kind === "rewind.requested");
}

function clusterReason(cluster: ClusterFacts, requestId: string, known: Known): Pick<Orphan, "reason" | "sentence"> | null {
  if (FAILED_CLUSTER.test(cluster.status)) return { reason: "failed", sentence: `AWS ended it as ${cluster.status}.` };
  if (isRewind(requestId, known))
    return { reason: "rewind-over", sentence: "It is a scratch cluster of a rewind that nobody works on; nobody was ever given it." };
  if (!isCompleted(requestId, known)) return { reason: "request-unfinished", sentence: unfinished(requestId, known) };
  const scratch = scratchOf(requestId, known);
  if (scratch !== null)
    return { reason: "drill-over", sentence: `It is the scratch cluster of ${scratch} that is over; nobody was ever given it.` };
  if (cluster.instances.length === 0)
    return { reason: "no-instances", sentence: "It has no instance, so nobody can connect to it, and it still costs." };
  return null;
}

function unfinished(requestId: string, { entries }: Known): string {
  const last = entries.findLast((entry) => entry.id.startsWith(entryId(requestId, "")));
  return last === undefined
    ? "The ledger knows nothing of the request that made it."
    : `The request that made it never completed; its last entry is ${last.kind} of ${last.at}.`;
}

function keepCluster(cluster: ClusterFacts, source: string, { clusters }: Holdings): string | null {
  if (!clusters.some((each) => each.id === source)) return `Its source ${source} does not exist any more: this may be the only copy.`;
  if (cluster.deletionProtection) return "Somebody switched on its deletion protection.";
  const failed = FAILED_CLUSTER.test(cluster.status);
  if (failed && cluster.instances.length > 0)
    return `It is ${cluster.status} and has instances: somebody may have written to it, and AWS takes no last snapshot of it.`;
  return failed || cluster.status === "available" ? null : `It is ${cluster.status}; AWS deletes it only when that is over.`;
}

function keepSnapshot(snapshot: SnapshotFacts, { clusters, snapshots }: Holdings): string | null {
  if (snapshot.status !== "available") return `It is ${snapshot.status}; AWS deletes it only when that is over.`;
  if (!clusters.some((each) => each.id === snapshot.cluster))
    return `Its cluster ${snapshot.cluster} does not exist any more: this may be the only copy.`;
  const taken = snapshot.createdAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const newer = snapshots.some(
    (each) =>
      each.id !== snapshot.id &&
      each.cluster === snapshot.cluster &&
      each.status === "available" &&
      each.createdAt !== null &&
      each.createdAt.getTime() > taken,
  );
  return newer ? null : `It is the newest snapshot of ${snapshot.cluster} that can be restored.`;
}
