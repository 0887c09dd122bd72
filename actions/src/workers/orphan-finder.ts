/** Puts what AWS holds beside what ledger and runs say of it. */
import { type Config, type Entry, type MigrateRequest, type Orphan, rehearsalOf, snapshotBefore } from "../domain/index.ts";
import { runningRequests } from "../github/runs.ts";
import { findOrphans, type Holdings } from "../recovery/find-orphans.ts";
import type { Installation } from "./installation.ts";

const MAKERS = ["snapshot.yml", "restore.yml", "drill.yml", "rewind.yml", "migrate.yml"] as const;

/**
 * `entries` may be a little old. Only where they show something unfinished are runs and ledger asked, in this order and after AWS: what another
 * run completes meanwhile is then seen as running or as complete, never as left over.
 */
export function orphanFinder({ github, ledger, origin }: Installation, config: Config, entries: readonly Entry[]) {
  const protectedClusters = config.clusters.map((each) => each.id);
  return async (holdings: Holdings): Promise<readonly Orphan[]> => {
    const suspects = findOrphans(holdings, { protectedClusters, entries, running: new Set(), now: new Date() });
    if (suspects.length === 0) return [];
    const requests = await runningRequests(github, MAKERS, origin.run.split("/")[0] ?? "");
    const running = new Set([...requests].flatMap((requestId) => [requestId, ...madeFor(requestId)]));
    const now = await ledger.read();
    return findOrphans(holdings, { protectedClusters, entries: now.entries, running, now: new Date() });
  };
}

/** What a migration makes carries requests of its own, which no run's title names. */
function madeFor(requestId: string): readonly string[] {
  const request: MigrateRequest = { cluster: "", reason: "", requestId };
  return [rehearsalOf(request).requestId, snapshotBefore(request).requestId];
}
