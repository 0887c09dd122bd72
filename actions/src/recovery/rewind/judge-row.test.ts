import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeRow, type RowSight, type RowView } from "./judge-row.ts";
import type { Signature } from "./signature.ts";

const COLUMNS = 4;
const cell = fc.option(fc.constantFrom("1", "2", "3"), { nil: null });
const row: fc.Arbitrary<RowView> = fc.record({
  cells: fc.array(cell, { minLength: COLUMNS, maxLength: COLUMNS }),
  version: fc.constantFrom("10", "20", "30"),
});
const maybeRow = fc.option(row, { nil: null });
const columns = fc.uniqueArray(fc.nat({ max: COLUMNS - 1 })).map((list) => new Set(list));
const signature: fc.Arbitrary<Signature> = fc.record({
  damaged: columns,
  doubtful: columns,
  always: columns,
  values: fc
    .array(fc.tuple(fc.nat({ max: COLUMNS - 1 }), fc.record({ left: fc.array(cell).map((list) => new Set(list)), novel: fc.boolean() })))
    .map((list) => new Map(list)),
  deletions: fc.constantFrom("damage", "good", "unclear"),
});
const sight: fc.Arbitrary<RowSight> = fc.record({
  before: maybeRow,
  after: maybeRow,
  live: maybeRow,
  byDamage: fc.boolean(),
  matches: fc.option(fc.boolean(), { nil: null }),
});

describe("for every row and every signature", () => {
  test("a cell comes back only where the damage changed it and nobody wrote it since", () => {
    fc.assert(
      fc.property(sight, signature, (seen, sign) => {
        for (const column of judgeRow(seen, sign).change) {
          const [a, b, l] = [seen.before, seen.after, seen.live].map((each) => each?.cells[column]);
          expect(a).not.toBe(undefined);
          expect(a).not.toBe(b);
          expect(l).toBe(b);
          expect(sign.damaged.has(column) || sign.doubtful.has(column)).toBe(true);
        }
      }),
    );
  });

  test("a row that no damaging transaction wrote, and that does not look damaged, is at most asked about", () => {
    fc.assert(
      fc.property(sight, signature, (seen, sign) => {
        const told = { ...seen, byDamage: false, matches: null };
        const bare = { ...sign, values: new Map() };
        expect(judgeRow(told, bare).change).toEqual([]);
      }),
    );
  });

  test("every damaged cell is brought back, asked about, back already, or without a row to come back into", () => {
    fc.assert(
      fc.property(row, row, maybeRow, columns, (before, after, live, damaged) => {
        const sign: Signature = { damaged, doubtful: new Set(), always: new Set(), values: new Map(), deletions: "unclear" };
        const verdict = judgeRow({ before, after, live, byDamage: true, matches: null }, sign);
        const handled = [...verdict.change, ...verdict.asks.flatMap((ask) => ask.columns), ...(verdict.setAside?.columns ?? [])];
        const hurt = [...damaged].filter((column) => before.cells[column] !== after.cells[column]);
        const open = hurt.filter((column) => live === null || live.cells[column] !== before.cells[column]);
        expect(handled.toSorted()).toEqual(open.toSorted());
      }),
    );
  });

  test("what was brought back is not brought back again", () => {
    fc.assert(
      fc.property(row, row, row, signature, fc.boolean(), (before, after, live, sign, byDamage) => {
        const seen = { before, after, live, byDamage, matches: null };
        const { change } = judgeRow(seen, sign);
        const cells = live.cells.map((now, column) => (change.includes(column) ? (before.cells[column] ?? null) : now));
        expect(judgeRow({ ...seen, live: { cells, version: "99" } }, sign).change).toEqual([]);
      }),
    );
  });

  test("a row that is there is never inserted, and one that was not there before never comes back", () => {
    fc.assert(
      fc.property(sight, signature, (seen, sign) => {
        if (!judgeRow(seen, sign).comesBack) return;
        expect([seen.before === null, seen.after, seen.live]).toEqual([false, null, null]);
        expect(sign.deletions).toBe("damage");
      }),
    );
  });
});

