/**
 * The framing of container logs that Docker's API calls multiplexed: 8 bytes of header, then the payload. Holds no more than one header and one
 * payload at a time and calls nobody back, so neither small chunks nor many frames in one chunk cost a stack.
 */

export const STDOUT = 1;
/** The engine itself has something to say about reading the log. */
export const SYSTEM_ERROR = 3;

export interface Frame {
  readonly stream: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 8;
// Engines write frames of 16 KiB and less; a length beyond this is a header read in the wrong place.
const MAX_PAYLOAD_BYTES = 16 * 1024 ** 2;

export interface Demultiplexer {
  push(chunk: Buffer): readonly Frame[];
  /** Bytes of a frame that has not come whole. */
  readonly pending: number;
}

export function demultiplex(): Demultiplexer {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const frames: Frame[] = [];
      let at = 0;
      while (bytes.length - at >= HEADER_BYTES) {
        const stream = bytes.readUInt8(at);
        const length = bytes.readUInt32BE(at + 4);
        if (stream > SYSTEM_ERROR || length > MAX_PAYLOAD_BYTES)
          throw new Error(
            `the log stream is not framed as announced: type ${stream}, length ${length}; allowed: types 0 to 3, at most 16 MiB`,
          );
        if (bytes.length - at - HEADER_BYTES < length) break;
        frames.push({ stream, payload: bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length) });
        at += HEADER_BYTES + length;
      }
      rest = Buffer.from(bytes.subarray(at));
      return frames;
    },
    get pending() {
      return rest.length;
    },
  };
}
