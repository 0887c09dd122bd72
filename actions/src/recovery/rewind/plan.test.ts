import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { countPlan, parsePlan, type Question, questionId, type RewindPlan, signPlan } from "./plan.ts";
import { workOf } from "./work-list.ts";

function question(kind: Question["kind"], key: string, columns: readonly string[]): Question {
  const about = { kind, table: "public.users", key: [key], columns };
  return { id: questionId(about), ...about, version: "77" };
}

const ASKED = [
  question("changed-since", "3", ["hash"]),
  question("added-by-damage", "9", ["id", "hash"]),
  question("key-used-again", "5", ["id", "hash"]),
  question("unclear-deletion", "6", ["id", "hash"]),
];

const PLAN: RewindPlan = signPlan({
  v: 1,
  damage: { toldBy: "transactions", first: "2026-11-20T11:01:02.000001Z", last: "2026-11-20T11:01:02.000001Z", transactions: ["6"] },
  tables: [
    {
      table: "public.users",
      keyColumns: ["id"],
      changes: [{ columns: ["hash"], keys: [["1"], ["2"]] }],
      deleted: [["4"]],
      triggers: [{ name: "mail", definition: "CREATE TRIGGER mail …", decision: "skip" }],
      generatedColumns: [],
      damagedColumns: ["hash"],
    },
  ],
  questions: ASKED,
  setAside: [],
  refusals: [],
  notes: [],
  answers: [],
});

describe("a plan", () => {
  test("is the same after a file, and refused when anything in it is not", () => {
    const text = JSON.stringify(PLAN);
    expect(parsePlan(JSON.parse(text))).toEqual(PLAN);
    expect(() => parsePlan(JSON.parse(text.replace('["1"]', '["8"]')))).toThrow(/digest/);
    expect(() => parsePlan({ ...PLAN, extra: 1 })).toThrow(/extra/);
  });

  test("has a digest that does not depend on the order of its fields", () => {
    const { digest, ...rest } = PLAN;
    expect(signPlan({ ...rest, v: 1 }).digest).toBe(digest);
    expect(parsePlan(Object.fromEntries(Object.entries(PLAN).toReversed())).digest).toBe(digest);
  });

  test("counts what it would do", () => {
    expect(countPlan(PLAN)).toEqual({ changed: 2, returned: 1, asked: 4, answered: 0, setAside: 0, refusedTables: 0 });
  });
});

describe("decisions", () => {
  test("make another plan, to be approved anew, and the last answer counts", () => {
    const [first] = ASKED;
    const once = decide(PLAN, { answers: [{ question: first?.id ?? "", choice: "bring-back" }] });
    expect(once.digest).not.toBe(PLAN.digest);
    const twice = decide(once, { answers: [{ question: first?.id ?? "", choice: "keep" }] });
    expect(twice.answers).toEqual([{ question: first?.id, choice: "keep" }]);
    expect(decide(PLAN, {}).digest).toBe(PLAN.digest);
  });

  test("about what the plan does not ask are refused by name", () => {
    expect(() => decide(PLAN, { answers: [{ question: "nothing", choice: "keep" }] })).toThrow(/nothing/);
    expect(() => decide(PLAN, { triggers: [{ table: "public.users", name: "post", decision: "run" }] })).toThrow(/post of public.users/);
  });

  test("become work: nothing unanswered is touched, a key that is used again keeps its key", () => {
    const kinds = (plan: RewindPlan) =>
      workOf(plan).flatMap(({ groups }) =>
        groups.flatMap(({ kind, columns, rows }) => rows.map(({ key, version }) => [kind, columns.join(), key[0], version])),
      );
    expect(kinds(PLAN)).toEqual([
      ["change", "hash", "1", null],
      ["change", "hash", "2", null],
      ["return", "", "4", null],
    ]);
    const all = decide(PLAN, { answers: ASKED.map(({ id }) => ({ question: id, choice: "bring-back" })) });
    expect(kinds(all)).toEqual([
      ["change", "hash", "1", null],
      ["change", "hash", "2", null],
      ["change", "hash", "3", "77"],
      ["change", "hash", "5", "77"],
      ["return", "", "4", null],
      ["return", "", "6", null],
      ["remove", "", "9", "77"],
    ]);
  });
});
