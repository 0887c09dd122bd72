import { setTimeout as pause } from "node:timers/promises";

// From outside, so that every suite can be run as on a slow day: npm test -- --slow-day
const DELAY_MS = Number(process.env.SANDBOX_ANSWER_DELAY_MS ?? 0);

/**
 * Holds an answer back by at least the delay and up to twice that. What was asked for is done by then, each answer waits for itself alone, and so
 * of two that were asked within the delay either may come first.
 */
export async function delayAnswer(delayMs = DELAY_MS): Promise<void> {
  if (delayMs > 0) await pause(delayMs * (1 + Math.random()));
}
