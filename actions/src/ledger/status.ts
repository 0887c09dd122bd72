/** Branch `status`: the views that readers poll. One commit, force-updated, always rebuildable from the ledger and AWS; never the record. */
import { setTimeout as pause } from "node:timers/promises";
import { type Entry, formatSegment, type Inventory, rollupPath, STATUS_PATHS } from "../domain/index.ts";
import type { Branch, BranchFile, FileText } from "../github/branch.ts";
import { isPassing } from "../github/client.ts";
import type { LedgerView } from "./ledger.ts";

/** Publishes the inventory (when there is a new one), the ledger's head and the roll-ups of days that changed. */
export async function publishStatus(status: Branch, view: LedgerView, inventory: Inventory | null): Promise<void> {
  await publish(status, "Refresh the views", (existing) => [
    ...(inventory === null ? [] : [{ path: STATUS_PATHS.inventory, text: `${JSON.stringify(inventory, null, 1)}\n` }]),
    { path: STATUS_PATHS.head, text: `${JSON.stringify({ ...view.head, commit: view.commit })}\n` },
    ...rollups(view.entries, new Set(existing.map((file) => file.path))),
  ]);
}

function rollups(entries: readonly Entry[], existing: ReadonlySet<string>): { path: string; text: string }[] {
  const days = [...new Set(entries.map(dayOf))].sort();
  // The last publisher may have left before the day was over, so the two newest days are written again; older ones no longer change.
  const open = new Set(days.slice(-2));
  return days
    .filter((day) => open.has(day) || !existing.has(rollupPath(day)))
    .map((day) => ({ path: rollupPath(day), text: formatSegment(entries.filter((entry) => dayOf(entry) === day)) }));
}

function dayOf(entry: Entry): string {
  return entry.at.slice(0, 10);
}

/** Publishes one view beside the others. */
export async function publishView(status: Branch, path: string, text: string): Promise<void> {
  await publish(status, "Refresh the views", () => [{ path, text }]);
}

// Collectors, passes and workers all publish here; each race has a winner, so some rivals are through after a few tries.
const TRIES = 20;
const PAUSE_MS = 200;

/** Puts the files beside those of everybody else; whoever publishes at the same moment keeps theirs. */
async function publish(
  status: Branch,
  message: string,
  filesBeside: (existing: readonly BranchFile[]) => readonly FileText[],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const current = await status.head();
      const existing = current === null ? [] : await status.files(current);
      const files = filesBeside(existing);
      const written = new Set(files.map((file) => file.path));
      const kept = existing.filter((file) => !written.has(file.path));
      const outcome = await status.replaceOn(current, message, files, kept);
      if (!outcome.moved) return;
      if (attempt === TRIES) throw new Error(`Branch status moved during each of ${TRIES} attempts to publish`);
    } catch (error) {
      if (attempt === TRIES || !isPassing(error)) throw error;
    }
    await pause(PAUSE_MS * (0.5 + Math.random()));
  }
}
