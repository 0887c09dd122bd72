import { readFile } from "node:fs/promises";
import { exists } from "../postgres/engine.ts";
import { replaceFile } from "../postgres/write-file.ts";
import type { Tag } from "./parameters.ts";

/** What a cluster was asked to be: kept, told again, and without effect on a local PostgreSQL. */
export interface ClusterSettings {
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string;
  readonly kmsKeyId?: string;
  readonly iamAuthentication: boolean;
  readonly logExports: readonly string[];
  readonly deletionProtection: boolean;
  readonly copyTagsToSnapshot: boolean;
}

/** Work that was promised and is not done: kept with its resource, so that the next start does it again after a kill. */
export type ClusterTask =
  | { readonly kind: "restore-snapshot"; readonly storage: string }
  | { readonly kind: "restore-time"; readonly source: string; readonly time: string }
  | { readonly kind: "rename"; readonly to: string }
  | { readonly kind: "delete" };

export interface Cluster {
  id: string;
  /** Never changes, while the name may; also names the data. */
  readonly resourceId: string;
  status: string;
  readonly createdAt: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly database: string;
  readonly masterUser: string;
  /** Point-in-time restores share their source's; copy-on-write clones cannot be told apart by it alone. */
  readonly cloneGroupId: string;
  readonly backupRetention: number;
  settings: ClusterSettings;
  tags: readonly Tag[];
  percent?: number;
  task?: ClusterTask;
}

export interface Instance {
  readonly id: string;
  readonly resourceId: string;
  cluster: string;
  status: string;
  readonly createdAt: string;
  readonly instanceClass: string;
  readonly promotionTier: number;
  readonly availabilityZone: string;
  readonly parameterGroup: string;
  readonly publiclyAccessible: boolean;
  readonly performanceInsights: boolean;
  readonly monitoringInterval: number;
  tags: readonly Tag[];
  task?: "create" | "delete";
}

export interface Snapshot {
  readonly id: string;
  /** Names the files; the identifier may be given anew after a deletion. */
  readonly storage: string;
  readonly clusterId: string;
  readonly clusterResourceId: string;
  readonly clusterCreatedAt: string;
  status: string;
  createdAt: string;
  percent: number;
  readonly engine: string;
  readonly engineVersion: string;
  readonly database: string;
  readonly masterUser: string;
  readonly port: number;
  readonly kmsKeyId?: string;
  readonly iamAuthentication: boolean;
  tags: readonly Tag[];
  /** The cluster's last snapshot: its deletion waits for it. */
  readonly final?: boolean;
  task?: "create";
}

export type SourceType = "db-cluster" | "db-instance" | "db-cluster-snapshot";

export interface ServiceEvent {
  readonly at: string;
  readonly type: SourceType;
  readonly source: string;
  readonly categories: readonly string[];
  readonly message: string;
}

export interface World {
  readonly version: 1;
  clusters: Cluster[];
  instances: Instance[];
  snapshots: Snapshot[];
  events: ServiceEvent[];
}

/** Reads the kept world; a first start has none. */
export async function loadWorld(file: string): Promise<World | undefined> {
  if (!(await exists(file))) return undefined;
  const kept: unknown = JSON.parse(await readFile(file, "utf8"));
  if (!isWorld(kept)) throw new Error(`${file} was written by another version: start afresh with an empty state folder`);
  return kept;
}

function isWorld(value: unknown): value is World {
  const lists = ["clusters", "instances", "snapshots", "events"];
  return (
    typeof value === "object" &&
    value !== null &&
    "version" in value &&
    value.version === 1 &&
    lists.every((name) => Array.isArray(Object.getOwnPropertyDescriptor(value, name)?.value))
  );
}

/** Writes the world one version after another; a burst of changes is written once. */
export class WorldFile {
  readonly #file: string;
  readonly #world: World;
  #writing: Promise<void> = Promise.resolve();
  #queued = false;

  constructor(file: string, world: World) {
    this.#file = file;
    this.#world = world;
  }

  save(): Promise<void> {
    if (!this.#queued) {
      this.#queued = true;
      this.#writing = this.#writing
        .catch(() => {})
        .then(() => {
          this.#queued = false;
          return replaceFile(this.#file, JSON.stringify(this.#world));
        });
    }
    return this.#writing;
  }
}
