import { setTimeout as pause } from "node:timers/promises";

// From outside, so that every suite can be run as on a slow day: SANDBOX_ANSWER_DELAY_MS=300 npx vitest run actions/e2e
const DELAY_MS = Number(process.env.SANDBOX_ANSWER_DELAY_MS ?? 0);

/** Holds every answer back by at least the delay and up to twice that, so that answers overtake each other. */
export async function delayAnswer(): Promise<void> {
  if (DELAY_MS > 0) await pause(DELAY_MS * (1 + Math.random()));
}
