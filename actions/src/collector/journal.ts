/**
 * What the collector knows, durable: one append-only file whose first line is everything and whose other lines are steps since. A step holds
 * the cursors, what was read and what was found in one line, so they are kept together or not at all; `alerts.jsonl` is written from it
 * afterwards. A torn last line was never told to anybody and is cut off.
 */
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Alert } from "../domain/index.ts";
import type { KeptPlace } from "./kept-lines.ts";
import type { Json } from "./source.ts";
import { writeWhole } from "./write-whole.ts";

/** Where a source stands. */
export interface Place {
  readonly cursor: Json;
  /** What the judge holds of it: an unfinished record, events that wait for older ones. */
  readonly judged: unknown;
  /** Where its kept lines end; null while none were kept. */
  readonly kept: KeptPlace | null;
}

/** What one turn of the collector did. */
export interface Step {
  /** Null: the source is gone for good. */
  readonly places: Readonly<Record<string, Place | null>>;
  /** What changed the judge's memory, in order. */
  readonly inputs: readonly unknown[];
  readonly alerts: readonly Alert[];
  /** Where in alerts.jsonl they begin, in bytes. */
  readonly alertsAt: number;
}

export interface Whole {
  readonly places: Readonly<Record<string, Place>>;
  readonly judge: unknown;
}

export interface Journal {
  /** Appends; returns once it would survive a power cut where `durable`, once a killed process would not lose it otherwise. */
  append(step: Step, durable: boolean): Promise<void>;
  /** Starts the file anew from everything. */
  compact(whole: Whole): Promise<void>;
  readonly size: number;
  close(): Promise<void>;
}

const FILE = "journal.jsonl";
const VERSION = 1;

export interface Remembered {
  readonly whole: Whole | null;
  readonly steps: readonly Step[];
}

export async function readJournal(folder: string): Promise<Remembered> {
  const path = join(folder, FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  lines.pop();
  const [first, ...rest] = lines;
  if (first === undefined) return { whole: null, steps: [] };
  const opening: { v?: unknown; whole: Whole } = readLine(first, path, 1);
  if (opening.v !== VERSION)
    throw new Error(`${path} was written by another version of the collector (${String(opening.v)}); this one reads version ${VERSION}`);
  return { whole: opening.whole, steps: rest.map((line, index) => readLine<Step>(line, path, index + 2)) };
}

// Our own file, written whole and cut at its last newline: what it holds is what this program put there.
function readLine<Content>(line: string, path: string, number: number): Content {
  try {
    return JSON.parse(line) as Content;
  } catch (cause) {
    throw new Error(`${path}:${number} is damaged; without it nobody knows which alerts were told. Move the folder away to begin anew.`, {
      cause,
    });
  }
}

/** Opens it for writing and begins with everything that `readJournal` and the replay came to. */
export async function openJournal(folder: string, whole: Whole): Promise<Journal> {
  const path = join(folder, FILE);
  let handle: FileHandle | null = null;
  let size = 0;

  const compact = async (everything: Whole): Promise<void> => {
    const text = `${JSON.stringify({ v: VERSION, whole: everything })}\n`;
    await writeWhole(path, text);
    await handle?.close();
    handle = await open(path, "a", 0o600);
    size = Buffer.byteLength(text);
  };
  await compact(whole);

  return {
    async append(step, durable) {
      if (handle === null) throw new Error(`${path} is closed`);
      const bytes = Buffer.from(`${JSON.stringify(step)}\n`);
      await handle.appendFile(bytes);
      size += bytes.length;
      if (durable) await handle.datasync();
    },
    compact,
    get size() {
      return size;
    },
    async close() {
      await handle?.close();
      handle = null;
    },
  };
}
