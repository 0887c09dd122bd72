/** What is due: a pure function of the schedule, the time and what was already asked for. GitHub's cron comes late, so slots are computed, never counted. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Config } from "./config.ts";
import { DRILL_TIERS } from "./drill-request.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
// Weeks are counted from a Monday, 1970-01-05, so that a weekly slot falls on a Monday at 00:00 UTC.
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** The start of the slot that `now` lies in, or null for `off`. All times are UTC. */
export function slotStart(cadence: string, now: Date): Date | null {
  if (cadence === "off") return null;
  const [period, offset] = slotShape(cadence);
  return new Date(Math.floor((now.getTime() - offset) / period) * period + offset);
}

/** The starts of the slots after `from` and up to `to`, in order. */
export function slotsBetween(cadence: string, from: Date, to: Date): readonly Date[] {
  const found: Date[] = [];
  for (let slot = slotStart(cadence, to); slot !== null && slot > from; slot = slotStart(cadence, new Date(slot.getTime() - 1)))
    found.push(slot);
  return found.reverse();
}

function slotShape(cadence: string): readonly [periodMs: number, offsetMs: number] {
  if (cadence === "hourly") return [HOUR_MS, 0];
  if (cadence === "weekly") return [7 * DAY_MS, FIRST_MONDAY_MS];
  const [, hours = "0", minutes = "0"] = /(\d\d):(\d\d)$/.exec(cadence) ?? [];
  return [DAY_MS, Number(hours) * HOUR_MS + Number(minutes) * 60_000];
}

/** What the clock asks for, by workflow. */
export const SCHEDULED_WORKS = ["snapshot", "detect", "pull-alerts", "canary", "drill", "retention"] as const;
export type ScheduledWork = (typeof SCHEDULED_WORKS)[number];

export interface Due {
  readonly work: ScheduledWork;
  /** The cluster or app it is for, for a drill the cluster and the tier; empty for the installation as a whole. */
  readonly subject: string;
  /** The same for every tick inside one slot, so a second tick, a retry or a re-run asks for nothing new. */
  readonly requestId: string;
  readonly slot: Date;
  /** How late this tick is for its slot, milliseconds. */
  readonly lateMs: number;
}

/**
 * What to dispatch now, what protects first. `requested` holds the request ids that a run or the ledger already knows, `snapshotted` the clusters
 * that ever had a snapshot: before that a drill would find nothing to prove, and retention nothing to delete.
 */
export function dueWork(
  config: Pick<Config, "clusters" | "apps" | "schedule">,
  now: Date,
  requested: ReadonlySet<string>,
  snapshotted: ReadonlySet<string> = new Set(),
): readonly Due[] {
  const clusters = config.clusters.map((cluster) => cluster.id);
  const { snapshot, detect, pull, canary, drill, retention } = config.schedule;
  const provable = clusters.filter((cluster) => snapshotted.has(cluster));
  return [
    ...dueIn("snapshot", snapshot, clusters, now),
    ...dueIn("detect", detect, clusters, now),
    ...dueIn("pull-alerts", pull, [""], now),
    ...dueIn(
      "canary",
      canary,
      config.apps.filter((app) => app.canary !== undefined).map((app) => app.name),
      now,
    ),
    ...dueIn(
      "drill",
      drill,
      provable.flatMap((cluster) => DRILL_TIERS.map((tier) => `${cluster} ${tier}`)),
      now,
    ),
    // Last: nothing that protects waits for what deletes.
    ...dueIn("retention", retention, provable, now),
  ].filter((due) => !requested.has(due.requestId));
}

/** The snapshots among what is due. */
export function dueSnapshots(
  { clusters, schedule }: Pick<Config, "clusters" | "schedule">,
  now: Date,
  requested: ReadonlySet<string>,
): readonly Due[] {
  return dueWork({ clusters, schedule, apps: [] }, now, requested).filter((due) => due.work === "snapshot");
}

function dueIn(work: ScheduledWork, cadence: string, subjects: readonly string[], now: Date): readonly Due[] {
  const slot = slotStart(cadence, now);
  if (slot === null) return [];
  return subjects.map((subject) => ({
    work,
    subject,
    requestId: nameRequest(`${[work, subject].filter((part) => part !== "").join(" ")} ${slot.toISOString()}`),
    slot,
    lateMs: now.getTime() - slot.getTime(),
  }));
}

/** A UUID (version 8: made from a hash) that is always the same for the same text. */
export function nameRequest(text: string): string {
  const hex = bytesToHex(sha256(utf8ToBytes(text)));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
