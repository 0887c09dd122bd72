/** What is due: a pure function of the schedule, the time and what was already asked for. GitHub's cron comes late, so slots are computed, never counted. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Config } from "./config.ts";

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

function slotShape(cadence: string): readonly [periodMs: number, offsetMs: number] {
  if (cadence === "hourly") return [HOUR_MS, 0];
  if (cadence === "weekly") return [7 * DAY_MS, FIRST_MONDAY_MS];
  const [, hours = "0", minutes = "0"] = /(\d\d):(\d\d)$/.exec(cadence) ?? [];
  return [DAY_MS, Number(hours) * HOUR_MS + Number(minutes) * 60_000];
}

export interface DueSnapshot {
  readonly cluster: string;
  /** The same for every tick inside one slot, so a second tick, a retry or a re-run asks for nothing new. */
  readonly requestId: string;
  readonly slot: Date;
  /** How late this tick is for its slot, milliseconds. */
  readonly lateMs: number;
}

/** The snapshots to dispatch now. `requested` holds the request ids that a run or the ledger already knows. */
export function dueSnapshots(
  config: Pick<Config, "clusters" | "schedule">,
  now: Date,
  requested: ReadonlySet<string>,
): readonly DueSnapshot[] {
  const slot = slotStart(config.schedule.snapshot, now);
  if (slot === null) return [];
  return config.clusters
    .map((cluster) => ({
      cluster: cluster.id,
      requestId: nameRequest(`snapshot ${cluster.id} ${slot.toISOString()}`),
      slot,
      lateMs: now.getTime() - slot.getTime(),
    }))
    .filter((due) => !requested.has(due.requestId));
}

/** A UUID (version 8: made from a hash) that is always the same for the same text. */
export function nameRequest(text: string): string {
  const hex = bytesToHex(sha256(utf8ToBytes(text)));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
