/**
 * An RDS endpoint for Aurora PostgreSQL over local PostgreSQL clusters: what the real SDK sends is answered in the real wire format, with
 * the real codes and statuses, and every snapshot and restore is one. Written from the API reference, not from the SDK, so that the two
 * can disagree. Serves what Holdfast uses and is loud about the rest.
 */
import path from "node:path";
import type { Postgres } from "../postgres/postgres.ts";
import { createInstance, deleteCluster, deleteInstance, modifyCluster } from "./cluster-actions.ts";
import { describeClusters, describeEvents, describeInstances, describeSnapshots } from "./describe.ts";
import { describeAccountAttributes } from "./describe-account.ts";
import { describeLogFiles, downloadLogFilePortion } from "./log-actions.ts";
import type { Parameters, Tag } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { restoreFromSnapshot, restoreToTime } from "./restore-actions.ts";
import { arn, engine, note, type Quotas, type Service } from "./service.ts";
import { resourceId, type XmlObject } from "./shapes.ts";
import { createSnapshot, deleteSnapshot } from "./snapshot-actions.ts";
import { addTags, listTags, removeTags } from "./tag-actions.ts";
import { resumeTasks } from "./tasks.ts";
import { type Instance, loadWorld, type World, WorldFile } from "./world.ts";

export interface Primary {
  readonly cluster: string;
  readonly instance: string;
  readonly database: string;
  readonly master: { readonly user: string; readonly password: string };
}

export interface RdsOptions {
  readonly state: string;
  readonly postgres: Postgres;
  readonly primary: Primary;
  readonly account: string;
  readonly region: string;
  readonly now: () => Date;
  readonly pace: number;
  readonly restorableLag: number;
  readonly quotas: Quotas;
  readonly fate: Service["fate"];
  readonly onError: (error: unknown) => void;
}

export interface Rds {
  serves(action: string): boolean;
  answer(parameters: Parameters): Promise<XmlObject>;
  /** The tags of the one resource that a deletion or a change of tags names; none for what does not exist and for every other action. */
  tagsOf(action: string, form: URLSearchParams): readonly Tag[];
  /** PostgreSQL under this cluster was started again: its instances tell so, as Aurora's do. */
  restarted(resource: string): void;
  /** The data of a cluster by its name, for those who want to break or inspect it. */
  resourceOf(cluster: string): string | undefined;
  close(): Promise<void>;
}

type Action = (service: Service, parameters: Parameters) => XmlObject | Promise<XmlObject>;

const actions: Readonly<Record<string, Action>> = {
  DescribeDBClusters: describeClusters,
  DescribeDBInstances: describeInstances,
  DescribeDBClusterSnapshots: describeSnapshots,
  DescribeAccountAttributes: describeAccountAttributes,
  DescribeDBLogFiles: describeLogFiles,
  DescribeEvents: describeEvents,
  DownloadDBLogFilePortion: downloadLogFilePortion,
  CreateDBClusterSnapshot: createSnapshot,
  DeleteDBClusterSnapshot: deleteSnapshot,
  RestoreDBClusterFromSnapshot: restoreFromSnapshot,
  RestoreDBClusterToPointInTime: restoreToTime,
  CreateDBInstance: createInstance,
  DeleteDBInstance: deleteInstance,
  DeleteDBCluster: deleteCluster,
  ModifyDBCluster: modifyCluster,
  ListTagsForResource: listTags,
  AddTagsToResource: addTags,
  RemoveTagsFromResource: removeTags,
};

