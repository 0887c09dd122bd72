/** Which migrations stand on a cluster as the ledger tells it, and what each of them was applied to. The database's own history decides; this is for people. */
import type { Entry } from "./ledger.ts";
import { planIn, rehearsalIn } from "./migration-record.ts";

export interface StandingMigration {
  readonly version: string;
  readonly file: string;
  /** The request that applied it, and when. */
  readonly requestId: string;
  readonly at: string;
  /** Whether a file beside it took it back when it was planned; null where the plan does not say. */
  readonly wayBack: boolean | null;
}

/** In the order in which they were applied; what was taken back since is left out. */
export function standingMigrations(entries: readonly Entry[], cluster: string): readonly StandingMigration[] {
  const standing = new Map<string, StandingMigration>();
  for (const { kind, data, at } of entries) {
    const { version, file, requestId } = data;
    if (kind !== "migration.applied" || data.cluster !== cluster) continue;
    if (typeof version !== "string" || typeof file !== "string" || typeof requestId !== "string") continue;
    standing.delete(version);
    if (data.undo !== undefined) continue;
    const planned = planIn(entries, requestId)?.migrations.find((each) => each.version === version);
    standing.set(version, { version, file, requestId, at, wayBack: planned?.wayBack ?? null });
  }
  return [...standing.values()];
}

/** What taking back all that a request applied comes to: its own migrations and every later one. Null where nothing of it stands any more. */
export function takenBackWith(
  standing: readonly StandingMigration[],
  requestId: string,
): { readonly from: string; readonly gone: readonly StandingMigration[] } | null {
  const at = standing.findIndex((each) => each.requestId === requestId);
  const first = standing[at];
  return first === undefined ? null : { from: first.version, gone: standing.slice(at) };
}

/** Digest of the schema that a migration was applied to, as its plan and rehearsal told it; null where they do not. */
export function schemaBefore(entries: readonly Entry[], cluster: string, version: string): string | null {
  const applied = entries.findLast(
    ({ kind, data }) => kind === "migration.applied" && data.cluster === cluster && data.version === version && data.undo === undefined,
  );
  const requestId = applied?.data.requestId;
  if (typeof requestId !== "string") return null;
  const ran = rehearsalIn(entries, requestId)?.ran ?? [];
  const at = ran.findIndex((each) => each.version === version);
  return at === 0 ? (planIn(entries, requestId)?.schema ?? null) : (ran[at - 1]?.schema ?? null);
}
