/** What the collector can say about its own sight: how far behind it is, what it lost, could not read, and which sources are silent. */
import type { Line } from "../detection/event.ts";
import { CANARY_PATTERN, type CollectorHealth, collectorHealthSchema, type SourceHealth } from "../domain/index.ts";
import type { Judged } from "./judge.ts";
import type { Source } from "./source.ts";

export interface Health {
  lines(source: Source, lines: readonly Line[], lost: number): void;
  judged(source: Source, judged: Judged, lines: readonly Line[]): void;
  /** It cannot be followed now. */
  problem(source: Source): void;
  ended(source: Source): void;
  /** Canaries seen since the last call. */
  takeCanaries(): number;
  view(rest: Pick<CollectorHealth, "notices" | "spooled">): CollectorHealth;
}

const MINUTES = 60;
const MINUTE_MS = 60_000;

type Counts = { -readonly [What in keyof SourceHealth["lastHour"]]: number };

interface Watched {
  readonly source: Source;
  following: boolean;
  lastLineAt: number | null;
  lagMs: number | null;
  clockSkewMs: number | null;
  canary: { readonly id: string; readonly seenAt: string } | null;
  /** One a minute, the newest last. */
  readonly minutes: { readonly minute: number; readonly counts: Counts }[];
}

/** `before`: what the last process said, so that a restart does not forget a canary or the last line. */
export function watchHealth(collector: string, now: () => number, before: CollectorHealth | null): Health {
  const startedAt = now();
  const watched = new Map<string, Watched>();
  let canaries = 0;

  const of = (source: Source): Watched => {
    const known = watched.get(source.key);
    if (known !== undefined) return known;
    const earlier = before?.sources.find((each) => each.name === source.name);
    const lastLineAt = earlier?.lastLineAt ?? null;
    const fresh: Watched = {
      source,
      following: true,
      lastLineAt: lastLineAt === null ? null : Date.parse(lastLineAt),
      lagMs: null,
      clockSkewMs: null,
      canary: earlier?.canary ?? null,
      minutes: [],
    };
    watched.set(source.key, fresh);
    return fresh;
  };
  const countsNow = (each: Watched): Counts => {
    const minute = Math.floor(now() / MINUTE_MS);
    const last = each.minutes.at(-1);
    if (last?.minute === minute) return last.counts;
    const counts = { lines: 0, dropped: 0, unreadable: 0, late: 0 };
    each.minutes.push({ minute, counts });
    while ((each.minutes[0]?.minute ?? minute) <= minute - MINUTES) each.minutes.shift();
    return counts;
  };

  return {
    lines(source, lines, lost) {
      const each = of(source);
      const counts = countsNow(each);
      counts.lines += lines.length;
      counts.dropped += lost;
      each.following = true;
      const last = lines.at(-1);
      if (last === undefined) return;
      each.lastLineAt = now();
      if (last.stamp !== null) each.lagMs = Math.max(0, now() - last.stamp);
      for (const { text } of lines) {
        // Looking for a literal first: nearly every line is spared the pattern.
        const id = text.includes("holdfast-canary") ? CANARY_PATTERN.exec(text)?.[1] : undefined;
        if (id === undefined) continue;
        each.canary = { id, seenAt: new Date(now()).toISOString() };
        canaries += 1;
      }
    },
    judged(source, { events, unreadable, late, dropped }, lines) {
      const each = of(source);
      const counts = countsNow(each);
      counts.unreadable += unreadable;
      counts.late += late;
      counts.dropped += dropped;
      const last = events.at(-1);
      if (last === undefined || last.at === null) return;
      const stamp = lines.find((line) => line.number === last.line)?.stamp ?? null;
      if (stamp === null) each.lagMs = Math.max(0, now() - last.at);
      else each.clockSkewMs = last.at - stamp;
    },
    problem(source) {
      of(source).following = false;
    },
    ended(source) {
      watched.delete(source.key);
    },
    takeCanaries() {
      const seen = canaries;
      canaries = 0;
      return seen;
    },
    view({ notices, spooled }) {
      const sources = [...watched.values()].map((each) => sourceView(each, Math.floor(now() / MINUTE_MS)));
      return collectorHealthSchema.parse({
        v: 1,
        collector,
        startedAt: new Date(startedAt).toISOString(),
        at: new Date(now()).toISOString(),
        sources,
        notices,
        spooled,
      });
    },
  };
}

function sourceView({ source, following, lastLineAt, lagMs, clockSkewMs, canary, minutes }: Watched, minute: number): SourceHealth {
  const hour = minutes.filter((each) => each.minute > minute - MINUTES);
  const sum = (what: keyof Counts): number => hour.reduce((total, { counts }) => total + counts[what], 0);
  return {
    name: source.name,
    app: source.app,
    cluster: source.cluster,
    following,
    lastLineAt: lastLineAt === null ? null : new Date(lastLineAt).toISOString(),
    lagMs,
    lastHour: { lines: sum("lines"), dropped: sum("dropped"), unreadable: sum("unreadable"), late: sum("late") },
    clockSkewMs,
    canary,
  };
}
