import type { Parameters } from "./parameters.ts";
import type { Service } from "./service.ts";
import type { XmlObject } from "./shapes.ts";

/** The two of the account's quotas that this endpoint enforces, under the names RDS gives them. */
export function describeAccountAttributes({ world, quotas }: Service, parameters: Parameters): XmlObject {
  parameters.finish();
  const listed = [
    { AccountQuotaName: "DBClusters", Used: world.clusters.length, Max: quotas.clusters },
    { AccountQuotaName: "ManualClusterSnapshots", Used: world.snapshots.length, Max: quotas.manualSnapshots },
  ];
  return { AccountQuotas: { AccountQuota: listed } };
}
