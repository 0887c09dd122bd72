/** The rules as `holdfast.yml` leaves them: ours with what it changes, and the team's own. */
import type { Config, CustomRule, EventKind, RuleSetting } from "../domain/index.ts";
import { countingRule } from "./counting-rule.ts";
import type { Rule } from "./rule.ts";
import { bulkDeletion } from "./rules/bulk-deletion.ts";
import { bulkDeletionSlow } from "./rules/bulk-deletion-slow.ts";
import { bulkUserCreation } from "./rules/bulk-user-creation.ts";
import { bulkUserCreationSlow } from "./rules/bulk-user-creation-slow.ts";
import { destructiveStatement } from "./rules/destructive-statement.ts";
import { massPasswordReset } from "./rules/mass-password-reset.ts";
import { massPasswordResetAdmin } from "./rules/mass-password-reset-admin.ts";
import { massPasswordResetSlow } from "./rules/mass-password-reset-slow.ts";
import { migrationOutsideWindow } from "./rules/migration-outside-window.ts";
import { repeatedAuthFailure } from "./rules/repeated-auth-failure.ts";
import { repeatedAuthFailureAccount } from "./rules/repeated-auth-failure-account.ts";
import { statementRefused } from "./rules/statement-refused.ts";
import { unapprovedMigration } from "./rules/unapproved-migration.ts";

export type RuleSettings = Pick<Config, "rules" | "maintenance">;

const NOTHING_SET: RuleSettings = { rules: {}, maintenance: [] };

/** Every rule of ours at its documented default, in the order of RULE_IDS. */
export function builtInRules({ maintenance }: Pick<Config, "maintenance"> = NOTHING_SET): readonly Rule[] {
  return [
    massPasswordReset,
    massPasswordResetAdmin,
    massPasswordResetSlow,
    bulkUserCreation,
    bulkUserCreationSlow,
    bulkDeletion,
    bulkDeletionSlow,
    destructiveStatement,
    statementRefused,
    migrationOutsideWindow(maintenance),
    unapprovedMigration,
    repeatedAuthFailure,
    repeatedAuthFailureAccount,
  ];
}

export function rulesInForce(settings: RuleSettings = NOTHING_SET): readonly Rule[] {
  const ours = builtInRules(settings).flatMap((rule) => {
    const setting = settings.rules[rule.id];
    return isOn(rule, setting, settings) ? [changed(rule, setting)] : [];
  });
  return [...ours, ...customRules(settings.rules).flatMap(([id, setting]) => (setting.enabled ? [countingRule(id, setting)] : []))];
}

/** The kinds of events that these rules are about, and those that hide what they find. */
export function kindsOf(rules: readonly Rule[]): ReadonlySet<EventKind> {
  return new Set<EventKind>(["override-on", "override-off", ...rules.flatMap((rule) => rule.kinds)]);
}

/**
 * Without a maintenance window no migration could be outside of one; who wants every migration told sets `enabled: true`. The rule about
 * approvals is on, and tells nothing until it is told what was approved.
 */
function isOn(rule: Rule, setting: RuleSetting | undefined, { maintenance }: RuleSettings): boolean {
  if (setting?.enabled !== undefined) return setting.enabled;
  return rule.id !== "migration-outside-window" || maintenance.length > 0;
}

function changed(rule: Rule, setting: RuleSetting | undefined): Rule {
  return {
    ...rule,
    severity: setting?.severity ?? rule.severity,
    threshold: setting?.threshold ?? rule.threshold,
    within: setting?.within ?? rule.within,
    key: setting?.key ?? rule.key,
    admin: setting?.admin ?? rule.admin,
    override: setting?.override ?? rule.override,
  };
}

function customRules(rules: Config["rules"]): readonly (readonly [string, CustomRule])[] {
  return Object.entries(rules).flatMap(([id, setting]) => (setting !== undefined && "count" in setting ? [[id, setting] as const] : []));
}
