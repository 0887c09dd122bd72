import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { splitLines } from "../collector/split-lines.ts";
import type { Line } from "../detection/event.ts";

export interface LogSource {
  readonly name: string;
  readonly lines: AsyncIterable<readonly Line[]>;
  /** No line of it can be later, milliseconds of the epoch. */
  readonly written: number;
}

// A chunk that fits a processor's cache is read fastest.
const CHUNK_BYTES = 64 * 1024;

/** A log file, or standard input for `-`; RangeError for what cannot be read. */
export async function openLog(path: string, now: number): Promise<LogSource> {
  if (path === "-") return { name: "stdin", lines: readLines(process.stdin, "stdin"), written: now };
  const known = await stat(path).catch(() => null);
  if (known === null || known.isDirectory())
    throw new RangeError(`${path} is not a file that can be read; allowed: log files, or - for stdin`);
  return {
    name: path,
    lines: readLines(createReadStream(path, { highWaterMark: CHUNK_BYTES }), path),
    written: Math.max(now, known.mtimeMs),
  };
}

async function* readLines(bytes: AsyncIterable<Buffer>, source: string): AsyncGenerator<readonly Line[]> {
  const splitter = splitLines();
  let number = 0;
  const lineOf = (text: string): Line => ({ text, source, number: ++number, stamp: null });
  for await (const chunk of bytes) yield splitter.push(chunk).map(lineOf);
  const rest = splitter.takeRest();
  if (rest !== null) yield [lineOf(rest)];
}
