/**
 * Sliding windows over occurrences: when (t − within, t] holds the threshold or more, and how to know it while keeping little. Pure
 * functions of sorted lists; who counts what, and what is told, is decided elsewhere.
 */

/** One event as a window sees it. */
export interface Occurrence {
  readonly at: number;
  /** How many times it counts. */
  readonly weight: number;
  readonly source: string;
  readonly line: number;
  /** Whether an override hides it while one is in force. */
  readonly coverable: boolean;
  /** The record, to be shown; null where newer lines say enough. */
  text: string | null;
  /** Whether the text is already fit to be shown. */
  shown: boolean;
}

export interface Measure {
  readonly threshold: number;
  /** Milliseconds. */
  readonly within: number;
}

/** A span of time, [openedAt, end), through which the window holds the threshold. */
export interface Episode {
  readonly openedAt: number;
  /** The oldest occurrence in the window that crossed. */
  readonly firstAt: number;
  lastAt: number;
  /** When the count falls below the threshold if nothing more comes. */
  end: number;
  readonly crossing: Occurrence;
}

/** Equal stamps have an order of their own, so that the order of arrival cannot change an answer. */
export function comesBefore(a: Occurrence, b: Occurrence): boolean {
  if (a.at !== b.at) return a.at < b.at;
  return a.source === b.source ? a.line < b.line : a.source < b.source;
}

/** Where `occurrence` belongs in a sorted list; behind those that are equal to it. */
export function placeFor(occurrences: readonly Occurrence[], occurrence: Occurrence): number {
  let low = 0;
  let high = occurrences.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = occurrences[middle];
    if (there !== undefined && comesBefore(occurrence, there)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The newest occurrences of a list that together reach the threshold, and no more than that: they alone decide whether it is held. */
export interface Tail {
  start: number;
  weight: number;
}

/** Moves the tail on by the occurrence at `index`. */
export function extendTail(tail: Tail, occurrences: readonly Occurrence[], index: number, threshold: number): void {
  tail.weight += occurrences[index]?.weight ?? 0;
  for (let oldest = occurrences[tail.start]; oldest !== undefined && tail.weight - oldest.weight >= threshold; ) {
    tail.weight -= oldest.weight;
    tail.start += 1;
    oldest = occurrences[tail.start];
  }
}

/** When the count falls below the threshold if nothing more comes; in the past where it is below already. */
export function endOf(tail: Tail, occurrences: readonly Occurrence[], { threshold, within }: Measure): number {
  const oldest = occurrences[tail.start];
  return oldest === undefined || tail.weight < threshold ? Number.NEGATIVE_INFINITY : oldest.at + within;
}

/**
 * The episodes of a sorted list that end after `from`. What began before `from` can no longer change its beginning and is handed over as
 * `carried`, because the occurrences that prove it may be gone.
 */
export function findEpisodes(occurrences: readonly Occurrence[], measure: Measure, from: number, carried: Episode | null): Episode[] {
  const tail: Tail = { start: 0, weight: 0 };
  let index = 0;
  while (index < occurrences.length && (occurrences[index]?.at ?? from) < from) extendTail(tail, occurrences, index++, measure.threshold);

  const found: Episode[] = [];
  const lastBefore = occurrences[index - 1];
  // It was not over before `from`; where it ends exactly there, the occurrence that says so is no longer needed and may be gone.
  let current = carried && {
    ...carried,
    lastAt: lastBefore?.at ?? carried.lastAt,
    end: Math.max(endOf(tail, occurrences, measure), from),
  };
  while (index < occurrences.length) {
    const at = occurrences[index]?.at ?? 0;
    let crossing: Occurrence | null = null;
    for (let each = occurrences[index]; each?.at === at; each = occurrences[index]) {
      extendTail(tail, occurrences, index++, measure.threshold);
      if (crossing === null && endOf(tail, occurrences, measure) > at) crossing = each;
    }
    if (crossing === null) continue;
    const end = endOf(tail, occurrences, measure);
    if (current !== null && at <= current.end) {
      current = { ...current, lastAt: at, end };
      continue;
    }
    if (current !== null) found.push(current);
    current = { openedAt: at, firstAt: firstInside(occurrences, index, at - measure.within), lastAt: at, end, crossing };
  }
  if (current !== null) found.push(current);
  return found;
}

/** The time of the oldest of the first `length` occurrences that is younger than `edge`. */
export function firstInside(occurrences: readonly Occurrence[], length: number, edge: number): number {
  let index = length - 1;
  while (index > 0 && (occurrences[index - 1]?.at ?? edge) > edge) index--;
  return occurrences[index]?.at ?? edge;
}

/** The weight of the occurrences in [firstAt, lastAt]. */
export function weightBetween(occurrences: readonly Occurrence[], firstAt: number, lastAt: number): number {
  let sum = 0;
  for (let index = occurrences.length - 1; index >= 0; index--) {
    const each = occurrences[index];
    if (each === undefined || each.at < firstAt) break;
    if (each.at <= lastAt) sum += each.weight;
  }
  return sum;
}

/**
 * The same answers from fewer occurrences. A window is at least as long as a stretch of `within`, so it holds a stretch whole, or a part
 * at its beginning, or a part at its end; of each stretch the first and the last `threshold` counts therefore decide everything, and
 * those between them are put together into one. However fast events come, a key keeps a few multiples of its threshold.
 */
export function condense(occurrences: readonly Occurrence[], { threshold, within }: Measure): Occurrence[] {
  const kept: Occurrence[] = [];
  let start = 0;
  while (start < occurrences.length) {
    const stretch = Math.floor((occurrences[start]?.at ?? 0) / within);
    let stop = start;
    while (stop < occurrences.length && Math.floor((occurrences[stop]?.at ?? 0) / within) === stretch) stop++;
    condenseStretch(occurrences, start, stop, threshold, kept);
    start = stop;
  }
  return kept;
}

function condenseStretch(occurrences: readonly Occurrence[], start: number, stop: number, threshold: number, kept: Occurrence[]): void {
  let left = start;
  for (let sum = 0; left < stop && sum < threshold; left++) sum += occurrences[left]?.weight ?? 0;
  let right = stop;
  for (let sum = 0; right > left && sum < threshold; right--) sum += occurrences[right - 1]?.weight ?? 0;
  for (let index = start; index < left; index++) push(kept, occurrences[index]);
  const last = occurrences[right - 1];
  if (right > left && last !== undefined) {
    let weight = 0;
    for (let index = left; index < right; index++) weight += occurrences[index]?.weight ?? 0;
    kept.push({ ...last, weight, coverable: occurrences.slice(left, right).every((each) => each.coverable), text: null });
  }
  for (let index = right; index < stop; index++) push(kept, occurrences[index]);
}

function push(kept: Occurrence[], occurrence: Occurrence | undefined): void {
  if (occurrence !== undefined) kept.push(occurrence);
}
