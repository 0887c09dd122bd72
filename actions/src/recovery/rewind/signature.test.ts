import { expect, test } from "vitest";
import { damagedColumns, newTally, type Tally, tallyRow, valuesOf } from "./signature.ts";

/** Column 0 is reset in every row, column 1 changes in as many of a hundred as `often`, column 2 in none. */
function tallyOf(rows: number, often: number, reset: (row: number) => string): Tally {
  const tally = newTally(3);
  for (let row = 0; row < rows; row++) {
    const before = { version: "1", cells: [`old ${row}`, "x", "z"] };
    tallyRow(tally, before, { version: "5", cells: [reset(row), (row * 100) / rows < often ? "y" : "x", "z"] });
  }
  return tally;
}

test("the damage wrote what changed in half of its rows, and what changed in few is good writers' work", () => {
  expect(damagedColumns(tallyOf(100, 60, String), null)).toEqual({ damaged: new Set([0, 1]), doubtful: new Set(), always: new Set([0]) });
  expect(damagedColumns(tallyOf(100, 5, String), null)).toEqual({ damaged: new Set([0]), doubtful: new Set(), always: new Set([0]) });
});

test("what lies between is doubtful, unless somebody says what the damage wrote", () => {
  expect(damagedColumns(tallyOf(100, 30, String), null)).toMatchObject({ damaged: new Set([0]), doubtful: new Set([1]) });
  expect(damagedColumns(tallyOf(100, 30, String), new Set([0, 1]))).toEqual({
    damaged: new Set([0, 1]),
    doubtful: new Set(),
    always: new Set([0]),
  });
});

test("a few values left everywhere are a sign; many are none, and neither are a few rows", () => {
  const damaged = new Set([0]);
  expect(
    valuesOf(
      tallyOf(100, 0, () => "reset"),
      damaged,
    ),
  ).toEqual(new Map([[0, new Set(["reset"])]]));
  expect(
    valuesOf(
      tallyOf(100, 0, (row) => `salted ${row}`),
      damaged,
    ),
  ).toEqual(new Map());
  expect(
    valuesOf(
      tallyOf(9, 0, () => "reset"),
      damaged,
    ),
  ).toEqual(new Map());
});

test("without a single row of the damage nothing is learnt, and nothing is taken to change always", () => {
  expect(damagedColumns(newTally(2), new Set([1]))).toEqual({ damaged: new Set([1]), doubtful: new Set(), always: new Set() });
});
