export type Wait = (ms: number) => Promise<void>;

export const sleep: Wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Short first, because most things are quick; never more often than AWS's own waiters later on (30 s).
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const GROWTH = 1.4;

/** A wait that went on for longer than anything of this kind should. */
export class WaitedTooLong extends Error {
  override readonly name = "WaitedTooLong";
}

/**
 * Asks again and again, with growing pauses, until `look` gives something other than null. Throws WaitedTooLong, naming `what`, after
 * `limitMs`; whatever `look` throws ends the wait.
 */
export async function waitUntil<T>(what: string, limitMs: number, wait: Wait, look: () => Promise<T | null>): Promise<T> {
  let waited = 0;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * GROWTH, LONGEST_PAUSE_MS)) {
    const found = await look();
    if (found !== null) return found;
    if (waited >= limitMs) throw new WaitedTooLong(`${what} did not happen within ${Math.round(limitMs / 60_000)} minutes`);
    await wait(pause);
    waited += pause;
  }
}
