import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";

/** SHA-256 of a value's RFC 8785 form, in hexadecimal: equal for equal values, whatever the order of their keys. */
export function digestOf(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("only what JSON can hold has a digest");
  return bytesToHex(sha256(utf8ToBytes(text)));
}
