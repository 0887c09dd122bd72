import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clue } from "../detection/clue.ts";
import { type LogScan, openLog } from "./scan-log.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-scan-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LARGE = 17 * 1024 * 1024;

async function read(
  text: string,
  words: readonly string[] | null,
): Promise<{ readonly scan: LogScan; readonly lines: readonly (readonly [number, string])[] }> {
  const file = join(folder, "app.log");
  writeFileSync(file, text);
  const scan = await openLog(file, 0, words === null ? null : [clue(null, words)]);
  const lines: (readonly [number, string])[] = [];
  while (await scan.more()) for (let line = scan.next(false); line !== null; line = scan.next(false)) lines.push([line.number, line.text]);
  return { scan, lines };
}

test("a small log is told whole, line by line, with the last one that has no end", async () => {
  const { scan, lines } = await read("a\n\nb\r\nc", ["xyz"]);
  expect(lines).toEqual([
    [1, "a"],
    [2, ""],
    [3, "b\r"],
    [4, "c"],
  ]);
  expect([scan.sifted, scan.lines()]).toEqual([false, 4]);
});

describe("of a large log", () => {
  const filler = `${"-".repeat(1_000)}\n`;
  const many = Math.ceil(LARGE / filler.length);

  test("the lines that hold a word are told, with their own numbers, and all are counted", async () => {
    const half = filler.repeat(many / 2);
    const { scan, lines } = await read(`PASSWORD first\n${half}the passWord é changed\n${half}last password`, ["password"]);
    const behind = Math.floor(many / 2);
    expect(lines).toEqual([
      [1, "PASSWORD first"],
      [behind + 2, "the passWord é changed"],
      [2 * behind + 3, "last password"],
    ]);
    expect([scan.sifted, scan.lines()]).toEqual([true, 2 * behind + 3]);
  });

  test("a line that is asked for whatever it holds is the next one", async () => {
    const file = join(folder, "app.log");
    writeFileSync(file, `x password\n\tat Foo.java\n${filler.repeat(many)}`);
    const scan = await openLog(file, 0, [clue(null, ["password"])]);
    await scan.more();
    expect(scan.next(false)).toMatchObject({ number: 1, text: "x password" });
    expect(scan.next(true)).toMatchObject({ number: 2, text: "\tat Foo.java" });
    expect(scan.next(false)).toBeNull();
  });

  test("a line of many megabytes keeps its beginning and spoils no line behind it", async () => {
    const { scan, lines } = await read(`password ${"x".repeat(LARGE)}password\nafter password\n`, ["password"]);
    expect(lines.map(([number, text]) => [number, text.slice(0, 14)])).toEqual([
      [1, "password xxxxx"],
      [2, "after password"],
    ]);
    expect(lines[0]?.[1].length).toBeLessThan(200_000);
    expect(scan.lines()).toBe(2);
  });
});

test("lines of any length are the same as split by their newlines", async () => {
  const line = fc.oneof(
    fc.string({ maxLength: 40, unit: "grapheme" }),
    fc.integer({ min: 1, max: 66_000 }).map((length) => "y".repeat(length)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), async (given) => {
      const wanted = given.map((each) => each.replaceAll("\n", " "));
      const { lines } = await read(wanted.map((each) => `${each}\n`).join(""), null);
      expect(lines.map(([, text]) => text.slice(0, 65_000))).toEqual(wanted.map((each) => each.slice(0, 65_000)));
    }),
    { numRuns: 40 },
  );
});

test.each(["missing.log", "."])("%s is refused", async (name) => {
  await expect(openLog(join(folder, name), 0, null)).rejects.toThrow("is not a file that can be read");
});
