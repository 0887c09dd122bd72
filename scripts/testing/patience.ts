/**
 * How long a test waits for a condition: long enough for two busy cores, because the length only matters when the condition never comes. No
 * test measures speed by it.
 */
export const PATIENCE = { timeout: 120_000, interval: 50 } as const;

/** The same for what waits for a whole workflow run, which takes seconds on an idle machine and may queue for one cluster behind others. */
export const RUN_PATIENCE = { timeout: 3 * PATIENCE.timeout, interval: 100 } as const;

/** Asks until the answer is something other than null; says what it waited for if that never comes. */
export async function until<T>(what: string, ask: () => T | null | Promise<T | null>): Promise<T> {
  const deadline = Date.now() + PATIENCE.timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
