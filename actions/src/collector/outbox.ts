/**
 * Carries alerts on from alerts.jsonl, which is the queue: whoever delivers them is given the lines behind a position, and the position moves
 * once they have been taken. Taking must be safe to repeat.
 */
import { open, readFile } from "node:fs/promises";
import { type Alert, alertSchema } from "../domain/index.ts";
import { pauseFor } from "./merge-sources.ts";
import { writeWhole } from "./write-whole.ts";

export interface Outbox {
  /** There may be something new. */
  wake(): void;
  /** Delivers until aborted; then once more what is there. */
  run(signal: AbortSignal): Promise<void>;
  /** Alerts that nobody has taken yet. */
  waiting(): Promise<number>;
}

export interface OutboxOptions {
  readonly alertFile: string;
  readonly positionFile: string;
  /** Takes some alerts, or throws and will be given them again. */
  readonly take: (alerts: readonly Alert[]) => Promise<void>;
  /** Between two deliveries, so that a storm is few of them. */
  readonly pauseMs: number;
  readonly random: () => number;
  readonly say: (text: string) => void;
}

const LONGEST_PAUSE_MS = 300_000;
// Some thousand alerts: a commit of a megabyte, read in a moment.
const PORTION_BYTES = 1024 ** 2;

export function openOutbox({ alertFile, positionFile, take, pauseMs, random, say }: OutboxOptions): Outbox {
  let wakeUp = new AbortController();

  const deliver = async (): Promise<boolean> => {
    const position = await readPosition(positionFile);
    const { alerts, next } = await readAlerts(alertFile, position);
    if (alerts.length > 0) await take(alerts);
    if (next !== position) await writeWhole(positionFile, `${next}\n`);
    return next !== position;
  };

  return {
    wake: () => wakeUp.abort(),
    async run(signal) {
      let failures = 0;
      while (!signal.aborted) {
        const woken = wakeUp.signal;
        try {
          const more = await deliver();
          failures = 0;
          if (!more) await pauseFor(LONGEST_PAUSE_MS, AbortSignal.any([signal, woken]));
          if (woken.aborted) wakeUp = new AbortController();
          if (more) await pauseFor(pauseMs, signal);
        } catch (error) {
          failures += 1;
          if (failures === 1) say(describe(error));
          await pauseFor(Math.min(pauseMs * 2 ** Math.min(failures, 10), LONGEST_PAUSE_MS) * (0.5 + random()), signal);
        }
      }
      await deliver().catch((error: unknown) => say(describe(error)));
    },
    async waiting() {
      return (await readAlerts(alertFile, await readPosition(positionFile))).alerts.length;
    },
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

async function readPosition(file: string): Promise<number> {
  const text = await readFile(file, "utf8").catch(() => "0");
  const position = Number.parseInt(text, 10);
  return Number.isSafeInteger(position) && position >= 0 ? position : 0;
}

async function readAlerts(file: string, position: number): Promise<{ readonly alerts: readonly Alert[]; readonly next: number }> {
  const handle = await open(file, "r").catch(() => null);
  if (handle === null) return { alerts: [], next: position };
  try {
    const { size } = await handle.stat();
    // A file that somebody replaced is read from its beginning: taking twice does no harm, skipping would.
    const from = position > size ? 0 : position;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(PORTION_BYTES, size - from)), 0, undefined, from);
    const text = buffer.toString("utf8", 0, bytesRead);
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const alerts = whole.split("\n").flatMap((line) => (line === "" ? [] : readAlert(line)));
    return { alerts, next: from + Buffer.byteLength(whole) };
  } finally {
    await handle.close();
  }
}

/** A line that somebody else wrote into the file holds up nobody. */
function readAlert(line: string): readonly Alert[] {
  try {
    const read = alertSchema.safeParse(JSON.parse(line));
    return read.success ? [read.data] : [];
  } catch {
    return [];
  }
}
