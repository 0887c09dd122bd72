/** Bytes into lines. Bytes are joined before they are decoded, because a chunk may end inside a character. */

// What a record may be long before matching it costs too much; longer lines keep their beginning, where formats have their heads.
export const MAX_LINE_BYTES = 64 * 1024;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

export interface LineSplitter {
  /** The lines that this chunk completed. */
  push(chunk: Buffer): readonly string[];
  /** The unfinished line as it stands, which is then forgotten; null where there is none. */
  takeRest(): string | null;
  /** Bytes that were pushed and belong to no line yet. */
  readonly unfinished: number;
  /** Lines that lost their end because they were too long, since the last call. */
  takeCut(): number;
}

export function splitLines(limit = MAX_LINE_BYTES): LineSplitter {
  let pieces: Buffer[] = [];
  let held = 0;
  let unfinished = 0;
  let cut = 0;

  const hold = (piece: Buffer): void => {
    unfinished += piece.length;
    const room = limit - held;
    if (room <= 0 || piece.length === 0) return;
    // A copy, because the caller reads its next chunk into the same memory.
    const kept = Buffer.from(piece.subarray(0, room));
    pieces.push(kept);
    held += kept.length;
  };
  const take = (): string => {
    if (unfinished > held) cut += 1;
    const text = decode(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces));
    pieces = [];
    held = 0;
    unfinished = 0;
    return text;
  };

  return {
    push(chunk) {
      const lines: string[] = [];
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
        const piece = chunk.subarray(from, end);
        from = end + 1;
        if (unfinished === 0 && piece.length <= limit) {
          lines.push(decode(piece));
        } else {
          hold(piece);
          lines.push(take());
        }
      }
      hold(chunk.subarray(from));
      return lines;
    },
    takeRest: () => (unfinished === 0 ? null : take()),
    get unfinished() {
      return unfinished;
    },
    takeCut() {
      const count = cut;
      cut = 0;
      return count;
    },
  };
}

function decode(bytes: Buffer): string {
  const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
  return bytes.toString("utf8", 0, end);
}
