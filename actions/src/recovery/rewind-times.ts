/** To which seconds a rewind's images are restored: decided from the interval that the logs gave, how far their clock may be off, and what can be restored. Pure. */
import { durationMs, type RewindRequest } from "../domain/index.ts";

/** How much further back each round begins, where the image before was damaged already: a line can be late, and a transaction long. */
const STEPS_BACK_MS = [0, 5 * 60_000, 60 * 60_000] as const;
export const ROUNDS = STEPS_BACK_MS.length;

export type ImageTime = { readonly time: Date } | { readonly problem: string };

/** The last whole second that surely lies before the damage; `round` counts from 1. */
export function timeBefore({ from, hints }: Pick<RewindRequest, "from" | "hints">, earliest: Date | null, round: number): ImageTime {
  const back = STEPS_BACK_MS[round - 1];
  if (back === undefined) return { problem: `The images of ${ROUNDS} seconds further and further back all hold the damage.` };
  if (earliest === null) return { problem: "The cluster has no range that could be restored to a second." };
  const first = new Date(Math.ceil(earliest.getTime() / 1000) * 1000);
  const wanted = wholeSecond(from.getTime() - durationMs(hints.skew) - back);
  if (wanted >= first) return { time: wanted };
  // What the logs' clock allows may be more than can be restored; only a beginning that is itself out of range leaves nothing to try.
  const previous = STEPS_BACK_MS[round - 2];
  const tried = previous !== undefined && wholeSecond(from.getTime() - durationMs(hints.skew) - previous) <= first;
  if (tried) return { problem: `The image of ${first.toISOString()}, the earliest that can be restored, holds the damage already.` };
  return { time: first };
}

/** A second after the damage; never one that lies after the request, because what was seen by then had happened by then. */
export function timeAfter({ to, hints }: Pick<RewindRequest, "to" | "hints">, requestedAt: Date): Date {
  const latest = Math.min(to.getTime() + durationMs(hints.skew), requestedAt.getTime());
  return new Date(Math.ceil(latest / 1000) * 1000);
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
