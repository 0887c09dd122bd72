/**
 * Finds the lines of a large text that can matter, without looking at the others: those that hold a clue. The text is put into `text` piece by
 * piece by whoever reads it; nothing here does I/O.
 */
import type { Clue } from "../clue.ts";
import { FIND_LITERALS } from "./find-literals.ts";

export interface Scanner {
  /** Where the text goes; what the functions are asked about are places in it. Its last bytes are read over and stay free. */
  readonly text: Uint8Array;
  /** The first place in `[from, to)` of a word that begins a clue, or `to`. */
  find(from: number, to: number): number;
  /** Whether the line `[from, to)` holds a clue. */
  holds(from: number, to: number): boolean;
  /** How many newlines stand in `[from, to)`. */
  countLines(from: number, to: number): number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  scan(at: number, end: number, tables: number, until: number): number;
  countLines(at: number, end: number): number;
}

/** What this file needs of the platform's WebAssembly, which Node's and the browser's types describe differently. */
interface Assembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
}

// The places in memory that find-literals.wat describes.
const TABLES = { first: 0, all: 96 } as const;
const MARKS = 192;
const HASHES = 256;
const HEADS = 8_192;
const LITERALS = 73_728;
const TEXT = 131_072;
const HEADER = 7;
const READ_OVER = 32;
const BUCKETS = 8;
const UNIT = 4;

// As many bytes of a word are looked up before it is compared; its length is one byte.
const SHORTEST = 3;
const LONGEST = 255;
// A bit for each list of words, and one for the words that are searched for.
const LISTS = 31;
const FIRST = 1 << 31;

/** Throws RangeError for a word that is shorter than three bytes or longer than 255, or when there are too many. */
export function openScanner(clues: readonly Clue[]): Scanner {
  const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Assembly }).WebAssembly; // see Assembly
  const { exports } = new Instance(new Module(decode(FIND_LITERALS)));
  const memory = new Uint8Array(exports.memory.buffer);
  const view = new DataView(exports.memory.buffer);
  const { marks, wanted } = markWords(clues);
  fill(memory, view, marks);
  return {
    text: memory.subarray(TEXT, memory.length - READ_OVER),
    find: (from, to) => exports.scan(TEXT + from, TEXT + to, TABLES.first, FIRST) - TEXT,
    holds(from, to) {
      exports.scan(TEXT + from, TEXT + to, TABLES.all, 0);
      const found = view.getInt32(MARKS, true);
      return wanted.some((mask) => (found & mask) === mask);
    },
    countLines: (from, to) => exports.countLines(TEXT + from, TEXT + to),
  };
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/** Every list of words has a bit; a clue is found where all its bits are. Lists that are enough by themselves share one. */
function markWords(clues: readonly Clue[]): { readonly marks: ReadonlyMap<string, number>; readonly wanted: readonly number[] } {
  const bits = new Map<string, number>();
  const marks = new Map<string, number>();
  const wanted = clues.map(({ words }) => {
    const masks = words.map((list, index) => {
      const name = words.length === 1 ? "" : list.join("\n");
      const bit = bits.get(name) ?? bits.size;
      bits.set(name, bit);
      for (const word of list) {
        const lower = word.toLowerCase();
        marks.set(lower, (marks.get(lower) ?? 0) | (1 << bit) | (index === 0 ? FIRST : 0));
      }
      return 1 << bit;
    });
    return masks.reduce((sum, mask) => sum | mask, 0);
  });
  if (bits.size > LISTS) throw new RangeError(`there are ${bits.size} lists of words; allowed: ${LISTS}`);
  return { marks, wanted: [...new Set(wanted)] };
}

function fill(memory: Uint8Array, view: DataView, marks: ReadonlyMap<string, number>): void {
  const words = [...marks.keys()].sort();
  let next = LITERALS + UNIT;
  for (const word of words) {
    const bytes = bytesOf(word);
    if (bytes.length < SHORTEST || bytes.length > LONGEST)
      throw new RangeError(`the word ${JSON.stringify(word)} has ${bytes.length} bytes; allowed: ${SHORTEST} to ${LONGEST}`);
    if (next + HEADER + bytes.length > TEXT) throw new RangeError(`there are ${words.length} words, more than fit`);
    const hash = hashOf(bytes);
    addTo(memory, HASHES + (hash >> 3), 1 << (hash & 7));
    view.setInt32(next, marks.get(word) ?? 0, true);
    view.setUint16(next + 4, view.getUint16(HEADS + 2 * hash, true), true);
    view.setUint16(HEADS + 2 * hash, (next - LITERALS) / UNIT, true);
    memory[next + 6] = bytes.length;
    memory.set(bytes, next + HEADER);
    next += Math.ceil((HEADER + bytes.length) / UNIT) * UNIT;
  }
  fillTables(
    memory,
    TABLES.first,
    words.filter((word) => (marks.get(word) ?? 0) < 0),
  );
  fillTables(memory, TABLES.all, words);
}

function fillTables(memory: Uint8Array, tables: number, words: readonly string[]): void {
  for (const [index, { halves }] of sortIntoBuckets(words).entries())
    for (const [table, half] of halves.entries()) for (const value of half) addTo(memory, tables + table * 16 + value, 1 << index);
}

/** For each of six tables, the halves of bytes that words of this bucket begin with. */
interface Bucket {
  readonly halves: readonly ReadonlySet<number>[];
}

/**
 * A bucket lets any mixture of its words' halves through, and what it lets through costs a comparison: each beginning goes where it adds
 * the fewest mixtures.
 */
function sortIntoBuckets(words: readonly string[]): readonly Bucket[] {
  const buckets: Bucket[] = Array.from({ length: BUCKETS }, () => ({ halves: Array.from({ length: 2 * SHORTEST }, () => new Set()) }));
  const beginnings = new Map(words.map((word) => [bytesOf(word).subarray(0, SHORTEST).join(), bytesOf(word)]));
  for (const bytes of beginnings.values()) {
    const halves = [...bytes.subarray(0, SHORTEST)].flatMap((byte) => [byte & 0x0f, byte >> 4]);
    const grown = buckets.map((bucket) => ({ halves: bucket.halves.map((half, table) => new Set(half).add(halves[table] ?? 0)) }));
    const added = grown.map((bucket, index) => mixtures(bucket) - mixtures(buckets[index] ?? bucket));
    const best = added.indexOf(Math.min(...added));
    buckets[best] = grown[best] ?? { halves: [] };
  }
  return buckets;
}

function mixtures({ halves }: Bucket): number {
  return halves.reduce((product, half) => product * half.size, 1);
}

function bytesOf(word: string): Uint8Array {
  return new TextEncoder().encode(word).map((byte) => byte | 0x20);
}

function addTo(memory: Uint8Array, place: number, bits: number): void {
  memory[place] = (memory[place] ?? 0) | bits;
}

function hashOf(bytes: Uint8Array): number {
  const [first = 0, second = 0, third = 0] = bytes;
  return Math.imul(first | (second << 8) | (third << 16), 0x9e3779b1) >>> 17;
}
