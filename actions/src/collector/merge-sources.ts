/** Reads every source beside the others, one batch ahead of what was taken, and hands over what has come meanwhile as one group. */
import type { Batch, Json, Origin, Source } from "./source.ts";

export type Arrival =
  /** It was found and will be read. */
  | { readonly source: Source; readonly begun: true }
  /** Nothing more of it is read before `next` is called. */
  | { readonly source: Source; readonly batch: Batch; readonly next: () => void }
  /** The source has no more lines, ever. */
  | { readonly source: Source; readonly ended: true }
  /** It could not be read and will be tried again. */
  | { readonly source: Source; readonly problem: string };

export interface MergeOptions {
  readonly cursorOf: (key: string) => Json;
  readonly signal: AbortSignal;
  /** False: a source that fails ends the whole, instead of being tried again. */
  readonly keepTrying: boolean;
  /** A group comes at least this often, empty where nothing arrived. */
  readonly tickMs: () => number;
  readonly random: () => number;
}

// The first try again comes at once, for a connection that merely ended; the pause then doubles up to half a minute.
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

export async function* mergeSources(origins: readonly Origin[], options: MergeOptions): AsyncGenerator<readonly Arrival[]> {
  const { cursorOf, signal, keepTrying, tickMs, random } = options;
  let arrived: Arrival[] = [];
  let wake: () => void = () => {};
  let failure: unknown = null;

  const tell = (arrival: Arrival): void => {
    arrived.push(arrival);
    wake();
  };
  const hand = (source: Source, batch: Batch): Promise<void> =>
    new Promise((resolve) => {
      signal.addEventListener("abort", next, { once: true });
      tell({ source, batch, next });
      function next(): void {
        signal.removeEventListener("abort", next);
        resolve();
      }
    });

  const readSource = async (source: Source): Promise<void> => {
    let cursor = cursorOf(source.key);
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        for await (const batch of source.read(cursor, signal)) {
          cursor = batch.cursor;
          pause = FIRST_PAUSE_MS;
          await hand(source, batch);
          // Leaving the loop lets the source close what it holds open.
          if (signal.aborted) return;
        }
        if (!signal.aborted) tell({ source, ended: true });
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!keepTrying) throw error;
        tell({ source, problem: error instanceof Error ? error.message : String(error) });
        await pauseFor(pause * (0.5 + random()), signal);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  };

  const fail = (error: unknown): void => {
    failure ??= error;
    wake();
  };
  const readOrigin = async (origin: Origin): Promise<void> => {
    const reading: Promise<void>[] = [];
    for await (const source of origin(signal)) {
      tell({ source, begun: true });
      reading.push(readSource(source).catch(fail));
    }
    await Promise.all(reading);
  };

  let open = true;
  const all = Promise.all(origins.map(readOrigin))
    .catch(fail)
    .finally(() => {
      open = false;
      wake();
    });

  while (open || arrived.length > 0) {
    if (arrived.length === 0 && open && !signal.aborted) await waitFor((done) => (wake = done), tickMs(), signal);
    else if (arrived.length === 0 && signal.aborted) break;
    const group = arrived;
    arrived = [];
    yield group;
    if (failure !== null) throw failure;
  }
  if (!signal.aborted) await all;
  if (failure !== null) throw failure;
}

async function waitFor(arm: (done: () => void) => void, ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    arm(done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}

export async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await waitFor(() => {}, ms, signal);
}
