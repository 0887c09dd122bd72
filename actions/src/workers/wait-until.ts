import { formatDuration } from "../domain/index.ts";

export type Wait = (ms: number) => Promise<void>;

export const sleep: Wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export interface Clock {
  readonly now: () => Date;
  readonly wait: Wait;
}

// Short first, because most things are quick; never more often than AWS's own waiters later on (30 s).
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const GROWTH = 1.4;

/** A wait that went on for longer than anything of this kind should. */
export class WaitedTooLong extends Error {
  override readonly name = "WaitedTooLong";
}

/**
 * Asks again and again, with growing pauses, until `look` gives something other than null. Throws WaitedTooLong, naming `what`, once
 * `limitMs` have passed on the clock, time spent asking included; whatever `look` throws ends the wait.
 */
export async function waitUntil<T>(what: string, limitMs: number, { now, wait }: Clock, look: () => Promise<T | null>): Promise<T> {
  const started = now().getTime();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * GROWTH, LONGEST_PAUSE_MS)) {
    const found = await look();
    if (found !== null) return found;
    const left = started + limitMs - now().getTime();
    if (left <= 0) throw new WaitedTooLong(`${what} did not happen within ${formatDuration(limitMs)}`);
    await wait(Math.min(pause, left));
  }
}
