import type { Event } from "./event.ts";

/**
 * A file does not say when its lines were written, so a forged stamp can only be told by its neighbours: an event far ahead of those before
 * it counts once the next one of its source agrees, or nothing follows. Otherwise it would make every later line late.
 */
export interface JumpGuard {
  readonly pass: (event: Event) => readonly Event[];
  readonly flush: () => readonly Event[];
  /** Events whose time no neighbour confirmed. */
  readonly refused: () => number;
}

// Servers are quiet for longer, and then the next line agrees; lines out of order differ by less.
const JUMP_MS = 3_600_000;
const AGREES_WITHIN_MS = 300_000;

export function openJumpGuard(): JumpGuard {
  let newest: number | null = null;
  let held: { readonly event: Event; readonly at: number } | null = null;
  let refused = 0;

  const admit = (event: Event, at: number): readonly Event[] => {
    if (newest !== null && at > newest + JUMP_MS) {
      held = { event, at };
      return [];
    }
    newest = Math.max(newest ?? at, at);
    return [event];
  };
  const release = (): readonly Event[] => {
    if (held === null) return [];
    const { event, at } = held;
    held = null;
    newest = at;
    return [event];
  };

  return {
    pass(event) {
      const { at } = event;
      if (at === null) return [event];
      if (held === null) return admit(event, at);
      if (at >= held.at - AGREES_WITHIN_MS) return [...release(), ...admit(event, at)];
      held = null;
      refused += 1;
      return admit(event, at);
    },
    flush: release,
    refused: () => refused,
  };
}
