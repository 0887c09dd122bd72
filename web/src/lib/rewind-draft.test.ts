import { describe, expect, test } from "vitest";
import { checkRewind, type RewindDraft } from "./rewind-draft.ts";

const NOW = new Date("2026-11-20T15:00:00Z");
const draft: RewindDraft = {
  cluster: "app-prod",
  mode: "apply",
  tables: "users, orders",
  from: "2026-11-20T14:02:41Z",
  to: "2026-11-20T14:02:43Z",
  transactions: "771, 772",
  deletions: "damage",
  skew: "",
  answers: {},
  digest: "",
  reason: "All passwords were reset by mistake",
  typed: "app-prod",
  incident: "",
  requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
};

function problems(changed: Partial<RewindDraft>): readonly string[] {
  const checked = checkRewind({ ...draft, ...changed }, NOW);
  return checked.ok ? [] : Object.keys(checked.problems).sort();
}

describe("a rewind's draft", () => {
  test("becomes the request that is reviewed and sent", () => {
    const checked = checkRewind(draft, NOW);
    expect(checked.ok && checked.request).toMatchObject({
      tables: ["users", "orders"],
      hints: { transactions: ["771", "772"], deletions: "damage", skew: "90s" },
      digest: null,
    });
  });

  test.each<[string, Partial<RewindDraft>, readonly string[]]>([
    ["no table", { tables: "" }, ["tables"]],
    ["times without a zone", { from: "2026-11-20 14:02", to: "yesterday" }, ["from", "to"]],
    ["an interval the wrong way round", { to: "2026-11-20T14:00:00Z" }, ["to"]],
    ["a transaction that is no number", { transactions: "abc" }, ["hints"]],
    ["a skew that is no duration", { skew: "a while" }, ["hints"]],
    ["a short reason and another cluster's name", { reason: "Because", typed: "app-test" }, ["reason", "typed"]],
  ])("with %s is not sent, and says where", (_what, changed, paths) => {
    expect(problems(changed)).toEqual(paths);
  });

  test("that only plans changes nothing, and needs no name typed", () => {
    expect(problems({ mode: "plan", typed: "" })).toEqual([]);
  });
});
