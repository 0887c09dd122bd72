/** What drills measured: for each kind of recovery point how long a restore took and how much was lost, beside what was promised. */
import { type Cluster, type ClusterView, DRILL_TIERS, type DrillTier, durationMs, type Entry, isUsable } from "@holdfast/actions/domain";
import { readData } from "./entry-data.ts";

export interface Drill {
  readonly requestId: string;
  readonly tier: DrillTier;
  readonly at: Date;
  readonly result: "passed" | "failed" | "refused" | "unfinished";
  /** How long it took until the restored cluster was proven; null unless it passed. */
  readonly rtoMs: number | null;
  /** How old the restored point was when the drill was asked for; null where that is not known. */
  readonly rpoMs: number | null;
  readonly problem: string | null;
}

export interface TierRecord {
  readonly tier: DrillTier;
  /** Newest first. */
  readonly drills: readonly Drill[];
  readonly lastPassed: Drill | null;
  readonly targets: { readonly rtoMs: number; readonly rpoMs: number };
  /** How old the newest point of this kind is now; null where there is none. */
  readonly rpoNowMs: number | null;
}

export function drillHistory(cluster: Cluster, entries: readonly Entry[], view: ClusterView | null, now: Date): readonly TierRecord[] {
  const drills = drillsOf(cluster.id, entries);
  const targets = { rtoMs: durationMs(cluster.objectives.rto), rpoMs: durationMs(cluster.objectives.rpo) };
  return DRILL_TIERS.map((tier) => {
    const own = drills.filter((each) => each.tier === tier);
    const newest = view === null ? null : newestOf(tier, view);
    return {
      tier,
      drills: own,
      lastPassed: own.find(({ result }) => result === "passed") ?? null,
      targets,
      rpoNowMs: newest === null ? null : Math.max(0, now.getTime() - newest),
    };
  });
}

function newestOf(tier: DrillTier, view: ClusterView): number | null {
  if (tier === "continuous") return view.latestRestorableTime === null ? null : Date.parse(view.latestRestorableTime);
  const times = view.snapshots.filter(isUsable).map(({ takenAt }) => Date.parse(takenAt));
  return times.length === 0 ? null : Math.max(...times);
}

function drillsOf(cluster: string, entries: readonly Entry[]): readonly Drill[] {
  const taken = new Map(entries.flatMap(({ kind, data }) => (kind === "snapshot.completed" ? [[data.snapshot, data.takenAt]] : [])));
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const data = readData(entry);
    if (!entry.kind.startsWith("drill.") || data.cluster !== cluster || data.requestId === undefined) continue;
    groups.set(data.requestId, [...(groups.get(data.requestId) ?? []), entry]);
  }
  return [...groups]
    .flatMap(([requestId, told]) => drillOf(requestId, told, taken) ?? [])
    .toSorted((a, b) => b.at.getTime() - a.at.getTime());
}

function drillOf(requestId: string, told: readonly Entry[], taken: ReadonlyMap<unknown, unknown>): Drill | null {
  const [first] = told;
  const last = told.at(-1);
  const tier = DRILL_TIERS.find((each) => told.some(({ data }) => data.tier === each));
  if (first === undefined || last === undefined || tier === undefined) return null;
  const completed = told.find(({ kind }) => kind === "drill.completed");
  const seconds = completed === undefined ? undefined : readData(completed).durationSeconds;
  const point = readData(first).point;
  const pointAt = point === undefined ? undefined : "time" in point ? point.time : taken.get(point.snapshot);
  const at = new Date(first.at);
  return {
    requestId,
    tier,
    at,
    result: completed === undefined ? endingOf(last) : "passed",
    rtoMs: seconds === undefined ? null : seconds * 1000,
    rpoMs: typeof pointAt === "string" ? Math.max(0, at.getTime() - Date.parse(pointAt)) : null,
    problem: completed === undefined ? (readData(last).problem ?? null) : null,
  };
}

function endingOf({ kind }: Entry): Drill["result"] {
  if (kind === "drill.failed") return "failed";
  return kind === "drill.refused" ? "refused" : "unfinished";
}
