/** How long a step usually takes, from our own past runs of that very step. */
import { CLEANUP_STEPS, type Entry, RESTORE_STEPS, SNAPSHOT_STEPS } from "@holdfast/actions/domain";
import type { Work } from "./github.ts";

export interface Expected {
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly n: number;
}

// Below three runs a median says nothing.
const ENOUGH = 3;

export const STEPS = { snapshot: SNAPSHOT_STEPS, restore: RESTORE_STEPS, cleanup: CLEANUP_STEPS } as const;

/** Null where there is no history yet. */
export function expectedOf(durations: readonly number[]): Expected | null {
  if (durations.length < ENOUGH) return null;
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const middle = Math.floor(sorted.length / 2);
  const medianMs = sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { medianMs, p90Ms: at(0.9), n: sorted.length };
}

/** Durations of each step, by name, over the completed pieces of work. `groups` holds the entries of one request each. */
export function stepHistory(work: Work, groups: Iterable<readonly Entry[]>): ReadonlyMap<string, Expected | null> {
  const durations = new Map<string, number[]>(STEPS[work].map((step) => [step.name, []]));
  for (const entries of groups) {
    if (!entries.some((entry) => entry.kind === `${work}.completed`)) continue;
    let before: number | null = null;
    for (const step of STEPS[work]) {
      const entry = entries.find((each) => each.kind === step.kind);
      if (entry === undefined) break;
      const at = Date.parse(entry.at);
      if (before !== null) durations.get(step.name)?.push(at - before);
      before = at;
    }
  }
  return new Map([...durations].map(([name, list]) => [name, expectedOf(list)]));
}
