/**
 * The sources of one app are counted together, so after an absence their events must reach the detector in the order of their time: an hour of
 * one source first would make the same hour of the next one late. While a source catches up, events of its app wait in a queue a source, and
 * the oldest goes first as soon as no source could still bring an older one.
 */
import type { Event } from "../detection/event.ts";

export interface CatchUp {
  /** Events of a source, in its order. */
  add(key: string, events: readonly Event[]): void;
  /** The events whose turn has come; all of them once no source of the app is behind. */
  take(behind: ReadonlySet<string>): readonly Event[];
  /** What of a source still waits. */
  waiting(key: string): readonly Event[];
}

export function openCatchUp(): CatchUp {
  const queues = new Map<string, Event[]>();

  const oldest = (): Event[] | null => {
    let found: Event[] | null = null;
    for (const queue of queues.values()) {
      if (queue.length > 0 && (found === null || timeOf(queue) < timeOf(found))) found = queue;
    }
    return found;
  };

  return {
    add(key, events) {
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, [...events]);
      else queue.push(...events);
    },
    take(behind) {
      const taken: Event[] = [];
      // One source alone keeps its own order.
      const awaited = [...behind];
      const alone = awaited.length === 1 && [...queues].every(([key, queue]) => key === awaited[0] || queue.length === 0);
      while (alone || awaited.every((key) => (queues.get(key)?.length ?? 0) > 0)) {
        const event = oldest()?.shift();
        if (event === undefined) break;
        taken.push(event);
      }
      return taken;
    },
    waiting: (key) => queues.get(key) ?? [],
  };
}

/** An event without a time goes as soon as it is first. */
function timeOf(queue: readonly Event[]): number {
  return queue[0]?.at ?? Number.NEGATIVE_INFINITY;
}
