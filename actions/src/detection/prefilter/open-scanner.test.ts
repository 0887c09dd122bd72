import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openScanner } from "./open-scanner.ts";

const place = (text: Uint8Array, content: string | Uint8Array): number => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  text.set(bytes);
  return bytes.length;
};

describe("find", () => {
  test.each([
    ["at the start", "passw", "password changed", 0],
    ["at the end", "passw", "the passw", 4],
    ["in any case", "passw", "THE PaSsW", 4],
    ["across a block of sixteen", "delet", "0123456789abcdedeleted", 15],
    ["nowhere", "passw", "a password without its w is passxord", 2],
    ["not cut off by the end", "passw", "xx pass", 7],
  ])("%s", (_, literal, text, expected) => {
    const scanner = openScanner([literal]);
    const length = place(scanner.text, text);
    expect(scanner.find(0, length)).toBe(expected);
  });

  test("never looks behind the end, where an earlier piece still stands", () => {
    const scanner = openScanner(["passw"]);
    place(scanner.text, "....passw");
    expect(scanner.find(0, 8)).toBe(8);
  });

  test("says the same as a search letter by letter", () => {
    const literals = fc.uniqueArray(fc.string({ unit: fc.constantFrom("a", "b", "A", "[", "0", "é"), minLength: 3, maxLength: 6 }), {
      minLength: 1,
      maxLength: 20,
      selector: (literal) => literal.toLowerCase(),
    });
    const bytes = fc.uint8Array({ maxLength: 200 });
    const near = fc
      .array(fc.constantFrom(...[..."abAB[0{ \né"]), { maxLength: 200 })
      .map((chars) => new TextEncoder().encode(chars.join("")));
    fc.assert(
      fc.property(literals, fc.oneof(bytes, near), (given, text) => {
        const scanner = openScanner(given);
        const length = place(scanner.text, text);
        const fold = (list: Uint8Array) => list.map((byte) => byte | 0x20).join(",");
        const wanted = given.map((literal) => fold(new TextEncoder().encode(literal.toLowerCase())));
        const expected = [...text.keys()].find((at) => wanted.some((literal) => `${fold(text.subarray(at))},`.startsWith(`${literal},`)));
        expect(scanner.find(0, length)).toBe(expected ?? length);
      }),
    );
  });
});

test("countLines counts every newline, in blocks and behind them", () => {
  const scanner = openScanner(["abc"]);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(10, 10, 13, 65), { maxLength: 100 }), fc.nat(20), (list, from) => {
      const length = place(scanner.text, Uint8Array.from(list));
      const start = Math.min(from, length);
      expect(scanner.countLines(start, length)).toBe(list.slice(start).filter((byte) => byte === 10).length);
    }),
  );
});

test.each([
  ["too short", ["ab"], "3 to 255"],
  ["too long", ["a".repeat(256)], "3 to 255"],
  ["too many", Array.from({ length: 600 }, (_, index) => `${index}`.padEnd(200, "x")), "more than fit"],
])("literals that are %s are refused", (_, literals, message) => {
  expect(() => openScanner(literals)).toThrow(message);
});
