/**
 * Follows one container's log through restarts of the container and of the connection. The engine's log is a fixed sequence of entries, so the
 * cursor is a second and how many entries from it on have been dealt with; a digest of the last one shows whether the sequence is still the same.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import * as z from "zod/mini";
import type { Line } from "../../detection/event.ts";
import { parse } from "../../domain/index.ts";
import type { Batch, Json, Source } from "../source.ts";
import type { Container, Engine } from "./engine.ts";
import { demultiplex, type Frame, SYSTEM_ERROR } from "./frames.ts";
import { joinFrames, type StampedLine, takeStamp } from "./stamped-lines.ts";
import { splitEntries } from "./tty-entries.ts";

const cursorSchema = z.object({
  /** Entries by the second of their stamp, oldest first: as many seconds as entries may come out of order. */
  seconds: z.array(z.tuple([z.int(), z.int()])),
  /** Digest of the last entry. */
  last: z.string(),
  line: z.int(),
  /** Lines that have begun and not ended. */
  open: z.array(z.object({ stream: z.int(), bytes: z.string(), stamp: z.nullable(z.number()) })),
});
type Cursor = z.output<typeof cursorSchema>;

const BEGINNING: Cursor = { seconds: [], last: "", line: 0, open: [] };

// The engine reads both streams of a container side by side, so stamps may go back by a moment.
const OVERLAP_S = 2;
// How soon a stopped container is looked at again when no event says that it began.
const STOPPED_MS = 2_000;
// A log that ends while its container runs was cut by something between: it is asked for again soon, but not in a tight circle.
const RECONNECT_MS = 100;

export interface ContainerSourceOptions {
  readonly engine: Engine;
  readonly container: Container;
  readonly app: string | null;
  readonly cluster: string | null;
  readonly follow: boolean;
  /** Resolves when some container began or ended, at the latest after so many milliseconds. */
  readonly change: (ms: number, signal: AbortSignal) => Promise<void>;
}

export function containerSource({ engine, container: { id, name }, app, cluster, follow, change }: ContainerSourceOptions): Source {
  return {
    key: `container:${id}`,
    name,
    app,
    cluster,
    async *read(remembered, signal) {
      let cursor = remembered === null ? BEGINNING : parse(cursorSchema, remembered, `the cursor of ${name}`);
      // Whether a stopped container's log was read to its end.
      let drained = false;
      while (!signal.aborted) {
        const facts = await engine.inspect(id, signal);
        if (facts !== null && (facts.running || !drained)) {
          const answer = await engine.logs(id, cursor.seconds[0]?.[0] ?? 0, follow && facts.running, signal);
          if (answer !== null) {
            // Whoever was told that it could not be read is told that it can, also where it has nothing to say.
            yield placed(name, cursor, [], 0, []);
            for await (const batch of readAnswer(name, cursor, answer, facts.tty)) {
              cursor = batch.place;
              yield batch;
            }
          }
          drained = !facts.running;
        }
        if (facts === null || !follow) {
          const rest = joinFrames(cursor.open).takeRest();
          if (rest.length > 0) yield placed(name, { ...cursor, open: [] }, rest, 0, []);
          return;
        }
        await change(facts.running ? RECONNECT_MS : STOPPED_MS, signal);
      }
    },
  };
}

interface PlacedBatch extends Batch {
  readonly place: Cursor;
}

async function* readAnswer(name: string, cursor: Cursor, answer: IncomingMessage, tty: boolean): AsyncGenerator<PlacedBatch> {
  const frames = tty ? splitEntries() : demultiplex();
  const joiner = joinFrames(cursor.open);
  const seconds = new Map(cursor.seconds);
  const newest = cursor.seconds.at(-1)?.[0] ?? 0;
  // The log is asked for from the beginning of a second: what was dealt with comes again first.
  let skip = cursor.seconds.reduce((sum, [, count]) => sum + count, 0);
  let { last, line } = cursor;

  for await (const chunk of answer) {
    const lines: StampedLine[] = [];
    const notes: string[] = [];
    let lost = 0;
    for (const frame of frames.push(chunk)) {
      if (frame.stream === SYSTEM_ERROR) {
        notes.push(`${name}: the container engine says: ${frame.payload.toString("utf8").trim().slice(0, SHOWN)}`);
        lost += 1;
        continue;
      }
      const entry = takeStamp(frame.payload);
      const second = entry === null ? newest : Math.floor(entry.stamp / 1000);
      if (skip > 0 && second <= newest) {
        skip -= 1;
        if (skip > 0 || digest(frame) === last) continue;
        notes.push(`${name}: ${CHANGED}`);
        lost += 1;
        continue;
      }
      if (skip > 0) {
        // Nothing of this second was dealt with, so this is new, and what should have come before it is gone.
        skip = 0;
        notes.push(`${name}: ${CHANGED}`);
        lost += 1;
      }
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
      last = digest(frame);
      const joined = joiner.push(frame, entry?.stamp ?? null, entry?.rest ?? frame.payload);
      if (joined !== null) lines.push(joined);
    }
    if (skip > 0 && notes.length === 0) continue;
    const cut = joiner.takeCut();
    if (cut > 0) notes.push(`${name}: ${cut} lines were too long and lost their end`);
    line += lines.length;
    yield placed(name, { seconds: recent(seconds), last, line: line - lines.length, open: [...joiner.open()] }, lines, lost + cut, notes);
  }
}

const SHOWN = 200;
const CHANGED = "the container engine's log is not the one that was read before (rotated or emptied): lines may be lost";

/** `at` stands before the lines. */
function placed(name: string, at: Cursor, stamped: readonly StampedLine[], lost: number, notes: readonly string[]): PlacedBatch {
  const lines: readonly Line[] = stamped.map(({ text, stamp }, index) => ({ text, stamp, source: name, number: at.line + index + 1 }));
  const place = { ...at, line: at.line + lines.length };
  return { lines, cursor: toJson(place), place, lost, notes };
}

function toJson({ seconds, last, line, open }: Cursor): Json {
  return { seconds, last, line, open: open.map((each) => ({ ...each })) };
}

function recent(seconds: Map<number, number>): Cursor["seconds"] {
  const newest = Math.max(...seconds.keys());
  for (const second of seconds.keys()) if (second < newest - OVERLAP_S) seconds.delete(second);
  return [...seconds].toSorted(([a], [b]) => a - b);
}

function digest({ stream, payload }: Frame): string {
  return createHash("sha256").update(String(stream)).update(payload).digest("base64").slice(0, 16);
}
