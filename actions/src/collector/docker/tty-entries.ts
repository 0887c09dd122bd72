/** A container with a terminal has no frames: its log is one stream of lines, each with its stamp, with carriage returns. */
import { type Demultiplexer, type Frame, STDOUT } from "./frames.ts";
import { takeStamp } from "./stamped-lines.ts";

const NEWLINE = 0x0a;
// Docker cuts what a container writes into pieces of this size and stamps each, here in the middle of the line.
const PIECE_BYTES = 16 * 1024;
// Longer lines are handed on in parts; whoever joins them keeps their beginning only.
const PART_BYTES = 1024 ** 2;

export function splitEntries(): Demultiplexer {
  let pieces: Buffer[] = [];
  let held = 0;
  const take = (): Frame => {
    const payload = withoutInnerStamps(Buffer.concat(pieces));
    pieces = [];
    held = 0;
    return { stream: STDOUT, payload };
  };
  return {
    push(chunk) {
      const frames: Frame[] = [];
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
        pieces.push(chunk.subarray(from, end + 1));
        from = end + 1;
        frames.push(take());
      }
      if (from < chunk.length) {
        pieces.push(Buffer.from(chunk.subarray(from)));
        held += chunk.length - from;
        if (held >= PART_BYTES) frames.push(take());
      }
      return frames;
    },
    get pending() {
      return held;
    },
  };
}

function withoutInnerStamps(entry: Buffer): Buffer {
  const parts: Buffer[] = [];
  let rest = entry;
  let stamped = takeStamp(rest);
  let begin = stamped === null ? 0 : rest.length - stamped.rest.length;
  while (rest.length > begin + PIECE_BYTES) {
    const cut = begin + PIECE_BYTES;
    stamped = takeStamp(rest.subarray(cut));
    if (stamped === null) break;
    parts.push(rest.subarray(0, cut));
    rest = stamped.rest;
    begin = 0;
  }
  return parts.length === 0 ? entry : Buffer.concat([...parts, rest]);
}
