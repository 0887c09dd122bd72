import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clue } from "../clue.ts";
import { openScanner } from "./open-scanner.ts";

const place = (text: Uint8Array, content: string | Uint8Array): number => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  text.set(bytes);
  return bytes.length;
};

const search = (words: readonly string[]) => openScanner([{ kinds: null, words: [words] }]);

describe("find", () => {
  test.each([
    ["at the start", "passw", "password changed", 0],
    ["at the end", "passw", "the passw", 4],
    ["in any case", "passw", "THE PaSsW", 4],
    ["across a block of sixteen", "delet", "0123456789abcdedeleted", 15],
    ["nowhere", "passw", "a password without its w is passxord", 2],
    ["not cut off by the end", "passw", "xx pass", 7],
  ])("%s", (_, literal, text, expected) => {
    const scanner = search([literal]);
    const length = place(scanner.text, text);
    expect(scanner.find(0, length)).toBe(expected);
  });

  test("never looks behind the end, where an earlier piece still stands", () => {
    const scanner = search(["passw"]);
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
        const scanner = search(given);
        const length = place(scanner.text, text);
        const fold = (list: Uint8Array) => list.map((byte) => byte | 0x20).join(",");
        const wanted = given.map((literal) => fold(new TextEncoder().encode(literal.toLowerCase())));
        const expected = [...text.keys()].find((at) => wanted.some((literal) => `${fold(text.subarray(at))},`.startsWith(`${literal},`)));
        expect(scanner.find(0, length)).toBe(expected ?? length);
      }),
    );
  });
});

describe("holds", () => {
  const scanner = openScanner([
    clue(null, ["passw", "pwd"], ["chang", "reset"]),
    clue(null, ["delet"]),
    clue(null, ["post /"], ["login"], ["401"]),
  ]);
  const holds = (text: string): boolean => scanner.holds(0, place(scanner.text, text));

  test.each([
    ["a word of each list, in any order and case", "RESET of the Password", true],
    ["words of one list alone", "passw pwd", false],
    ["a list that is enough by itself", "x deleted", true],
    ["two of three lists", "POST /login 200", false],
    ["all three", '"POST /login HTTP/1.1" 401', true],
    ["words of two clues, none of them whole", "passw login 401", false],
    ["nothing", "", false],
  ])("%s", (_, text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test("says nothing of the lines beside it", () => {
    const length = place(scanner.text, "passw\nreset");
    expect([scanner.holds(0, 5), scanner.holds(6, length), scanner.holds(0, length)]).toEqual([false, false, true]);
  });

  test("says the same as looking for every word", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "-"), minLength: 3, maxLength: 5 });
    const list = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });
    const clues = fc.array(fc.array(list, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(clues, fc.string({ unit: fc.constantFrom("a", "b", "c", "-", "A"), maxLength: 60 }), (given, text) => {
        const some = openScanner(given.map((words) => clue(null, ...words)));
        const expected = given.some((words) => words.every((each) => each.some((one) => text.toLowerCase().includes(one))));
        expect(some.holds(0, place(some.text, text))).toBe(expected);
      }),
    );
  });

  test("of more lists than there are bits, it is said", () => {
    const many = Array.from({ length: 40 }, (_, index) => clue(null, [`first-${index}`], ["second"]));
    expect(() => openScanner(many)).toThrow("lists of words");
  });
});

test("countLines counts every newline, in blocks and behind them", () => {
  const scanner = search(["abc"]);
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
])("words that are %s are refused", (_, words, message) => {
  expect(() => search(words)).toThrow(message);
});
