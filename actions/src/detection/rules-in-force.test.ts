import { describe, expect, test } from "vitest";
import { guideOf, InvalidInput, parseConfig, RULE_IDS } from "../domain/index.ts";
import { makeEvent } from "./make-event.ts";
import { countsFor } from "./rule.ts";
import { rulesInForce } from "./rules-in-force.ts";

const parse = (rules: unknown, more: object = {}) =>
  parseConfig({ clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }], rules, ...more });
const rule = (rules: unknown, id: string) => rulesInForce(parse(rules)).find((each) => each.id === id);

function problems(rules: unknown): readonly string[] {
  try {
    parse(rules);
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map(({ path, allowed }) => `${path}: ${allowed}`);
    throw error;
  }
}

describe("ours", () => {
  test("are all there but the one that has nothing to compare with", () => {
    expect(rulesInForce().map((each) => each.id)).toEqual(RULE_IDS.filter((id) => id !== "migration-outside-window"));
    const windows = { maintenance: [{ days: ["Sun"], from: "02:00", to: "04:00" }] };
    expect(rulesInForce(parse({}, windows)).map((each) => each.id)).toEqual([...RULE_IDS]);
  });

  test("without a window, `enabled` makes every migration one outside of it", () => {
    const outside = rule({ "migration-outside-window": { enabled: true } }, "migration-outside-window");
    expect(outside && countsFor(outside, makeEvent({ kind: "migration-ran" }), null)).toBe(true);
  });

  test("can be changed and switched off", () => {
    const change = { threshold: 7, within: "2m", severity: "LOW", key: "actor", admin: "except", override: "none" };
    expect(rule({ "bulk-user-creation": change }, "bulk-user-creation")).toMatchObject(change);
    expect(rule({ "bulk-user-creation": { enabled: false } }, "bulk-user-creation")).toBeUndefined();
  });
});

describe("a team's own", () => {
  const own = { count: ["row-deleted"], threshold: 5, within: "1h", explanation: "Invoices are never deleted." };

  test("counts what it says, without code", () => {
    const invoices = rule(
      { "invoice-deletion": { ...own, key: "actor", where: { table: ["invoices", "billing_*"] } } },
      "invoice-deletion",
    );
    expect(invoices).toMatchObject({ threshold: 5, within: "1h", severity: "MEDIUM", key: "actor", kinds: ["row-deleted"] });
    const counts = (table: string | null) => invoices && countsFor(invoices, makeEvent({ kind: "row-deleted", table }), null);
    expect(["invoices", "billing_2026", "invoices_old", null].map(counts)).toEqual([true, true, false, false]);
  });

  test("says what it means where ours do", () => {
    const { rules } = parse({ "invoice-deletion": { ...own, runbook: "docs/invoices.md" } });
    expect(guideOf("invoice-deletion", rules)).toMatchObject({ explanation: "Invoices are never deleted.", runbook: "docs/invoices.md" });
    expect(guideOf("long-gone").explanation).toContain("no longer has");
  });

  test.each([
    [{ "mass-pasword-reset": { threshold: 3 } }, '"mass-pasword-reset" may mean "mass-password-reset"'],
    [{ "bulk-deletion": { treshold: 3 } }, '"treshold" may mean "threshold"'],
    [{ "my-rule": { ...own, where: { tabel: "x" } } }, '"tabel" may mean "table"'],
    [{ "my-rule": { ...own, count: ["row-deletd"] } }, "row-deleted"],
    [{ "my-rule": { ...own, within: "48h" } }, "a window of at most a day"],
    [{ "My Rule": own }, "lower-case words joined by hyphens"],
    [{ "bulk-deletion": { threshold: 0 } }, "a whole number from 1"],
  ])("%j is refused with what was meant", (rules, message) => {
    expect(problems(rules).join("\n")).toContain(message);
  });

  test("a notification can be routed by it, and by no rule that is not there", () => {
    const notify = (name: string) => ({ notify: [{ match: { rule: name }, slack: { secret: "SLACK" } }] });
    expect(() => parse({ "my-rule": own }, notify("my-rule"))).not.toThrow();
    expect(() => parse({}, notify("my-rule"))).toThrow("my-rule");
  });
});
