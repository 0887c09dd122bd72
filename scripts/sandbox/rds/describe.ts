import type { Filter, Parameters } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { arn, clusterOf, eventRetention, instanceOf, nameOf, type Service, snapshotOf } from "./service.ts";
import { clusterShape, eventShape, instanceShape, snapshotShape, type XmlObject } from "./shapes.ts";
import type { SourceType } from "./world.ts";

export async function describeClusters(service: Service, parameters: Parameters): Promise<XmlObject> {
  const id = parameters.text("DBClusterIdentifier");
  const filters = parameters.filters(["db-cluster-id", "db-cluster-resource-id", "engine", "domain", "clone-group-id"]);
  parameters.flag("IncludeShared");
  const page = pageOf(parameters);
  const found = (id === undefined ? service.world.clusters : [clusterOf(service, id)]).filter((cluster) =>
    matches(filters, {
      "db-cluster-id": [cluster.id, arn(service, "cluster", cluster.id)],
      "db-cluster-resource-id": [cluster.resourceId],
      engine: [cluster.engine],
      domain: [],
      "clone-group-id": [cluster.cloneGroupId],
    }),
  );
  const { items, marker } = page(found, (cluster) => cluster.resourceId);
  return { Marker: marker, DBClusters: { DBCluster: await Promise.all(items.map((cluster) => clusterShape(service, cluster))) } };
}

export async function describeInstances(service: Service, parameters: Parameters): Promise<XmlObject> {
  const id = parameters.text("DBInstanceIdentifier");
  const filters = parameters.filters(["db-cluster-id", "db-instance-id", "dbi-resource-id", "engine", "domain"]);
  const page = pageOf(parameters);
  const found = (id === undefined ? service.world.instances : [instanceOf(service, id)]).filter((instance) =>
    matches(filters, {
      "db-cluster-id": [instance.cluster, arn(service, "cluster", instance.cluster)],
      "db-instance-id": [instance.id, arn(service, "db", instance.id)],
      "dbi-resource-id": [instance.resourceId],
      engine: ["aurora-postgresql"],
      domain: [],
    }),
  );
  const { items, marker } = page(found, (instance) => instance.resourceId);
  return { Marker: marker, DBInstances: { DBInstance: await Promise.all(items.map((instance) => instanceShape(service, instance))) } };
}

export function describeSnapshots(service: Service, parameters: Parameters): XmlObject {
  const cluster = parameters.text("DBClusterIdentifier");
  const id = parameters.text("DBClusterSnapshotIdentifier");
  const resource = parameters.text("DbClusterResourceId");
  const type = parameters.text("SnapshotType");
  const filters = parameters.filters(["db-cluster-id", "db-cluster-snapshot-id", "snapshot-type", "engine"]);
  parameters.flag("IncludeShared");
  parameters.flag("IncludePublic");
  const page = pageOf(parameters);
  if (cluster !== undefined && id !== undefined)
    throw refuse.combination("DBClusterIdentifier and DBClusterSnapshotIdentifier can't be used together");
  if (type !== undefined && !["automated", "manual", "shared", "public", "awsbackup"].includes(type)) {
    throw refuse.value(`Invalid value ${type} for SnapshotType: automated, manual, shared, public, awsbackup`);
  }
  const found = (id === undefined ? service.world.snapshots : [snapshotOf(service, id)]).filter(
    (snapshot) =>
      (cluster === undefined || snapshot.clusterId === nameOf(service, "cluster", cluster)) &&
      (resource === undefined || snapshot.clusterResourceId === resource) &&
      (type === undefined || type === "manual") &&
      matches(filters, {
        "db-cluster-id": [snapshot.clusterId, arn(service, "cluster", snapshot.clusterId)],
        "db-cluster-snapshot-id": [snapshot.id, arn(service, "cluster-snapshot", snapshot.id)],
        "snapshot-type": ["manual"],
        engine: [snapshot.engine],
      }),
  );
  const { items, marker } = page(found, (snapshot) => snapshot.storage);
  return { Marker: marker, DBClusterSnapshots: { DBClusterSnapshot: items.map((snapshot) => snapshotShape(service, snapshot)) } };
}

const sourceTypes: readonly SourceType[] = ["db-cluster", "db-instance", "db-cluster-snapshot"];
/** The API's default: the last hour. */
const defaultDuration = 60;

export function describeEvents(service: Service, parameters: Parameters): XmlObject {
  const source = parameters.text("SourceIdentifier");
  const type = parameters.text("SourceType");
  const duration = parameters.integer("Duration", 1, eventRetention / 60_000);
  const end = parameters.time("EndTime") ?? service.now();
  const start = parameters.time("StartTime") ?? new Date(end.getTime() - (duration ?? defaultDuration) * 60_000);
  const categories = parameters.list("EventCategories", "EventCategory");
  const page = pageOf(parameters);
  if (source !== undefined && type === undefined) throw refuse.combination("SourceIdentifier requires SourceType");
  if (type !== undefined && !sourceTypes.some((each) => each === type))
    throw refuse.unserved(`events of SourceType ${type}; it keeps those of ${sourceTypes.join(", ")}`);
  const found = service.world.events
    .map((event, index) => ({ event, key: `${event.at} ${index}` }))
    .filter(
      ({ event }) =>
        (source === undefined || event.source === source.toLowerCase()) &&
        (type === undefined || event.type === type) &&
        new Date(event.at) >= start &&
        new Date(event.at) <= end &&
        (categories === undefined || event.categories.some((each) => categories.includes(each))),
    );
  const { items, marker } = page(found, ({ key }) => key);
  return { Marker: marker, Events: { Event: items.map(({ event }) => eventShape(service, event)) } };
}

function matches(filters: readonly Filter[], values: Readonly<Record<string, readonly string[]>>): boolean {
  return filters.every((filter) => filter.values.some((wanted) => (values[filter.name] ?? []).includes(wanted)));
}

/** Pages of 20 to 100, the last parameters to be read, with a marker that names the last item told, so that items added meanwhile shift nothing. */
export function pageOf(
  parameters: Parameters,
): <T>(all: readonly T[], key: (item: T) => string) => { items: readonly T[]; marker: string | undefined } {
  const size = parameters.integer("MaxRecords", 20, 100) ?? 100;
  const marker = parameters.text("Marker");
  parameters.finish();
  return (all, key) => {
    const after = marker ? all.findIndex((item) => encode(key(item)) === marker) : -1;
    if (marker && after < 0) throw refuse.value(`The marker ${marker} is not valid`);
    const items = all.slice(after + 1, after + 1 + size);
    const last = items.at(-1);
    return { items, marker: last !== undefined && after + 1 + size < all.length ? encode(key(last)) : undefined };
  };
}

function encode(key: string): string {
  return Buffer.from(key).toString("base64url");
}
