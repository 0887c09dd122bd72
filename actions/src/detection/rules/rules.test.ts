import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type BuiltInRule, guideOf, RULE_IDS } from "../../domain/index.ts";
import { createDetector } from "../detector.ts";
import { openJumpGuard } from "../hold-jumps.ts";
import { builtInRules } from "../rules-in-force.ts";
import { cases as bulkDeletion } from "./bulk-deletion.cases.ts";
import { cases as bulkDeletionSlow } from "./bulk-deletion-slow.cases.ts";
import { cases as bulkUserCreation } from "./bulk-user-creation.cases.ts";
import { cases as bulkUserCreationSlow } from "./bulk-user-creation-slow.cases.ts";
import { cases as destructiveStatement } from "./destructive-statement.cases.ts";
import { cases as massPasswordReset } from "./mass-password-reset.cases.ts";
import { cases as massPasswordResetAdmin } from "./mass-password-reset-admin.cases.ts";
import { cases as massPasswordResetSlow } from "./mass-password-reset-slow.cases.ts";
import { cases as migrationOutsideWindow } from "./migration-outside-window.cases.ts";
import { cases as repeatedAuthFailure } from "./repeated-auth-failure.cases.ts";
import { cases as repeatedAuthFailureAccount } from "./repeated-auth-failure-account.cases.ts";
import { REQUIRED_CASES, type RuleCase } from "./rule-case.ts";
import { cases as statementRefused } from "./statement-refused.cases.ts";
import { cases as unapprovedMigration } from "./unapproved-migration.cases.ts";

const CASES: Readonly<Record<BuiltInRule, readonly RuleCase[]>> = {
  "mass-password-reset": massPasswordReset,
  "mass-password-reset-admin": massPasswordResetAdmin,
  "mass-password-reset-slow": massPasswordResetSlow,
  "bulk-user-creation": bulkUserCreation,
  "bulk-user-creation-slow": bulkUserCreationSlow,
  "bulk-deletion": bulkDeletion,
  "bulk-deletion-slow": bulkDeletionSlow,
  "destructive-statement": destructiveStatement,
  "statement-refused": statementRefused,
  "migration-outside-window": migrationOutsideWindow,
  "unapproved-migration": unapprovedMigration,
  "repeated-auth-failure": repeatedAuthFailure,
  "repeated-auth-failure-account": repeatedAuthFailureAccount,
};
const RULES = builtInRules({ maintenance: [{ days: ["Mon"], from: "12:00", to: "13:00", timezone: "Europe/London" }] });
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

test("there is one rule for each name, in the order in which they are named", () => {
  expect(RULES.map((rule) => rule.id)).toEqual([...RULE_IDS]);
});

describe.each(RULES.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const cases = Object.entries(CASES).find(([name]) => name === id)?.[1] ?? [];

  test("has the cases that every rule must have", () => {
    expect(cases.map((each) => each.name)).toEqual(expect.arrayContaining([...REQUIRED_CASES]));
  });

  test.each(cases.map((each) => [each.name, each] as const))("%s", (_, { events, opens, hidden = 0, approved }) => {
    const detector = createDetector([rule], {
      app: "web",
      cluster: null,
      show: (text) => text,
      lateness: 60_000,
      longestOverride: 8 * 3_600_000,
      maxKeys: 1_000,
    });
    if (approved !== undefined) detector.declare({ approved });
    const guard = openJumpGuard();
    const given = [...events.flatMap(guard.pass), ...guard.flush()];
    const told = [...given.flatMap((event) => detector.push([event])), ...detector.advance(Number.MAX_SAFE_INTEGER)];
    const ended = told.filter((alert) => alert.transition === "ended" && alert.withdrawn === undefined);
    expect(ended.filter((alert) => alert.hiddenBy === null)).toHaveLength(opens);
    expect(ended.filter((alert) => alert.hiddenBy !== null)).toHaveLength(hidden);
    expect(told.filter((alert) => alert.transition === "opened")).toHaveLength(opens + hidden);
  });

  test("says what it means and what to do, and its runbook says it at length", () => {
    const guide = guideOf(id);
    expect(guide.explanation.length).toBeGreaterThan(40);
    expect(guide.causes.length).toBeGreaterThan(1);
    expect(guide.steps.length).toBeGreaterThan(1);
    const runbook = `${ROOT}${guide.runbook}`;
    expect(existsSync(runbook), `${guide.runbook} is missing`).toBe(true);
    const text = readFileSync(runbook, "utf8");
    expect(text).toContain(`# ${guide.title}`);
    expect(text, "the rule's numbers").toContain(`${rule.threshold} in ${rule.within}`);
  });
});
