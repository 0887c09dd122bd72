import { isInside, type MaintenanceWindow } from "../../domain/index.ts";
import type { Rule } from "../rule.ts";

/** Migrations at times that no maintenance window covers, anybody's. A declared override hides them: that is how an urgent fix is declared. */
export function migrationOutsideWindow(windows: readonly MaintenanceWindow[]): Rule {
  return {
    id: "migration-outside-window",
    severity: "MEDIUM",
    threshold: 1,
    // A deployment runs its migrations one after another: one alert for all of them.
    within: "10m",
    key: "none",
    kinds: ["migration-ran"],
    weigh: "times",
    admin: "any",
    override: "all",
    matches: ({ at }) => at !== null && !windows.some((window) => isInside(window, at)),
  };
}
