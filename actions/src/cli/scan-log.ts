/**
 * A log as its lines, read piece by piece. Of a large one only the lines that hold a clue are made into text, which is what makes a year's log a
 * matter of minutes; the others are counted.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Clue } from "../detection/clue.ts";
import type { Line } from "../detection/event.ts";
import { openScanner } from "../detection/prefilter/open-scanner.ts";
import { RECORD_LIMIT } from "../detection/reader.ts";

export interface LogScan {
  readonly name: string;
  /** No line of it can be later, milliseconds of the epoch. */
  readonly written: number;
  /** Whether lines without a clue are passed over. */
  readonly sifted: boolean;
  /** Puts more of it at hand; false when there is no more. */
  more(): Promise<boolean>;
  /** The next line at hand that matters, or whatever line is next where `any`; null when `more` must be asked first. */
  next(any: boolean): Line | null;
  /** How many lines lie behind, looked at or not. */
  lines(): number;
}

// A chunk that fits a processor's cache is read fastest.
const CHUNK_BYTES = 64 * 1024;
// Up to here every line is read in a moment, and what belongs to no format can be counted.
const WHOLE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 10;

/** A log file, or standard input for `-`; RangeError for what cannot be read. `clues`: null where any line may matter. */
export async function openLog(path: string, now: number, clues: readonly Clue[] | null): Promise<LogScan> {
  if (path === "-") return scan({ name: "stdin", written: now, bytes: process.stdin, clues });
  const known = statSync(path, { throwIfNoEntry: false });
  if (known === undefined || known.isDirectory())
    throw new RangeError(`${path} is not a file that can be read; allowed: log files, or - for stdin`);
  const written = Math.max(now, known.mtimeMs);
  return scan({ name: path, written, bytes: readChunks(path), clues: known.size > WHOLE_BYTES ? clues : null });
}

/** The same memory again and again: a replay does nothing else meanwhile, and a stream's buffers cost more than the reading. */
async function* readChunks(path: string): AsyncGenerator<Buffer> {
  const file = openSync(path, "r");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) yield chunk.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

interface Source {
  readonly name: string;
  readonly written: number;
  readonly bytes: AsyncIterable<Buffer>;
  readonly clues: readonly Clue[] | null;
}

function scan({ name, written, bytes, clues }: Source): LogScan {
  const scanner = openScanner(clues ?? []);
  const text = Buffer.from(scanner.text.buffer, scanner.text.byteOffset, scanner.text.length);
  const chunks = bytes[Symbol.asyncIterator]();
  let pieces: Buffer[] = [];
  // [at, stop) are whole lines that nobody has asked for yet; [stop, end) is the beginning of one.
  let [at, stop, end, number] = [0, 0, 0, 0];
  let ended = false;

  const add = (piece: Uint8Array): void => {
    text.set(piece, end);
    const last = text.subarray(end, end + piece.length).lastIndexOf(NEWLINE);
    if (last !== -1) stop = end + last + 1;
    end += piece.length;
  };

  /** Of a line that is longer than a record can be, only the beginning is kept. */
  const addBehind = (piece: Buffer): void => {
    const whole = end - stop <= RECORD_LIMIT;
    const newline = whole ? 0 : piece.indexOf(NEWLINE);
    if (!whole) end = stop + RECORD_LIMIT + 1;
    if (newline !== -1) add(piece.subarray(newline));
  };

  const nextPiece = async (): Promise<Buffer | null> => {
    if (pieces.length === 0) {
      const chunk = await chunks.next();
      if (chunk.done === true) return null;
      // Standard input may hand over more than fits at once.
      const count = Math.ceil(chunk.value.length / CHUNK_BYTES);
      pieces = Array.from({ length: count }, (_, index) => chunk.value.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES));
    }
    return pieces.shift() ?? Buffer.alloc(0);
  };

  const take = (start: number, close: number): Line => {
    number += scanner.countLines(at, start) + 1;
    at = close + 1;
    return { text: text.toString("utf8", start, close), source: name, number, stamp: null };
  };

  return {
    name,
    written,
    sifted: clues !== null,
    lines: () => number,
    async more() {
      text.copyWithin(0, at, end);
      [stop, end, at] = [stop - at, end - at, 0];
      while (stop === 0 && !ended) {
        const piece = await nextPiece();
        if (piece !== null) addBehind(piece);
        else {
          ended = true;
          if (end > 0) add(Uint8Array.of(NEWLINE));
        }
      }
      return stop > 0;
    },
    next(any) {
      if (at >= stop) return null;
      if (any || clues === null) return take(at, text.indexOf(NEWLINE, at));
      for (let place = scanner.find(at, stop); place < stop; ) {
        const start = text.lastIndexOf(NEWLINE, place) + 1;
        const close = text.indexOf(NEWLINE, place);
        if (scanner.holds(start, close)) return take(start, close);
        place = scanner.find(close, stop);
      }
      number += scanner.countLines(at, stop);
      at = stop;
      return null;
    },
  };
}
