import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stripEscapes } from "./ansi.ts";

test.each([
  ['"\u001b[31m\u001b[1mPOST /login HTTP/1.1\u001b[0m" 401', '"POST /login HTTP/1.1" 401'],
  ["\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007", "click"],
  ["\u001b]0;title\u001b\\text", "text"],
  ["\u009b31mred", "red"],
  ["\u001b(Bplain", "plain"],
  ["plain", "plain"],
])("%j", (text, expected) => {
  expect(stripEscapes(text)).toBe(expected);
});

test("an unterminated sequence hides nothing behind it", () => {
  expect(stripEscapes("\u001b]8;;Failed login for root")).toContain("Failed login for root");
});

test("colours and cursor movements go as Node itself takes them away", () => {
  const sequence = fc
    .tuple(fc.constantFrom("\u001b["), fc.constantFrom("", "0", "31", "1;31", "38;5;200"), fc.constantFrom(..."mKHJA"))
    .map((parts) => parts.join(""));
  const text = fc
    .array(fc.oneof(sequence, fc.string({ unit: fc.constantFrom(..."abc 123") })), { maxLength: 12 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (line) => {
      expect(stripEscapes(line)).toBe(stripVTControlCharacters(line));
    }),
  );
});

test("megabytes of broken sequences are read in one pass", () => {
  expect(stripEscapes("\u001b[;;;;".repeat(200_000)).length).toBe(800_000);
  expect(stripEscapes("\u001b]".repeat(200_000))).toBe("");
});
