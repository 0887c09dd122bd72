/** What a collector says about itself, on branch `status`: a heartbeat with its lag, losses and silences. A view: always rebuildable, never the record. */
import * as z from "zod/mini";

const time = z.iso.datetime();
const count = z.int().check(z.minimum(0, "a whole number from 0"));

const sourceHealth = z.object({
  /** The container, file or database log. */
  name: z.string(),
  app: z.nullable(z.string()),
  cluster: z.nullable(z.string()),
  /** False while it cannot be followed: stopped, gone, refused. */
  following: z.boolean(),
  /** When its last line was read; null before the first. */
  lastLineAt: z.nullable(time),
  /** How far behind the newest line is being read, milliseconds; null where lines carry no time. */
  lagMs: z.nullable(z.number()),
  /** Counts of the last hour, so that what was mended stops being a reason for concern. */
  lastHour: z.object({
    lines: count,
    /** Lost before they could be read: a flood, a rotated file, a gap of the source. */
    dropped: count,
    /** Read and not understood by any format. */
    unreadable: count,
    /** Older than the allowance when they came. */
    late: count,
  }),
  /** The line's clock minus ours, milliseconds; null where it cannot be told. */
  clockSkewMs: z.nullable(z.number()),
  /** The newest canary line seen in it. */
  canary: z.nullable(z.object({ id: z.string(), seenAt: time })),
});

export const collectorHealthSchema = z.object({
  v: z.literal(1),
  /** Which collector: its machine's name unless configured. */
  collector: z.string(),
  startedAt: time,
  /** The heartbeat. */
  at: time,
  sources: z.array(sourceHealth),
  /** Notices that wait to be delivered, and those that were given up; alerts that no route matches. */
  notices: z.object({ waiting: count, failed: count, unrouted: z.optional(count) }),
  /** Entries that wait on disk for GitHub to take them. */
  spooled: count,
});

export type CollectorHealth = z.output<typeof collectorHealthSchema>;
export type SourceHealth = z.output<typeof sourceHealth>;

/** Each collector writes its own file, so that two never overwrite each other's. */
export const COLLECTOR_FOLDER = "collectors/";

export function collectorPath(collector: string): string {
  return `${COLLECTOR_FOLDER}${collector.toLowerCase().replace(/[^a-z0-9-]+/g, "-")}.json`;
}

/** How the id of a canary stands in a log line: in a path, a query, a message or a field. */
export const CANARY_PATTERN = /\bholdfast-canary[=/:-]([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/;
