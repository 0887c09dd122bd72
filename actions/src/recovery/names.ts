/** Names and tags that make AWS resources findable by the request that made them. Pure. */
import { type RestoreRequest, type SnapshotRequest, TAGS } from "../domain/index.ts";

// RDS allows 63 characters in an identifier.
const NAME_LIMIT = 63;

/** The same request always names the same snapshot, so a second attempt finds the first one's. */
export function snapshotName(request: Pick<SnapshotRequest, "cluster" | "requestId">): string {
  const suffix = request.requestId.replaceAll("-", "").slice(0, 16);
  const prefix = `holdfast-${request.cluster}`.slice(0, NAME_LIMIT - suffix.length - 1).replace(/-+$/, "");
  return `${prefix}-${suffix}`;
}

/** The scratch cluster of a drill: the same for every attempt of one request. */
export function scratchName(request: Pick<SnapshotRequest, "cluster" | "requestId">): string {
  return snapshotName({ cluster: `drill-${request.cluster}`, requestId: request.requestId });
}

/** Which image of a rewind a scratch cluster is: the tables as they were before the damage, or right after it. */
export type RewindImage = "before" | "after";

/** A scratch cluster of a rewind: the same for every attempt of one request. An image of before that turns out to be damaged has a next round. */
export function imageName(request: Pick<SnapshotRequest, "cluster" | "requestId">, image: RewindImage, round: number): string {
  return snapshotName({ cluster: `rewind-${image}${round}-${request.cluster}`, requestId: request.requestId });
}

/** The scratch cluster of a rehearsal, in the same way. */
export function rehearsalName(request: Pick<SnapshotRequest, "cluster" | "requestId">): string {
  return snapshotName({ cluster: `rehearsal-${request.cluster}`, requestId: request.requestId });
}

/** The writer of a restored cluster. */
export function instanceName(cluster: string): string {
  return `${cluster.slice(0, NAME_LIMIT - 2).replace(/-+$/, "")}-1`;
}

/** The last snapshot of a cluster that is removed: the same for every attempt of one request. */
export function finalSnapshotName(request: { readonly name: string; readonly requestId: string }): string {
  return snapshotName({ cluster: `final-${request.name}`, requestId: request.requestId });
}

export function snapshotTags(request: SnapshotRequest, now: Date): Record<string, string> {
  return {
    [TAGS.managed]: "true",
    [TAGS.requestId]: request.requestId,
    [TAGS.trigger]: request.trigger,
    [TAGS.appVersion]: request.appVersion,
    [TAGS.takenAt]: now.toISOString(),
  };
}

export function restoreTags(request: RestoreRequest): Record<string, string> {
  return { [TAGS.managed]: "true", [TAGS.requestId]: request.requestId, [TAGS.sourceCluster]: request.cluster };
}
