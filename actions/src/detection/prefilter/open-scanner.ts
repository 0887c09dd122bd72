/**
 * Finds the lines of a large text that can matter, without looking at the others: those that hold one of some literals, in any case. The text is
 * put into `text` piece by piece by whoever reads it; nothing here does I/O.
 */
import { FIND_LITERALS } from "./find-literals.ts";

export interface Scanner {
  /** Where the text goes; what `find` and `countLines` are asked about are places in it. Its last bytes are read over and stay free. */
  readonly text: Uint8Array;
  /** The first place of a literal in `[from, to)`, or `to`. */
  find(from: number, to: number): number;
  /** How many newlines stand in `[from, to)`. */
  countLines(from: number, to: number): number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  find(at: number, end: number): number;
  countLines(at: number, end: number): number;
}

/** What this file needs of the platform's WebAssembly, which Node's and the browser's types describe differently. */
interface Assembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
}

// The places in memory that find-literals.wat describes.
const HASHES = 256;
const HEADS = 8_192;
const LITERALS = 73_728;
const TEXT = 131_072;
const READ_OVER = 32;
const SHORTEST = 3;
const LONGEST = 255;
const BUCKETS = 8;
const UNIT = 4;

/** Throws RangeError for a literal that is shorter than three bytes or longer than 255, or when there are too many. */
export function openScanner(literals: readonly string[]): Scanner {
  const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Assembly }).WebAssembly; // see Assembly
  const { exports } = new Instance(new Module(decode(FIND_LITERALS)));
  const memory = new Uint8Array(exports.memory.buffer);
  fill(memory, literals);
  return {
    text: memory.subarray(TEXT, memory.length - READ_OVER),
    find: (from, to) => exports.find(TEXT + from, TEXT + to) - TEXT,
    countLines: (from, to) => exports.countLines(TEXT + from, TEXT + to),
  };
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

function fill(memory: Uint8Array, literals: readonly string[]): void {
  const view = new DataView(memory.buffer);
  let next = LITERALS + UNIT;
  for (const [index, literal] of bucketOrder(literals).entries()) {
    const bytes = new TextEncoder().encode(literal).map((byte) => byte | 0x20);
    if (bytes.length < SHORTEST || bytes.length > LONGEST)
      throw new RangeError(`the literal ${JSON.stringify(literal)} has ${bytes.length} bytes; allowed: ${SHORTEST} to ${LONGEST}`);
    if (next + SHORTEST + bytes.length > TEXT) throw new RangeError(`there are ${literals.length} literals, more than fit`);
    const bucket = 1 << Math.floor((index * BUCKETS) / literals.length);
    for (let place = 0; place < SHORTEST; place += 1) {
      const byte = bytes[place] ?? 0;
      addTo(memory, place * 32 + (byte & 0x0f), bucket);
      addTo(memory, place * 32 + 16 + (byte >> 4), bucket);
    }
    const hash = hashOf(bytes);
    addTo(memory, HASHES + (hash >> 3), 1 << (hash & 7));
    view.setUint16(next, view.getUint16(HEADS + 2 * hash, true), true);
    view.setUint16(HEADS + 2 * hash, (next - LITERALS) / UNIT, true);
    memory[next + 2] = bytes.length;
    memory.set(bytes, next + SHORTEST);
    next += Math.ceil((SHORTEST + bytes.length) / UNIT) * UNIT;
  }
}

/** Literals that begin alike share a bucket, which keeps the others' tables narrow. */
function bucketOrder(literals: readonly string[]): readonly string[] {
  return [...new Set(literals.map((literal) => literal.toLowerCase()))].sort();
}

function addTo(memory: Uint8Array, place: number, bits: number): void {
  memory[place] = (memory[place] ?? 0) | bits;
}

function hashOf(bytes: Uint8Array): number {
  const [first = 0, second = 0, third = 0] = bytes;
  return ((first * 0x1f3) ^ (second * 0x2b) ^ (third * 0xa7)) & 0x7fff;
}
