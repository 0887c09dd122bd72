import { type AlertView, alertViews, type Suppression, suppressionsOf } from "@holdfast/actions/domain";
import { useMemo } from "react";
import { useSystem } from "./system.tsx";
import { useNow } from "./use-now.ts";

// Silences end by the second, but nothing that is shown here depends on a single one.
const TICK_MS = 10_000;

export interface Alerts {
  /** Newest first. */
  readonly alerts: readonly AlertView[];
  /** Silences and overrides, newest first, also those that are over. */
  readonly suppressions: readonly Suppression[];
}

/** Null while the ledger was not read yet. */
export function useAlerts(): Alerts | null {
  const { ledger } = useSystem();
  const now = useNow(TICK_MS);
  const entries = ledger.value?.verdict.entries;
  return useMemo(
    () => (entries === undefined ? null : { alerts: alertViews(entries, now), suppressions: suppressionsOf(entries, now) }),
    [entries, now],
  );
}
