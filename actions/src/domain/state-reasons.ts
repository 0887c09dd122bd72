/** The shapes that the state is made of: what was read, and each reason with its sentence and next step. */
import type { Cluster, Config } from "./config.ts";
import type { Inventory } from "./inventory.ts";
import type { Verdict } from "./ledger.ts";
import type { CollectorHealth } from "./watch.ts";

export const STATES = ["normal", "degraded", "blocked", "override"] as const;
export type StateWord = (typeof STATES)[number];

export const REASON_CODES = [
  "no-recovery-point",
  "recovery-point-old",
  "ledger-broken",
  "ledger-unread",
  "inventory-unread",
  "inventory-old",
  "snapshot-failed",
  "restore-failed",
  "drill-failed",
  "migration-failed",
  "cut-over-under-way",
  "cut-over-failed",
  "cut-over-stopped",
  "cluster-missing",
  "alert-unacknowledged",
  "alert-open",
  "override-in-force",
  "nobody-watches",
  "watch-unread",
  "collector-silent",
  "source-silent",
  "lines-lost",
  "watch-behind",
  "canary-missing",
  "notices-failed",
  "scheduler-late",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export interface StateReason {
  readonly code: ReasonCode;
  readonly state: Exclude<StateWord, "normal">;
  /** One sentence: what is the case. */
  readonly sentence: string;
  /** One sentence: what to do about it. */
  readonly next: string;
}

export interface SystemState {
  readonly word: StateWord;
  /** Every reason, those of the headline's state first; empty only when normal. */
  readonly reasons: readonly StateReason[];
}

/** Something that is read from outside: what it said, or that it could not be read. */
export type Reading<T> = { readonly ok: true; readonly value: T; readonly at: Date } | { readonly ok: false; readonly problem: string };

export interface StateInputs {
  readonly cluster: Cluster;
  /** Null when no worker has written an inventory yet. */
  readonly inventory: Reading<Inventory | null>;
  readonly ledger: Reading<Verdict>;
  readonly config: Pick<Config, "apps" | "schedule">;
  /** What the collectors say of themselves; empty when none ever reported. */
  readonly collectors: Reading<readonly CollectorHealth[]>;
  readonly now: Date;
}

export function degraded(code: ReasonCode, sentence: string, next: string): StateReason {
  return { code, state: "degraded", sentence, next };
}

export function blocked(code: ReasonCode, sentence: string, next: string): StateReason {
  return { code, state: "blocked", sentence, next };
}
