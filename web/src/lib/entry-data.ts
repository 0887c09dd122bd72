/** What the page reads out of an entry's data. Written by workers of any age, so every field may be missing or odd. */
import type { Entry } from "@holdfast/actions/domain";
import * as z from "zod/mini";

const text = z.catch(z.optional(z.string()), undefined);

const entryData = z.object({
  requestId: text,
  /** Of entries that other runs wrote about a request: whose it was, and the title of its run. */
  work: text,
  title: text,
  askedBy: text,
  cluster: text,
  target: text,
  snapshot: text,
  restored: text,
  kept: text,
  /** The oldest migration that is taken back. */
  undo: text,
  trigger: text,
  appVersion: text,
  endpoint: text,
  finalSnapshot: text,
  next: text,
  problem: text,
  suppression: text,
  matcher: z.catch(z.optional(z.record(z.string(), z.string())), undefined),
  durationSeconds: z.catch(z.optional(z.number()), undefined),
  point: z.catch(
    z.optional(z.union([z.object({ snapshot: z.string() }), z.object({ time: z.iso.datetime({ offset: true }) })])),
    undefined,
  ),
  checks: z.catch(z.optional(z.array(z.object({ name: z.string(), ok: z.boolean() }))), undefined),
  tables: z.catch(z.optional(z.array(z.string())), undefined),
  exists: z.catch(z.optional(z.array(z.string())), undefined),
});

export type KnownData = z.output<typeof entryData>;

export function readData(entry: Entry): KnownData {
  return z.parse(entryData, entry.data);
}
