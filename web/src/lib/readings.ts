/** From queries to readings: what each source said, how old that is, and the one state that follows. */
import {
  type Cluster,
  type CollectorHealth,
  type Config,
  type Inventory,
  type Reading,
  type StateReason,
  type SystemState,
  systemState,
  type Verdict,
} from "@holdfast/actions/domain";
import { explain } from "./api-failure.ts";

/** One source as the page holds it: the last value, when it was read, and what went wrong since. */
export interface Source<T> {
  readonly value: T | undefined;
  readonly readAt: Date | null;
  readonly error: unknown;
  /** Older than this, the value says nothing about now. */
  readonly limitMs: number;
}

export function isStale(source: Source<unknown>, now: Date): boolean {
  return source.readAt !== null && now.getTime() - source.readAt.getTime() > source.limitMs;
}

/** What the state of a cluster rests on. */
export interface StateSources {
  readonly inventory: Source<Inventory | null>;
  readonly ledger: Source<Verdict>;
  readonly collectors: Source<readonly CollectorHealth[]>;
}

/** Null while a first answer is still on its way. */
export function clusterState(
  cluster: Cluster,
  config: Pick<Config, "apps" | "schedule">,
  { inventory, ledger, collectors }: StateSources,
  now: Date,
): SystemState | null {
  const read = { inventory: readingOf(inventory), ledger: readingOf(ledger), collectors: readingOf(collectors) };
  if (read.inventory === null || read.ledger === null || read.collectors === null) return null;
  const last = systemState({ cluster, config, inventory: read.inventory, ledger: read.ledger, collectors: read.collectors, now });
  const watched = config.apps.some((app) => app.cluster === cluster.id);
  const blind = [
    ...blindness("inventory", inventory, now),
    ...blindness("ledger", ledger, now),
    ...(watched ? blindness("watch", collectors, now) : []),
  ];
  // The last picture stays, so an old "blocked" is not softened; what can no longer be seen is a reason beside it, and never calm.
  return { word: last.word === "normal" && blind.length > 0 ? "degraded" : last.word, reasons: [...last.reasons, ...blind] };
}

function readingOf<T>({ value, readAt, error }: Source<T>): Reading<T> | null {
  if (value !== undefined && readAt !== null) return { ok: true, value, at: readAt };
  return error === null ? null : { ok: false, problem: explain(error).meaning };
}

const TITLES = { inventory: "The inventory", ledger: "The ledger", watch: "What the collectors report" } as const;

function blindness(name: keyof typeof TITLES, source: Source<unknown>, now: Date): StateReason[] {
  if (source.value === undefined || source.readAt === null || !isStale(source, now)) return [];
  const minutes = Math.floor((now.getTime() - source.readAt.getTime()) / 60_000);
  const why = source.error === null ? "" : ` ${explain(source.error).meaning}`;
  return [
    {
      code: `${name}-unread`,
      state: "degraded",
      sentence: `${TITLES[name]} was last read ${minutes} min ago; what happened since cannot be seen.${why}`,
      next: source.error === null ? "Check the connection." : explain(source.error).next,
    },
  ];
}
