import type { LiveAlert } from "./series.ts";

interface Waiting {
  readonly due: number;
  readonly live: LiveAlert;
}

/**
 * Open alerts by the time at which they would end: a heap, so that a storm of alerts costs each event a few comparisons. Ends move on while
 * an alert goes on; an entry that turns out too early is put back, so that alerts leave in the order (end, id) whatever happened before.
 */
export class EndQueue {
  readonly #heap: Waiting[] = [];

  add(live: LiveAlert): void {
    const heap = this.#heap;
    const waiting = { due: live.episode.end, live };
    let index = heap.length;
    heap.push(waiting);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(waiting, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = waiting;
  }

  /** The next alert whose end lies before `watermark`, or null. */
  next(watermark: number): LiveAlert | null {
    for (let top = this.#heap[0]; top !== undefined && top.due < watermark; top = this.#heap[0]) {
      this.#removeTop();
      if (top.live.over) continue;
      if (top.live.episode.end < watermark && top.live.episode.end === top.due) return top.live;
      this.add(top.live);
    }
    return null;
  }

  #removeTop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = heap[child];
      const right = heap[child + 1];
      if (left !== undefined && right !== undefined && isBefore(right, left)) child += 1;
      const lesser = heap[child];
      if (lesser === undefined || !isBefore(lesser, last)) break;
      heap[index] = lesser;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.due === b.due ? a.live.id < b.live.id : a.due < b.due;
}
