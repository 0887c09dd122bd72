/** What each worker does, step by step, in order: workers follow these lists, the ledger has an entry for each, the page shows them live. */
import type { EntryKind } from "./ledger.ts";

interface Step {
  /** Also the end of the entry's id: `<request id>:<name>`. */
  readonly name: string;
  readonly kind: EntryKind;
  /** What is true once the step is over, in words for people. */
  readonly done: string;
}

export const SNAPSHOT_STEPS = [
  { name: "requested", kind: "snapshot.requested", done: "Request accepted" },
  { name: "creating", kind: "snapshot.creating", done: "Snapshot started" },
  { name: "completed", kind: "snapshot.completed", done: "Snapshot available" },
] as const satisfies readonly Step[];

export const RESTORE_STEPS = [
  { name: "requested", kind: "restore.requested", done: "Request accepted" },
  { name: "cluster-creating", kind: "restore.cluster-creating", done: "Cluster creating" },
  { name: "cluster-available", kind: "restore.cluster-available", done: "Cluster available" },
  { name: "instance-creating", kind: "restore.instance-creating", done: "Instance creating" },
  { name: "instance-available", kind: "restore.instance-available", done: "Instance available" },
  { name: "connected", kind: "restore.connected", done: "Connection made" },
  { name: "checked", kind: "restore.checked", done: "Integrity checks passed" },
  { name: "completed", kind: "restore.completed", done: "Duration recorded" },
] as const satisfies readonly Step[];

/** A drill is a restore that nobody asked for: the same steps, to a scratch cluster, told apart in the ledger. */
export const DRILL_STEPS = [
  { name: "requested", kind: "drill.requested", done: "Request accepted" },
  { name: "cluster-creating", kind: "drill.cluster-creating", done: "Scratch cluster creating" },
  { name: "cluster-available", kind: "drill.cluster-available", done: "Scratch cluster available" },
  { name: "instance-creating", kind: "drill.instance-creating", done: "Instance creating" },
  { name: "instance-available", kind: "drill.instance-available", done: "Instance available" },
  { name: "connected", kind: "drill.connected", done: "Connection made" },
  { name: "checked", kind: "drill.checked", done: "Integrity proven" },
  { name: "completed", kind: "drill.completed", done: "Duration recorded" },
] as const satisfies readonly (Step & { readonly name: (typeof RESTORE_STEPS)[number]["name"] })[];

/** Each image of a rewind is a restore to scratch; its entries' names begin with which image it is. */
export const REWIND_IMAGE_STEPS = [
  { name: "requested", kind: "rewind.image-requested", done: "Image asked for" },
  { name: "cluster-creating", kind: "rewind.image-creating", done: "Scratch cluster creating" },
  { name: "cluster-available", kind: "rewind.image-available", done: "Scratch cluster available" },
  { name: "instance-creating", kind: "rewind.image-instance-creating", done: "Instance creating" },
  { name: "instance-available", kind: "rewind.image-instance-available", done: "Instance available" },
  { name: "connected", kind: "rewind.image-connected", done: "Connection made" },
  { name: "checked", kind: "rewind.image-checked", done: "Image readable" },
  { name: "completed", kind: "rewind.image-completed", done: "Image ready" },
] as const satisfies readonly (Step & { readonly name: (typeof RESTORE_STEPS)[number]["name"] })[];

/** What a rewind does until its plan can be looked at; one that is only planned ends here. */
export const REWIND_PLAN_STEPS = [
  { name: "requested", kind: "rewind.requested", done: "Request accepted" },
  { name: "imaged", kind: "rewind.imaged", done: "Images of before and after the damage ready" },
  { name: "planned", kind: "rewind.planned", done: "Plan made" },
] as const satisfies readonly Step[];

