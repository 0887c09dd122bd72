import { paginateDescribeDBClusters, paginateDescribeDBInstances, RDSClient, type RDSClientConfig } from "@aws-sdk/client-rds";
import type { ClusterSettings } from "../doctor/facts.ts";
import { connectAurora, refusals } from "./aurora.ts";

/** How the named clusters are set up; those that AWS does not know are left out. */
export async function readClusterSettings(
  region: string,
  credentials: RDSClientConfig["credentials"] | undefined,
  ids: readonly string[],
): Promise<readonly ClusterSettings[]> {
  const aurora = connectAurora(region, credentials);
  const client = new RDSClient({ region, ...(credentials === undefined ? {} : { credentials }) });
  try {
    const found: ClusterSettings[] = [];
    const open = await publicClusters(client);
    for await (const page of pagesOf(client)) {
      for (const cluster of page) {
        const id = cluster.DBClusterIdentifier ?? "";
        if (!ids.includes(id)) continue;
        const snapshots = (await aurora.snapshots(id)).filter(({ status }) => status === "available");
        const taken = snapshots.flatMap(({ createdAt }) => createdAt?.getTime() ?? []);
        found.push({
          id,
          status: cluster.Status ?? "unknown",
          engine: cluster.Engine ?? "",
          instances: cluster.DBClusterMembers?.length ?? 0,
          public: open.has(id),
          deletionProtection: cluster.DeletionProtection ?? false,
          encrypted: cluster.StorageEncrypted ?? false,
          backupDays: cluster.BackupRetentionPeriod ?? 0,
          latestRestorable: cluster.LatestRestorableTime ?? null,
          newestSnapshot: taken.length === 0 ? null : new Date(Math.max(...taken)),
        });
      }
    }
    return found;
  } finally {
    client.destroy();
  }
}

async function* pagesOf(client: RDSClient) {
  const pages = paginateDescribeDBClusters({ client }, {});
  for (;;) {
    const { value, done } = await refusals(() => pages.next());
    if (done || value === undefined) return;
    yield value.DBClusters ?? [];
  }
}

async function publicClusters(client: RDSClient): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  await refusals(async () => {
    for await (const page of paginateDescribeDBInstances({ client }, {}))
      for (const { PubliclyAccessible, DBClusterIdentifier } of page.DBInstances ?? [])
        if (PubliclyAccessible && DBClusterIdentifier !== undefined) open.add(DBClusterIdentifier);
  });
  return open;
}
