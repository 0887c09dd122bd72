import { describe, expect, test } from "vitest";
import { chooseDamage, type DamageSearch, type Findings, imageTimes, type Suspect } from "./damage.ts";

const SEARCH: DamageSearch = { tables: ["users"], from: new Date("2026-11-20T11:00:00Z"), to: new Date("2026-11-20T11:03:00Z") };
const at = (second: string, rows: number, ...transactions: string[]): Suspect => ({
  committedAt: `2026-11-20T11:01:${second}Z`,
  transactions,
  rows: { "public.users": rows },
});
const found = (findings: Partial<Findings>): Findings => ({ commitTimes: true, suspects: [], named: [], matching: null, ...findings });

describe("the images", () => {
  test("lie at the last second strictly before the first bad commit and the first at or after the last", () => {
    expect(imageTimes({ first: "2026-11-20T11:01:02.000001Z", last: "2026-11-20T11:01:02.000001Z" })).toEqual({
      before: new Date("2026-11-20T11:01:02Z"),
      after: new Date("2026-11-20T11:01:03Z"),
    });
  });

  test("do not lie on a commit that fell on the second itself: a restore includes it", () => {
    expect(imageTimes({ first: "2026-11-20T11:01:02.000000Z", last: "2026-11-20T11:01:02.000000Z" })).toEqual({
      before: new Date("2026-11-20T11:01:01Z"),
      after: new Date("2026-11-20T11:01:02Z"),
    });
  });

  test("lie closer where the service is more exact", () => {
    expect(imageTimes({ first: "2026-11-20T11:01:02.345678Z", last: "2026-11-20T11:01:02.345678Z" }, 1)).toEqual({
      before: new Date("2026-11-20T11:01:02.345Z"),
      after: new Date("2026-11-20T11:01:02.346Z"),
    });
  });
});

describe("the damage", () => {
  test("is the one bulk transaction of the interval", () => {
    const report = chooseDamage(
      found({ suspects: [at("01.000001", 1, "5"), at("02.000001", 10, "6", "7"), at("03.000001", 9, "8")] }),
      SEARCH,
    );
    expect(report).toMatchObject({ found: true, damage: { toldBy: "transactions", complete: true, first: "2026-11-20T11:01:02.000001Z" } });
  });

  test("is not guessed where two stand out, and none where nothing does", () => {
    const two = [at("02.000001", 10, "6"), at("03.000001", 5000, "8")];
    expect(chooseDamage(found({ suspects: two }), SEARCH)).toMatchObject({ found: false, suspects: two });
    expect(chooseDamage(found({ suspects: [at("02.000001", 9, "6")] }), SEARCH)).toMatchObject({ found: false, suspects: [] });
  });

  test("is what somebody names, and a name that the database does not know is said", () => {
    const named = [at("02.000001", 10, "6"), at("03.000001", 3, "8")];
    const search = { ...SEARCH, hints: { transactions: ["6", "8"] } };
    expect(chooseDamage(found({ suspects: named, named }), search)).toMatchObject({
      found: true,
      damage: { first: "2026-11-20T11:01:02.000001Z", last: "2026-11-20T11:01:03.000001Z" },
    });
    expect(chooseDamage(found({ named: [] }), search)).toMatchObject({ found: false, problem: expect.stringContaining("6, 8") });
  });

  test("of single rows, some of which were written since, may have gone on to the end of the interval", () => {
    const suspects = [at("02.000001", 1, "6"), at("03.000001", 1, "8")];
    const told = (writtenSince: number) => chooseDamage(found({ matching: { suspects, writtenSince } }), SEARCH);
    expect(told(0)).toMatchObject({ found: true, damage: { toldBy: "predicate", last: "2026-11-20T11:01:03.000001Z" } });
    expect(told(1)).toMatchObject({ found: true, damage: { complete: false, last: "2026-11-20T11:03:00.000000Z" } });
  });

  test("that only deleted is looked for between the borders of the interval", () => {
    expect(chooseDamage(found({}), { ...SEARCH, hints: { deletions: "damage" } })).toMatchObject({
      found: true,
      damage: { toldBy: "interval", first: "2026-11-20T11:00:00.000000Z", last: "2026-11-20T11:03:00.000000Z" },
    });
  });

  test("of a database without commit times is not the largest transaction of all time", () => {
    const load: Suspect = { committedAt: null, transactions: ["5"], rows: { "public.users": 1_000_000 } };
    expect(chooseDamage(found({ commitTimes: false, suspects: [load] }), SEARCH)).toMatchObject({ found: false, suspects: [load] });
  });
});
