/** What every place that lines come from looks like to the collector: read on from a cursor, wait when asked to, say what was lost. */
import type { Line } from "../detection/event.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Some whole lines and where to read on once they have been dealt with. */
export interface Batch {
  readonly lines: readonly Line[];
  /** Opaque to everybody but the source that made it; survives as JSON. */
  readonly cursor: Json;
  /** Lines or parts of lines that were lost since the batch before, as far as the source can tell. */
  readonly lost: number;
  /** What happened to the source, in words for its operator: a rotation, a gap, lines that were cut. */
  readonly notes: readonly string[];
}

export interface Source {
  /** Names its cursor, so it is the same after a restart and never another source's. */
  readonly key: string;
  /** What its lines call it: a container's name, a path, a database log. */
  readonly name: string;
  /** The app of `holdfast.yml` whose lines these are. */
  readonly app: string | null;
  readonly cluster: string | null;
  /**
   * Lines from the cursor on, or from the beginning where it is null. Reads no further before the batch is taken. Ends when there will be no
   * more; throws when reading failed, and may then be called again with the last cursor.
   */
  read(cursor: Json, signal: AbortSignal): AsyncIterable<Batch>;
}

/** A place where sources appear: each is handed over once, when it is first seen. */
export type Origin = (signal: AbortSignal) => AsyncIterable<Source>;