const plain: Signature = {
  damaged: new Set([0]),
  doubtful: new Set(),
  always: new Set([0]),
  values: new Map(),
  deletions: "unclear",
};
const at = (version: string, ...cells: (string | null)[]): RowView => ({ cells, version });
const A = at("1", "old", "x");
const B = at("5", "reset", "x");

describe("one row", () => {
  const judge = (sight: Partial<RowSight>, sign: Partial<Signature> = {}) =>
    judgeRow({ before: A, after: B, live: B, byDamage: true, matches: null, ...sight }, { ...plain, ...sign });
  const asks = (sight: Partial<RowSight>, sign: Partial<Signature> = {}) => judge(sight, sign).asks.map(({ kind }) => kind);

  test("damaged and left alone since comes back", () => {
    expect(judge({})).toEqual({ change: [0], comesBack: false, asks: [], setAside: null });
  });

  test("a good write to another column between the images, then damaged: only the damaged column comes back", () => {
    expect(judge({ after: at("5", "reset", "y"), live: at("5", "reset", "y") }).change).toEqual([0]);
  });

  test("a good write to another column since does not keep the damage", () => {
    expect(judge({ live: at("9", "reset", "y") })).toMatchObject({ change: [0], asks: [] });
  });

  test("written since with the very value the damage left, and nothing else changed, is asked", () => {
    expect(judge({ live: at("9", "reset", "x") }).change).toEqual([]);
    expect(asks({ live: at("9", "reset", "x") })).toEqual(["same-value-since"]);
  });

  test("written since with another value is asked, with the old value is done", () => {
    expect(asks({ live: at("9", "chosen", "x") })).toEqual(["changed-since"]);
    expect(judge({ live: at("9", "old", "x") })).toMatchObject({ change: [], asks: [] });
  });

  test("damage under a later good write before the second image is known by a value that only the damage leaves", () => {
    const hidden = at("6", "reset", "y");
    const novel = new Map([[0, { left: new Set(["reset"]), novel: true }]]);
    expect(judge({ after: hidden, live: hidden, byDamage: false }, { values: novel }).change).toEqual([0]);
    // A value that rows had before could be the good writer's own.
    const common = new Map([[0, { left: new Set(["reset"]), novel: false }]]);
    expect(asks({ after: hidden, live: hidden, byDamage: false }, { values: common })).toEqual(["unclear-writer"]);
    expect(asks({ after: hidden, live: hidden, byDamage: false })).toEqual(["unclear-writer"]);
  });

  test("a good write of the damaged column to a value that the damage never leaves is good", () => {
    const good = at("6", "chosen", "x");
    const values = new Map([[0, { left: new Set(["reset"]), novel: true }]]);
    expect(judge({ after: good, live: good, byDamage: false }, { values })).toMatchObject({ change: [], asks: [] });
  });

  test("a row that lacks a change which the damage always makes was not reached by it", () => {
    const good = at("6", "old", "y");
    expect(judge({ after: good, live: good, byDamage: false }, { damaged: new Set([0, 1]) })).toMatchObject({ change: [], asks: [] });
  });

  test("a condition that the row fulfils does not make a column damaged which the damage seldom wrote", () => {
    const written = at("5", "reset", "y");
    const verdict = judge({ after: written, live: written, matches: true }, { doubtful: new Set([1]) });
    expect(verdict).toMatchObject({ change: [0], asks: [{ kind: "unclear-writer", columns: [1] }] });
  });

  test("a deleted row comes back where the damage deleted, is asked about where that is not known, and stays away where a good writer did", () => {
    expect(judge({ after: null, live: null }, { deletions: "damage" }).comesBack).toBe(true);
    expect(asks({ after: null, live: null })).toEqual(["unclear-deletion"]);
    expect(judge({ after: null, live: null }, { deletions: "good" })).toMatchObject({ comesBack: false, asks: [] });
    expect(asks({ after: null, live: at("9", "new", "z") }, { deletions: "damage" })).toEqual(["key-used-again"]);
  });

  test("a row that the damage made is offered for removal only while nobody has touched it", () => {
    expect(asks({ before: null })).toEqual(["added-by-damage"]);
    expect(judge({ before: null, live: at("9", "reset", "x") }).setAside?.kind).toBe("added-and-used");
    expect(judge({ before: null, byDamage: false })).toMatchObject({ asks: [], setAside: null });
  });
});
