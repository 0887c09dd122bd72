import type { Postgres } from "../postgres/postgres.ts";
import { refuse } from "./refusal.ts";
import type { Cluster, Instance, ServiceEvent, Snapshot, SourceType, World } from "./world.ts";

export interface Quotas {
  readonly manualSnapshots: number;
  readonly clusters: number;
}

/** What an accepted request set going. */
export interface Work {
  readonly kind: "snapshot" | "cluster" | "instance";
  readonly id: string;
}

/** Work that goes wrong after it was accepted: it fails, its end never comes, or what comes of it has its local storage full. */
export type Fate = "fail" | "never" | "full";

/** What every action and task works on. */
export interface Service {
  readonly world: World;
  readonly postgres: Postgres;
  readonly account: string;
  readonly region: string;
  readonly quotas: Quotas;
  /** Milliseconds that a passing status stays visible at least. */
  readonly pace: number;
  /** Milliseconds that LatestRestorableTime trails behind what could be recovered. */
  readonly restorableLag: number;
  now(): Date;
  fate(work: Work): Fate | undefined;
  /** Resolves when the world is on disk: a promise that a kill could lose is not given. */
  save(): Promise<void>;
  /** Runs promised work beside the request; its end is its own business. */
  begin(work: () => Promise<void>): void;
  /** True once the service is stopping: unfinished work is then left for the next start. */
  closing(): boolean;
}

export const engine = "aurora-postgresql";

/** Aurora's guide keeps events for 14 days. */
export const eventRetention = 14 * 24 * 60 * 60 * 1000;

export function note(service: Service, type: SourceType, source: string, categories: readonly string[], message: string): void {
  const at = service.now();
  const event: ServiceEvent = { at: at.toISOString(), type, source, categories, message };
  const oldest = new Date(at.getTime() - eventRetention).toISOString();
  service.world.events = [...service.world.events.filter((each) => each.at > oldest), event];
}

export function arn(service: Service, kind: "cluster" | "db" | "cluster-snapshot", id: string): string {
  return `arn:aws:rds:${service.region}:${service.account}:${kind}:${id}`;
}

/** Accepts a name or an ARN of the given kind. */
export function nameOf(service: Service, kind: "cluster" | "db" | "cluster-snapshot", given: string): string {
  const prefix = arn(service, kind, "");
  return (given.startsWith(prefix) ? given.slice(prefix.length) : given).toLowerCase();
}

export function clusterOf(service: Service, given: string): Cluster {
  const id = nameOf(service, "cluster", given);
  const found = service.world.clusters.find((each) => each.id === id);
  if (!found) throw refuse.clusterNotFound(id);
  return found;
}

export function instanceOf(service: Service, given: string): Instance {
  const id = nameOf(service, "db", given);
  const found = service.world.instances.find((each) => each.id === id);
  if (!found) throw refuse.instanceNotFound(id);
  return found;
}

export function snapshotOf(service: Service, given: string): Snapshot {
  const id = nameOf(service, "cluster-snapshot", given);
  const found = service.world.snapshots.find((each) => each.id === id);
  if (!found) throw refuse.snapshotNotFound(id);
  return found;
}

export function instancesOf(service: Service, cluster: string): readonly Instance[] {
  return service.world.instances.filter((each) => each.cluster === cluster);
}

/** Opens or shuts a cluster's endpoint by whether it has an instance that is available. */
export async function settleEndpoint(service: Service, cluster: Cluster): Promise<void> {
  if (instancesOf(service, cluster.id).some((each) => each.status === "available"))
    await service.postgres.open(cluster.id, cluster.resourceId);
  else await service.postgres.shut(cluster.id);
}
