import type { RdsExchange } from "./check-rds.ts";
import { isValues, resourcesIn, UNFINISHED } from "./check-rds-values.ts";
import type { Values } from "./read-xml.ts";

/** What only the order of RDS answers can tell: statuses that go back, names that change by themselves, times that shrink, quotas overrun. */

interface ClusterSeen {
  id: string;
  status: string;
  earliest: number;
  latest: number;
  /** The action that made it, where the record knows. */
  readonly madeBy: string | null;
}

/** Aurora quotas, adjustable per account; DescribeAccountAttributes tells the account's own. */
const QUOTAS = { DBClusters: 40, ManualClusterSnapshots: 100 };

/** What may come before `creating` or `migrating`: the beginning, and themselves. */
const BEGINNINGS: Readonly<Record<string, readonly string[]>> = { creating: ["creating"], migrating: ["creating", "migrating"] };

export interface OrderCheck {
  /** The problems that this exchange shows, given all those before it. */
  next(exchange: RdsExchange): readonly string[];
}

export function checkRdsOrder(): OrderCheck {
  const clusters = new Map<string, ClusterSeen>();
  const snapshots = new Map<string, string>();
  const renamed = new Set<string>();
  const quotas: Record<string, number> = { ...QUOTAS };

  const named = (id: unknown) =>
    [...clusters.values()].find((cluster) => cluster.id === String(id).toLowerCase() && cluster.status !== "deleting");

  const seeCluster = (shape: Values, action: string): readonly string[] => {
    const resource = String(shape.DbClusterResourceId);
    const id = String(shape.DBClusterIdentifier);
    const status = String(shape.Status);
    const before = clusters.get(resource);
    const earliest = timeOf(shape.EarliestRestorableTime);
    const latest = timeOf(shape.LatestRestorableTime);
    const problems: string[] = [];
    if (before === undefined) {
      if (action.startsWith("Restore") && status !== "creating") problems.push(`${id} begins as ${status}, not creating`);
    } else {
      if (before.id !== id && !renamed.has(`${resource} ${id}`)) problems.push(`${before.id} became ${id} and nobody renamed it`);
      if (BEGINNINGS[status]?.includes(before.status) === false) problems.push(`${id} went from ${before.status} back to ${status}`);
      if (before.status === "deleting" && status !== "deleting") problems.push(`${id} went from deleting to ${status}`);
      if (latest !== null && latest < before.latest) problems.push(`${id}: the latest restorable time went back`);
      if (earliest !== null && earliest < before.earliest) problems.push(`${id}: the earliest restorable time went back`);
    }
    const madeBy = before?.madeBy ?? (action.startsWith("Restore") ? action : null);
    if (status === "migrating" && madeBy === "RestoreDBClusterToPointInTime")
      problems.push(`${id} is migrating, which only a snapshot's restore does`);
    clusters.set(resource, { id, status, madeBy, earliest: earliest ?? before?.earliest ?? 0, latest: latest ?? before?.latest ?? 0 });
    return problems;
  };

  const seeSnapshot = (shape: Values, action: string): readonly string[] => {
    const arn = String(shape.DBClusterSnapshotArn);
    const status = String(shape.Status);
    const before = snapshots.get(arn);
    if (status === "deleted") snapshots.delete(arn);
    else snapshots.set(arn, status);
    if (action === "CreateDBClusterSnapshot" && status !== "creating") return [`${arn} begins as ${status}, not creating`];
    return before !== undefined && before !== "creating" && status === "creating" ? [`${arn} went from ${before} back to creating`] : [];
  };

  /** What a granted request must not have been granted for. */
  const granted = (action: string, asked: Values, at: Date): readonly string[] => {
    const problems: string[] = [];
    const clusterId = asked.SourceDBClusterIdentifier ?? asked.DBClusterIdentifier;
    const source = named(clusterId);
    const needsComplete = ["CreateDBClusterSnapshot", "RestoreDBClusterToPointInTime", "CreateDBInstance"].includes(action);
    if (needsComplete && source !== undefined && UNFINISHED.includes(source.status))
      problems.push(`granted while ${source.id} was ${source.status}`);
    if (action === "RestoreDBClusterToPointInTime") {
      const { RestoreToTime: to, UseLatestRestorableTime: useLatest } = asked;
      if ((to !== undefined) === (useLatest === true))
        problems.push("granted, though exactly one of RestoreToTime and UseLatestRestorableTime is due");
      if (to instanceof Date && to > at) problems.push(`granted a restore to ${to.toISOString()}, in the future`);
      if (to instanceof Date && source !== undefined && to.getTime() < source.earliest)
        problems.push(`granted a restore to ${to.toISOString()}, before the earliest time told`);
    }
    if (action === "CreateDBClusterSnapshot") {
      const taken = snapshots.size;
      if (taken >= (quotas.ManualClusterSnapshots ?? 0))
        problems.push(`granted beyond the quota of ${quotas.ManualClusterSnapshots} manual snapshots`);
    }
    if (action.startsWith("RestoreDBCluster") && clusters.size >= (quotas.DBClusters ?? 0))
      problems.push(`granted beyond the quota of ${quotas.DBClusters} clusters`);
    if (
      action === "DescribeDBClusterSnapshots" &&
      asked.DBClusterIdentifier !== undefined &&
      asked.DBClusterSnapshotIdentifier !== undefined
    )
      problems.push("granted with both a cluster and a snapshot, which exclude each other");
    return problems;
  };

  /** A list without a filter tells everything there is: what is missing from it is gone. */
  const forgetGone = (action: string, asked: Values, answer: Values): void => {
    if (Object.keys(asked).length > 0 || answer.Marker !== undefined) return;
    const told = (type: string, key: string) => new Set(resourcesIn(answer, type).map((shape) => String(shape[key])));
    const keep = (seen: Map<string, unknown>, alive: ReadonlySet<string>) => {
      for (const key of seen.keys()) if (!alive.has(key)) seen.delete(key);
    };
    if (action === "DescribeDBClusters") keep(clusters, told("DBCluster", "DbClusterResourceId"));
    if (action === "DescribeDBClusterSnapshots") keep(snapshots, told("DBClusterSnapshot", "DBClusterSnapshotArn"));
  };

  return {
    next({ action, asked, answer, at }) {
      if (answer === null) return [];
      const problems = [...granted(action, asked, at)];
      if (action === "ModifyDBCluster" && asked.NewDBClusterIdentifier !== undefined && isValues(answer.DBCluster))
        renamed.add(`${String(answer.DBCluster.DbClusterResourceId)} ${String(asked.NewDBClusterIdentifier).toLowerCase()}`);
      problems.push(...resourcesIn(answer, "DBCluster").flatMap((shape) => seeCluster(shape, action)));
      problems.push(...resourcesIn(answer, "DBClusterSnapshot").flatMap((shape) => seeSnapshot(shape, action)));
      forgetGone(action, asked, answer);
      const told = Array.isArray(answer.AccountQuotas) ? answer.AccountQuotas.filter(isValues) : [];
      for (const { AccountQuotaName: name, Used: used, Max: max } of told) {
        if (typeof used === "number" && typeof max === "number" && used > max) problems.push(`${String(name)}: ${used} used of ${max}`);
        if (typeof max === "number") quotas[String(name)] = max;
      }
      return problems;
    },
  };
}

function timeOf(value: unknown): number | null {
  return value instanceof Date ? value.getTime() : null;
}