/** What comes behind the gate. */
export const REWIND_STEPS = [
  ...REWIND_PLAN_STEPS,
  { name: "guarding", kind: "rewind.guarding", done: "Safety snapshot started" },
  { name: "guarded", kind: "rewind.guarded", done: "Safety snapshot available" },
  { name: "applying", kind: "rewind.applying", done: "Transaction begun" },
  { name: "applied", kind: "rewind.applied", done: "Transaction committed" },
  { name: "verified", kind: "rewind.verified", done: "Rows verified" },
  { name: "completed", kind: "rewind.completed", done: "Duration recorded" },
] as const satisfies readonly Step[];

/** A plan is tried on the live data of a moment before, in a scratch cluster that is removed afterwards. */
export const REHEARSAL_STEPS = [
  { name: "requested", kind: "rehearsal.requested", done: "Plan accepted" },
  { name: "cluster-creating", kind: "rehearsal.cluster-creating", done: "Scratch cluster creating" },
  { name: "cluster-available", kind: "rehearsal.cluster-available", done: "Scratch cluster available" },
  { name: "instance-creating", kind: "rehearsal.instance-creating", done: "Instance creating" },
  { name: "instance-available", kind: "rehearsal.instance-available", done: "Instance available" },
  { name: "connected", kind: "rehearsal.connected", done: "Connection made" },
  { name: "checked", kind: "rehearsal.checked", done: "Migrations applied and measured" },
  { name: "completed", kind: "rehearsal.completed", done: "Duration recorded" },
] as const satisfies readonly (Step & { readonly name: (typeof RESTORE_STEPS)[number]["name"] })[];

/** Between the last two, each migration has an entry of its own. */
export const MIGRATION_STEPS = [
  { name: "planned", kind: "plan.completed", done: "Planned" },
  { name: "approved", kind: "migration.approved", done: "Approved" },
  { name: "prepared", kind: "migration.prepared", done: "Snapshot taken" },
  { name: "completed", kind: "migration.completed", done: "Applied and checked" },
] as const satisfies readonly Step[];

/** The first entry is written before anything is deleted, the last when AWS no longer knows it. */
export const CLEANUP_STEPS = [
  { name: "requested", kind: "cleanup.requested", done: "Request accepted" },
  { name: "completed", kind: "cleanup.completed", done: "Removed" },
] as const satisfies readonly Step[];

/** The live cluster serves until the third; between that and the fourth nothing has its name. */
export const CUT_OVER_STEPS = [
  { name: "requested", kind: "cut-over.requested", done: "Request accepted" },
  { name: "carried", kind: "cut-over.carried", done: "Settings and tags carried over" },
  { name: "old-renamed", kind: "cut-over.old-renamed", done: "Live cluster renamed away" },
  { name: "new-renamed", kind: "cut-over.new-renamed", done: "Restored cluster has its name" },
  { name: "completed", kind: "cut-over.completed", done: "Our tags taken off it, duration recorded" },
] as const satisfies readonly Step[];

/** Each deletion between the two has an entry before it and one after it. */
export const RETENTION_STEPS = [
  { name: "planned", kind: "retention.planned", done: "Deletions announced" },
  { name: "completed", kind: "retention.completed", done: "What was due is deleted" },
] as const satisfies readonly Step[];

/** The first entry is written before a tag is changed, the last when AWS shows the change. */
export const HOLD_STEPS = [
  { name: "requested", kind: "hold.requested", done: "Request accepted" },
  { name: "completed", kind: "hold.completed", done: "Recorded at AWS" },
] as const satisfies readonly Step[];

/** How a worker can end other than by completing; both names end an entry's id like a step's. */
export const ENDINGS = ["refused", "failed"] as const;

export type SnapshotStep = (typeof SNAPSHOT_STEPS)[number]["name"];
export type CleanupStep = (typeof CLEANUP_STEPS)[number]["name"];
export type RestoreStep = (typeof RESTORE_STEPS)[number]["name"];

export function entryId(requestId: string, step: string): string {
  return `${requestId}:${step}`;
}
