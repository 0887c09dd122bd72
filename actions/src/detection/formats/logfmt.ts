/** `time="2025-11-03T08:05:58Z" level=warning msg="…" user=bob`: the fields of JSON, written so that a newline in a value begins a line of its own. */
import { readTokens } from "../grammar/tokens.ts";
import { type Format, reading } from "./format.ts";
import { clockOf, json, tellFields } from "./json.ts";

const FIRST = /^(?:time|ts|timestamp|level|lvl|event|msg|at|logger|t)=/;

export const logfmt: Format = {
  name: "logfmt",
  clues: json.clues,
  read(text, memory) {
    if (!FIRST.test(text)) return null;
    const fields = Object.fromEntries(readTokens(text).pairs);
    return reading(
      clockOf(fields),
      tellFields(fields, memory).map((told) => ({ ...told, trusted: false })),
    );
  },
};
