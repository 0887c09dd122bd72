/** Log files as the events of one app, in the order of their times: each file keeps its own order, the earliest head goes first. */

import type { Event, Line } from "../detection/event.ts";
import { type JumpGuard, openJumpGuard } from "../detection/hold-jumps.ts";
import { openOccurrences } from "../detection/occurrences.ts";
import { openReader, type Reader, type ReaderOptions } from "../detection/reader.ts";
import type { EventKind } from "../domain/index.ts";
import type { LogScan } from "./scan-log.ts";

export interface Replay {
  readonly events: AsyncIterable<readonly Event[]>;
  /** What did not become an event for a reason that is not its own. */
  readonly counts: () => { readonly lines: number; readonly looked: number; readonly unreadable: number; readonly jumps: number };
}

/**
 * With `kinds`, only events of these kinds come, and of them none with a stamp far ahead that no neighbour confirms: right for counting, not for
 * showing what was read.
 */
export function openReplay(
  logs: readonly LogScan[],
  options: Omit<ReaderOptions, "source" | "occurrences" | "state">,
  kinds: ReadonlySet<EventKind> | null,
): Replay {
  const occurrences = openOccurrences();
  const tracks = logs.map((log) => new Track(log, openReader({ ...options, source: log.name, occurrences }), kinds));
  return {
    events: tracks.length === 1 ? alone(tracks) : merged(tracks),
    counts: () => ({
      lines: sum(tracks, (track) => track.log.lines()),
      looked: sum(tracks, (track) => track.reader.counts().lines),
      unreadable: sum(tracks, (track) => track.reader.counts().unreadable),
      jumps: sum(tracks, (track) => track.guard.refused()),
    }),
  };
}

async function* alone(tracks: readonly Track[]): AsyncGenerator<readonly Event[]> {
  for (const track of tracks) for (let events = await track.pull(true); events !== null; events = await track.pull(true)) yield events;
}

async function* merged(tracks: readonly Track[]): AsyncGenerator<readonly Event[]> {
  const waiting = new Set(tracks);
  while (waiting.size > 0) {
    let first: Track | null = null;
    for (const track of waiting) {
      if (!(await track.fill())) waiting.delete(track);
      else if (first === null || track.head < first.head) first = track;
    }
    if (first !== null) yield [first.take()];
  }
}

const UNGUARDED: JumpGuard = { pass: (event) => [event], flush: () => [], refused: () => 0 };

/** One file on its way: its lines become events only when they are wanted, so that what two files tell of one moment is read together. */
class Track {
  readonly log: LogScan;
  readonly reader: Reader;
  readonly guard: JumpGuard;
  readonly #kinds: ReadonlySet<EventKind> | null;
  #ended = false;
  #ready: Event[] = [];

  constructor(log: LogScan, reader: Reader, kinds: ReadonlySet<EventKind> | null) {
    this.log = log;
    this.reader = reader;
    this.guard = kinds === null ? UNGUARDED : openJumpGuard();
    this.#kinds = kinds;
  }

  /** The time of the next event; one without a time goes at once. */
  get head(): number {
    return this.#ready[0]?.at ?? Number.NEGATIVE_INFINITY;
  }

  take(): Event {
    const event = this.#ready.shift();
    if (event === undefined) throw new Error("a track was asked for an event that it does not have");
    return event;
  }

  /** Whether there is a next event. */
  async fill(): Promise<boolean> {
    while (this.#ready.length === 0) {
      const events = await this.pull(false);
      if (events === null) return false;
      this.#ready.push(...events);
    }
    return true;
  }

  /** The events of the next line, or of as many lines as are at hand; null at the end. */
  async pull(whole: boolean): Promise<readonly Event[] | null> {
    let line = this.#take();
    if (line === null) {
      if (this.#ended) return null;
      if (await this.log.more()) return [];
      this.#ended = true;
      return [...this.#wanted(this.reader.flush()), ...this.guard.flush()];
    }
    const events: Event[] = [];
    do {
      events.push(...this.#wanted(this.reader.read(line)));
      line = whole ? this.#take() : null;
    } while (line !== null);
    return events;
  }

  /** What nobody counts is left out before it could confirm or deny a neighbour: a log of which every line is read has more of it. */
  #wanted(events: readonly Event[]): readonly Event[] {
    return events.length === 0 ? events : events.filter(({ kind }) => this.#kinds?.has(kind) ?? true).flatMap(this.guard.pass);
  }

  #take(): Line | null {
    return this.log.next(this.reader.waits());
  }
}

function sum(tracks: readonly Track[], count: (track: Track) => number): number {
  return tracks.reduce((total, track) => total + count(track), 0);
}
