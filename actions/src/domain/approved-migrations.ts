/** Which migrations people approved, by the names under which logs tell of them, and when each may run: what anything else that runs is held against. */
import * as z from "zod/mini";
import type { Config } from "./config.ts";
import { durationMs } from "./duration.ts";
import type { Entry, EntryKind } from "./ledger.ts";

export interface ApprovedTimes {
  readonly migration: string;
  readonly from: number;
  readonly until: number;
}

const approvedData = z.object({
  requestId: z.string(),
  migrations: z.array(z.object({ version: z.string(), name: z.string(), file: z.string() })),
});

const OVER: readonly EntryKind[] = ["migration.completed", "migration.stopped", "migration.failed"];
// The entry of an end is written a moment after the last line that it causes, and clocks of machines differ by less than this.
const MARGIN_MS = 60_000;
// A bare number is a word of many a line; a revision or a name is not.
const TELLING = /[A-Za-z_]|^\d{6,}$/;

/** Null where no cluster's migrations come through Holdfast: then nobody knows what was approved. */
export function approvedMigrations(
  entries: readonly Entry[],
  config: Pick<Config, "clusters" | "approvals">,
): readonly ApprovedTimes[] | null {
  if (config.clusters.every(({ migrations }) => migrations === undefined)) return null;
  const ends = new Map(entries.flatMap(({ kind, at, data }) => (OVER.includes(kind) ? [[data.requestId, Date.parse(at)] as const] : [])));
  return entries.flatMap((entry) => {
    const read = entry.kind === "migration.approved" ? z.safeParse(approvedData, entry.data) : null;
    if (!read?.success) return [];
    const from = Date.parse(entry.at);
    const until = (ends.get(read.data.requestId) ?? from + durationMs(config.approvals.validFor)) + MARGIN_MS;
    return read.data.migrations.flatMap(({ version, name, file }) =>
      [version, name, file, file.replace(/\.sql$/, "")]
        .filter((word) => TELLING.test(word))
        .map((migration) => ({ migration, from, until })),
    );
  });
}
