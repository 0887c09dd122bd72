import type { Head } from "../domain/index.ts";

/** `--head`, as every job summary and notice quotes it. */
export function readHead(text: string): Head {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new RangeError(`--head is ${JSON.stringify(text)}; allowed: SEQ:HASH, a number and 64 hexadecimal digits`);
  return { seq: Number(seq), hash };
}
