/** How long an idle connection stays open: well over a stall of a busy machine, in which a client would reuse one that is just being closed. */
export const KEEP_ALIVE_MS = 65_000;
