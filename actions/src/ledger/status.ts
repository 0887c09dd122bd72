/** Branch `status`: the views that readers poll. One commit, force-updated, always rebuildable from the ledger and AWS; never the record. */
import { type Entry, formatSegment, type Inventory, rollupPath, STATUS_PATHS } from "../domain/index.ts";
import type { Branch } from "../github/branch.ts";
import type { LedgerView } from "./ledger.ts";

/** Publishes the inventory (when there is a new one), the ledger's head and the roll-ups of days that changed. */
export async function publishStatus(status: Branch, view: LedgerView, inventory: Inventory | null): Promise<void> {
  const current = await status.head();
  const existing = current === null ? [] : await status.files(current);
  const files = [
    ...(inventory === null ? [] : [{ path: STATUS_PATHS.inventory, text: `${JSON.stringify(inventory, null, 1)}\n` }]),
    { path: STATUS_PATHS.head, text: `${JSON.stringify({ ...view.head, commit: view.commit })}\n` },
    ...rollups(view.entries, new Set(existing.map((file) => file.path))),
  ];
  const written = new Set(files.map((file) => file.path));
  await status.replace(
    "Refresh the views",
    files,
    existing.filter((file) => !written.has(file.path)),
  );
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

/** Publishes one view beside the others. Two publishers at the same moment may undo each other's; both come again. */
export async function publishView(status: Branch, path: string, text: string): Promise<void> {
  const current = await status.head();
  const existing = current === null ? [] : await status.files(current);
  await status.replace(
    "Refresh the views",
    [{ path, text }],
    existing.filter((file) => file.path !== path),
  );
}
