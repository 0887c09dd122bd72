/**
 * The system's state: one pure function of what was read and when. The page's headline and its rows come from this one value, so they
 * cannot disagree. Silence is never calm: what could not be read is a reason of its own.
 */
import { alertReasons } from "./alert-state.ts";
import type { Cluster } from "./config.ts";
import { cutOverReason } from "./cut-over-state.ts";
import { DRILL_TIERS } from "./drill-request.ts";
import { durationMs, formatDuration } from "./duration.ts";
import type { SnapshotView } from "./inventory.ts";
import { type Entry, placeOf } from "./ledger.ts";
import { blocked, degraded, type StateInputs, type StateReason, type SystemState } from "./state-reasons.ts";
import { scheduleReasons, watchReasons } from "./watch-state.ts";

// The headline is the first that applies: what forbids work outranks what somebody chose, and that outranks what is merely worse.
const ORDER: readonly StateReason["state"][] = ["blocked", "override", "degraded"];

// A daily snapshot refreshes the inventory at least once a day; two hours more covers a late scheduler.
const INVENTORY_LIMIT_MS = 26 * 3_600_000;

export function systemState(inputs: StateInputs): SystemState {
  const entries = inputs.ledger.ok ? inputs.ledger.value.entries : [];
  const cutOver = cutOverReason(inputs.cluster.id, entries, inputs.inventory, inputs.now);
  // Between two renames AWS does not know the name, and nothing is wrong with holdfast.yml.
  const explained = cutOver?.state === "blocked";
  const reasons = [
    ...alertReasons(inputs.cluster.id, entries, inputs.now),
    ...(cutOver === null ? [] : [cutOver]),
    ...inventoryReasons(inputs).filter(({ code }) => !(explained && code === "cluster-missing")),
    ...ledgerReasons(inputs),
    ...watchReasons(inputs, entries),
    ...scheduleReasons(inputs, entries),
  ];
  const word = ORDER.find((state) => reasons.some((each) => each.state === state)) ?? "normal";
  return { word, reasons: ORDER.flatMap((state) => reasons.filter((each) => each.state === state)) };
}

function inventoryReasons({ cluster, inventory, now }: StateInputs): StateReason[] {
  if (!inventory.ok) {
    return [
      degraded("inventory-unread", `The inventory cannot be read: ${inventory.problem}`, "Check the connection and the token's rights."),
    ];
  }
  if (inventory.value === null) {
    return [blocked("no-recovery-point", "No recovery point is known: nothing has been snapshotted yet.", "Take a snapshot.")];
  }
  const view = inventory.value.clusters.find((each) => each.id === cluster.id);
  if (view === undefined || view.status === null) {
    return [
      blocked("cluster-missing", `AWS does not know the cluster ${cluster.id}.`, "Check the cluster's id and region in holdfast.yml."),
    ];
  }
  const age = now.getTime() - Date.parse(inventory.value.at);
  const stale =
    age > INVENTORY_LIMIT_MS
      ? [degraded("inventory-old", `The inventory is ${formatDuration(age)} old.`, "Take a snapshot, or look why no worker ran.")]
      : [];
  return [...stale, ...recoveryReasons(cluster, newestPoint(view.snapshots), now)];
}

function recoveryReasons(cluster: Cluster, newest: Date | null, now: Date): StateReason[] {
  if (newest === null) return [blocked("no-recovery-point", `${cluster.id} has no snapshot that could be restored.`, "Take a snapshot.")];
  const age = now.getTime() - newest.getTime();
  if (age <= durationMs(cluster.objectives.rpo)) return [];
  return [
    degraded(
      "recovery-point-old",
      `The newest snapshot is ${formatDuration(age)} old; the objective is ${cluster.objectives.rpo}.`,
      "Take a snapshot.",
    ),
  ];
}

function ledgerReasons({ cluster, ledger }: StateInputs): StateReason[] {
  if (!ledger.ok)
    return [degraded("ledger-unread", `The ledger cannot be read: ${ledger.problem}`, "Check the connection and the token's rights.")];
  const broken = ledger.value.ok
    ? []
    : [
        degraded(
          "ledger-broken",
          `The ledger is broken at ${placeOf(ledger.value.broken)}: ${ledger.value.broken.problem}.`,
          "Treat the record after that line as unproven; compare the branch with the head that a job summary remembers.",
        ),
      ];
  return [
    ...broken,
    ...lastEnding(ledger.value.entries, cluster.id, "snapshot"),
    ...lastEnding(ledger.value.entries, cluster.id, "restore"),
    ...drillReasons(ledger.value.entries, cluster.id),
    ...migrationReasons(ledger.value.entries, cluster.id),
  ];
}

/** What a failed migration left is unknown or half done, so the next one waits until a migration, its fix, completes. */
function migrationReasons(entries: readonly Entry[], cluster: string): StateReason[] {
  const last = entries.findLast(
    (entry) => entry.data.cluster === cluster && (entry.kind === "migration.completed" || entry.kind === "migration.failed"),
  );
  if (last?.kind !== "migration.failed") return [];
  const incident = last.incident ?? last.data.requestId;
  return [
    blocked(
      "migration-failed",
      `A migration failed at ${last.at} and could not be taken back.`,
      `Open ledger entry ${last.seq}: re-run it, restore to the second before it, or ask for its fix under incident ${incident}.`,
    ),
  ];
}

/** A failure counts until the same kind of work succeeds again. */
function lastEnding(entries: readonly Entry[], cluster: string, work: "snapshot" | "restore" | "drill"): StateReason[] {
  const last = entries.findLast(
    (entry) => entry.data.cluster === cluster && (entry.kind === `${work}.completed` || entry.kind === `${work}.failed`),
  );
  if (last?.kind !== `${work}.failed`) return [];
  return [
    degraded(
      `${work}-failed`,
      `The last ${work} failed at ${last.at}.`,
      `Open ledger entry ${last.seq}: it says what exists now and what to do.`,
    ),
  ];
}

/** A tier whose last drill failed is not proven, whatever the other tier did since. */
function drillReasons(entries: readonly Entry[], cluster: string): StateReason[] {
  return DRILL_TIERS.flatMap((tier) => {
    const requests = entries.filter((each) => each.kind === "drill.requested" && each.data.cluster === cluster && each.data.tier === tier);
    const ids = new Set(requests.map((each) => each.data.requestId));
    return lastEnding(
      entries.filter((each) => ids.has(each.data.requestId ?? null)),
      cluster,
      "drill",
    );
  });
}

/** When the newest usable snapshot was taken, or null. */
export function newestPoint(snapshots: readonly SnapshotView[]): Date | null {
  const times = snapshots
    .filter((each) => each.status === "available" && each.takenAt !== null)
    .map((each) => Date.parse(each.takenAt ?? ""));
  return times.length === 0 ? null : new Date(Math.max(...times));
}
