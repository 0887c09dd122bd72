import {
  type ClusterView,
  type Config,
  planDeletions,
  type RetainedSnapshot,
  type RetentionPlan,
  retainedSnapshots,
} from "@holdfast/actions/domain";
import { useMemo } from "react";
import { useSystem } from "./system.tsx";
import { useNow } from "./use-now.ts";

export interface Retention {
  readonly config: Config;
  readonly snapshots: readonly RetainedSnapshot[];
  readonly plan: RetentionPlan;
  readonly now: Date;
}

// Days decide; a minute more changes nothing that anybody sees.
const LOOK_AGAIN_MS = 60_000;

/** What the worker would decide now, from what the page has read; null until it has read enough. */
export function useRetention(view: ClusterView): Retention | null {
  const { config, ledger } = useSystem();
  const now = useNow(LOOK_AGAIN_MS);
  const policy = config.value ?? null;
  const entries = ledger.value?.verdict.entries ?? null;
  return useMemo(() => {
    if (policy === null || entries === null) return null;
    const snapshots = retainedSnapshots(view.snapshots, entries, now);
    return { config: policy, snapshots, plan: planDeletions(view.id, snapshots, policy.retention, entries, now), now };
  }, [policy, entries, view, now]);
}
