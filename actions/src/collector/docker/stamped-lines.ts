/**
 * Frames into lines. Every frame begins with the stamp of when the engine read it, also in the middle of a line that it cut into pieces; the
 * stamp goes first, then the pieces of each stream are joined as bytes.
 */
import { MAX_LINE_BYTES } from "../split-lines.ts";
import type { Frame } from "./frames.ts";

export interface StampedLine {
  readonly text: string;
  /** Of its first piece, milliseconds of the epoch. */
  readonly stamp: number | null;
}

/** A line that has begun and not ended, as it survives a restart. */
export interface OpenLine {
  readonly stream: number;
  /** Base64. */
  readonly bytes: string;
  readonly stamp: number | null;
}

export interface FrameJoiner {
  /** The line that this frame ends, if it does. */
  push(frame: Frame, stamp: number | null, payload: Buffer): StampedLine | null;
  /** What is unfinished, as lines, when no more will come. */
  takeRest(): readonly StampedLine[];
  open(): readonly OpenLine[];
  takeCut(): number;
}

interface Building {
  pieces: Buffer[];
  held: number;
  stamp: number | null;
  tooLong: boolean;
}

const NEWLINE = 0x0a;

export function joinFrames(begun: readonly OpenLine[]): FrameJoiner {
  const building = new Map<number, Building>();
  let cut = 0;
  for (const { stream, bytes, stamp } of begun) {
    const piece = Buffer.from(bytes, "base64");
    building.set(stream, { pieces: [piece], held: piece.length, stamp, tooLong: false });
  }
  const finish = (line: Building): StampedLine => {
    if (line.tooLong) cut += 1;
    return { text: withoutReturn(Buffer.concat(line.pieces).toString("utf8")), stamp: line.stamp };
  };

  return {
    push({ stream }, stamp, payload) {
      const ends = payload.at(-1) === NEWLINE;
      const piece = ends ? payload.subarray(0, -1) : payload;
      let line = building.get(stream);
      if (line === undefined) {
        line = { pieces: [], held: 0, stamp, tooLong: false };
        building.set(stream, line);
      }
      const room = MAX_LINE_BYTES - line.held;
      if (piece.length > room) line.tooLong = true;
      if (room > 0) {
        line.pieces.push(Buffer.from(piece.subarray(0, room)));
        line.held += Math.min(room, piece.length);
      }
      if (!ends) return null;
      building.delete(stream);
      return finish(line);
    },
    takeRest() {
      const rest = [...building.values()].map(finish);
      building.clear();
      return rest;
    },
    open: () => [...building].map(([stream, { pieces, stamp }]) => ({ stream, bytes: Buffer.concat(pieces).toString("base64"), stamp })),
    takeCut() {
      const count = cut;
      cut = 0;
      return count;
    },
  };
}

function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}

// `2026-11-20T12:00:00.123456789Z `; podman writes whole seconds.
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) $/;
const LONGEST_STAMP = 36;

/** A payload without the stamp before it; null where it has none. */
export function takeStamp(payload: Buffer): { readonly stamp: number; readonly rest: Buffer } | null {
  const end = payload.subarray(0, LONGEST_STAMP).indexOf(0x20);
  if (end === -1) return null;
  const text = payload.toString("latin1", 0, end + 1);
  const match = STAMP.exec(text);
  if (match === null) return null;
  const stamp = Date.parse(`${match[1]}.${(match[2] ?? "").padEnd(3, "0").slice(0, 3)}${match[3]}`);
  return Number.isNaN(stamp) ? null : { stamp, rest: payload.subarray(end + 1) };
}
