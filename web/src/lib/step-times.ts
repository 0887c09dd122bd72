/** How long a step usually takes, from our own past runs of that very step. */
import {
  CLEANUP_STEPS,
  CUT_OVER_STEPS,
  type Entry,
  type EntryKind,
  HOLD_STEPS,
  MIGRATION_STEPS,
  RESTORE_STEPS,
  REWIND_PLAN_STEPS,
  REWIND_STEPS,
  SNAPSHOT_STEPS,
} from "@holdfast/actions/domain";
import { ANSWER_KINDS } from "./answer-kinds.ts";
import type { Work } from "./github.ts";

export interface Expected {
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly n: number;
}

// Below three runs a median says nothing.
const ENOUGH = 3;

interface Step {
  readonly name: string;
  /** The entries that say it is over; the last step's end the work. */
  readonly kinds: readonly EntryKind[];
  /** What is true once the step is over, in words for people. */
  readonly done: string;
}

const single = ({ name, kind, done }: { readonly name: string; readonly kind: EntryKind; readonly done: string }): Step => ({
  name,
  kinds: [kind],
  done,
});

const STEPS: Readonly<Record<Work, readonly Step[]>> = {
  snapshot: SNAPSHOT_STEPS.map(single),
  restore: RESTORE_STEPS.map(single),
  rewind: REWIND_STEPS.map(single),
  cleanup: CLEANUP_STEPS.map(single),
  hold: HOLD_STEPS.map(single),
  "cut-over": CUT_OVER_STEPS.map(single),
  migrate: MIGRATION_STEPS.map(single),
  respond: [{ name: "recorded", kinds: ANSWER_KINDS, done: "Recorded in the ledger" }],
};

const PLAN_STEPS = REWIND_PLAN_STEPS.map(single);

/** What this piece of work does, step by step; a rewind that is only planned ends with its plan. */
export function stepsOf(work: Work, entries: readonly Entry[]): readonly Step[] {
  return work === "rewind" && isPlanOnly(entries) ? PLAN_STEPS : STEPS[work];
}

export function isPlanOnly(entries: readonly Entry[]): boolean {
  return entries.some((entry) => entry.kind === "rewind.requested" && entry.data.mode === "plan");
}

/** The entry of this step, if it is over. */
export function entryOf(step: Step, entries: readonly Entry[]): Entry | undefined {
  return entries.find((entry) => step.kinds.includes(entry.kind));
}

/** The entry that says that the work is complete. */
export function completionOf(work: Work, entries: readonly Entry[]): Entry | undefined {
  const last = stepsOf(work, entries).at(-1);
  return last === undefined ? undefined : entryOf(last, entries);
}

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
    if (completionOf(work, entries) === undefined) continue;
    let before: number | null = null;
    for (const step of stepsOf(work, entries)) {
      const entry = entryOf(step, entries);
      if (entry === undefined) break;
      const at = Date.parse(entry.at);
      if (before !== null) durations.get(step.name)?.push(at - before);
      before = at;
    }
  }
  return new Map([...durations].map(([name, list]) => [name, expectedOf(list)]));
}