export async function startRds(options: RdsOptions): Promise<Rds> {
  const { postgres, now, pace, restorableLag, quotas, fate, account, region } = options;
  const file = path.join(options.state, "rds", "world.json");
  const world = (await loadWorld(file)) ?? (await firstWorld(options));
  const kept = new WorldFile(file, world);
  const running = new Set<Promise<void>>();
  let closing = false;
  const service: Service = {
    world,
    postgres,
    account,
    region,
    quotas,
    pace,
    restorableLag,
    fate,
    now,
    save: () => kept.save(),
    begin(work) {
      const task: Promise<void> = work()
        .catch((error: unknown) => {
          if (!closing) options.onError(error);
        })
        .finally(() => running.delete(task));
      running.add(task);
    },
    closing: () => closing,
  };
  await service.save();
  await postgres.keepOnly(new Set([...world.clusters.map((each) => each.resourceId), ...world.snapshots.map((each) => each.storage)]));
  await resumeTasks(service);
  return {
    serves: (action) => Object.hasOwn(actions, action),
    async answer(parameters) {
      const action = actions[parameters.action];
      if (!action) throw refuse.unserved(`action ${parameters.action}`);
      return action(service, parameters);
    },
    tagsOf(action, form) {
      const named = (parameter: string) => form.get(parameter)?.toLowerCase();
      const snapshotByArn = (name: string | null) => world.snapshots.find((each) => arn(service, "cluster-snapshot", each.id) === name);
      const tagged: Readonly<Record<string, () => { readonly tags: readonly Tag[] } | undefined>> = {
        DeleteDBCluster: () => world.clusters.find((each) => each.id === named("DBClusterIdentifier")),
        DeleteDBInstance: () => world.instances.find((each) => each.id === named("DBInstanceIdentifier")),
        DeleteDBClusterSnapshot: () => world.snapshots.find((each) => each.id === named("DBClusterSnapshotIdentifier")),
        AddTagsToResource: () => snapshotByArn(form.get("ResourceName")),
        RemoveTagsFromResource: () => snapshotByArn(form.get("ResourceName")),
      };
      return tagged[action]?.()?.tags ?? [];
    },
    restarted(resource) {
      const cluster = world.clusters.find((each) => each.resourceId === resource);
      for (const instance of world.instances.filter((each) => each.cluster === cluster?.id))
        note(service, "db-instance", instance.id, ["availability"], "DB instance restarted");
      service.begin(() => service.save());
    },
    resourceOf: (cluster) => world.clusters.find((each) => each.id === cluster)?.resourceId,
    async close() {
      closing = true;
      // A copy or a replay in progress is finished, because its files cannot be left to a process that ends.
      await Promise.all(running);
      await service.save();
    },
  };
}

async function firstWorld({ postgres, primary, now, region }: RdsOptions): Promise<World> {
  const resource = resourceId("cluster-");
  await postgres.create(resource, primary.database, primary.master);
  const at = now().toISOString();
  const instance: Instance = {
    id: primary.instance,
    resourceId: resourceId("db-"),
    cluster: primary.cluster,
    status: "available",
    createdAt: at,
    instanceClass: "db.r6g.large",
    promotionTier: 1,
    availabilityZone: `${region}a`,
    parameterGroup: "default.aurora-postgresql15",
    publiclyAccessible: false,
    performanceInsights: false,
    monitoringInterval: 0,
    tags: [],
  };
  return {
    version: 1,
    clusters: [
      {
        id: primary.cluster,
        resourceId: resource,
        status: "available",
        createdAt: at,
        engine,
        engineVersion: "15.18",
        database: primary.database,
        masterUser: primary.master.user,
        cloneGroupId: resourceId("clone-"),
        backupRetention: 7,
        settings: {
          subnetGroup: "app-private",
          securityGroups: ["sg-app-prod"],
          parameterGroup: "default.aurora-postgresql15",
          // The key that RDS encrypts with where nobody names one; it exists in every account.
          kmsKeyId: "arn:aws:kms:eu-west-1:123456789012:key/0f6b1f5e-3c1d-4d5a-9f0e-2f8e6a7b9c10",
          iamAuthentication: false,
          logExports: [],
          deletionProtection: true,
          copyTagsToSnapshot: false,
        },
        tags: [],
      },
    ],
    instances: [instance],
    snapshots: [],
    events: [{ at, type: "db-cluster", source: primary.cluster, categories: ["creation"], message: "DB cluster created" }],
  };
}
