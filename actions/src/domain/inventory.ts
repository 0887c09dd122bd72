/** The view of what AWS holds, rebuilt by workers and kept on branch `status`. Always rebuildable; never the record. */
import * as z from "zod/mini";
import { ORPHAN_RESOURCES, SNAPSHOT_TRIGGERS } from "./requests.ts";

/** The keys under which Holdfast marks what it made; AWS allows `_ . : / = + - @` in them. */
export const TAGS = {
  managed: "holdfast:managed",
  requestId: "holdfast:request-id",
  trigger: "holdfast:trigger",
  appVersion: "holdfast:app-version",
  takenAt: "holdfast:taken-at",
  sourceCluster: "holdfast:source-cluster",
  /** Who holds it: the request id. The role that deletes is refused by AWS where it stands, and cannot take it away. */
  held: "holdfast:held",
  /** The request by which a person let it go. */
  letGo: "holdfast:let-go",
} as const;

const time = z.iso.datetime();

const snapshotView = z.object({
  id: z.string(),
  cluster: z.string(),
  status: z.string(),
  /** Null while it is still being created. */
  takenAt: z.nullable(time),
  /** Null for snapshots that Holdfast did not make. */
  trigger: z.nullable(z.enum(SNAPSHOT_TRIGGERS)),
  appVersion: z.nullable(z.string()),
  requestId: z.nullable(z.string()),
  managed: z.boolean(),
  automated: z.boolean(),
  /** What its tags say of holds; inventories of older workers do not tell. */
  held: z._default(z.boolean(), false),
  letGo: z._default(z.boolean(), false),
});

const restoredView = z.object({
  id: z.string(),
  status: z.string(),
  sourceCluster: z.string(),
  requestId: z.string(),
  createdAt: z.nullable(time),
  instances: z.int(),
});

const clusterView = z.object({
  id: z.string(),
  /** Null when AWS does not know the cluster. */
  status: z.nullable(z.string()),
  earliestRestorableTime: z.nullable(time),
  latestRestorableTime: z.nullable(time),
  snapshots: z.array(snapshotView),
  /** Clusters that Holdfast restored from this one and that still exist. */
  restored: z.array(restoredView),
});

/** Why something that Holdfast made is listed as left over. */
export const ORPHAN_REASONS = ["failed", "no-instances", "request-unfinished", "drill-over", "rewind-over"] as const;

const orphanView = z.object({
  resource: z.enum(ORPHAN_RESOURCES),
  id: z.string(),
  status: z.string(),
  sourceCluster: z.string(),
  /** The request that made it. */
  requestId: z.string(),
  createdAt: z.nullable(time),
  instances: z.int(),
  reason: z.enum(ORPHAN_REASONS),
  /** One sentence: what is the case. */
  sentence: z.string(),
  /** Why it must not be removed now; null when a person may. */
  keep: z.nullable(z.string()),
});

export const inventorySchema = z.object({
  v: z.literal(1),
  /** When AWS was asked. */
  at: time,
  clusters: z.array(clusterView),
  /** What was begun and never finished; inventories of older workers do not list it. */
  orphans: z._default(z.array(orphanView), []),
  /** Manual cluster snapshots in the region; null where AWS did not say. */
  quota: z.nullable(z.object({ used: z.int(), max: z.int() })),
});

export type Inventory = z.output<typeof inventorySchema>;
export type ClusterView = z.output<typeof clusterView>;
export type SnapshotView = z.output<typeof snapshotView>;
export type RestoredView = z.output<typeof restoredView>;
export type Orphan = z.output<typeof orphanView>;

/** Where views live on branch `status`. */
export const STATUS_PATHS = { inventory: "inventory.json", head: "head.json" } as const;

/** The roll-up of one day's entries, for readers that would otherwise fetch every segment. */
export function rollupPath(day: string): string {
  return `ledger/${day}.jsonl`;
}
