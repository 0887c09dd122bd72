import type { Unread } from "./facts.ts";

/** What can be found; each has a planted misconfiguration in the tests. */
export const CHECKS = [
  "actions-allowed",
  "actions-approve",
  "actions-enabled",
  "actions-token",
  "approvals-reachable",
  "approvals-required",
  "apps",
  "branch-deletion",
  "branch-exists",
  "branch-force-push",
  "branch-pull-request",
  "branch-review",
  "branch-status-checks",
  "branch-writable",
  "cluster-backup-window",
  "cluster-deletion-protection",
  "cluster-encryption",
  "cluster-engine",
  "cluster-exists",
  "cluster-instances",
  "cluster-public",
  "cluster-range",
  "cluster-status",
  "collector",
  "config",
  "database-guards",
  "database-roles",
  "environment-branches",
  "environment-exists",
  "environment-gate",
  "environment-role",
  "environment-secret",
  "environment-unattended",
  "environment-variable",
  "identity-trust",
  "identity-subject",
  "ledger-chain",
  "ledger-head",
  "notify",
  "notify-secret",
  "orphans",
  "pages",
  "pages-domain",
  "pages-https",
  "pages-source",
  "privacy",
  "production-built",
  "production-current",
  "recovery-point",
  "repository-archived",
  "repository-default-branch",
  "repository-secrets",
  "roles-apart",
  "ruleset-bypass",
  "ruleset-enforced",
  "schedule-drill",
  "schedule-runs",
  "schedule-snapshot",
  "snapshot-quota",
  "token-classic",
  "token-expiry",
  "workflow-enabled",
  "workflow-exists",
  "workflow-result",
] as const;
export type Check = (typeof CHECKS)[number];

export const VERDICTS = ["fail", "warning", "pass"] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Finding {
  readonly check: Check;
  /** What was looked at: a branch, an environment, a cluster. */
  readonly on: string;
  readonly verdict: Verdict;
  readonly says: string;
  /** The command or address that mends it; null for a pass. */
  readonly fix: string | null;
}

export const pass = (check: Check, on: string, says: string): Finding => ({ check, on, verdict: "pass", says, fix: null });
export const warn = (check: Check, on: string, says: string, fix: string): Finding => ({ check, on, verdict: "warning", says, fix });
export const fail = (check: Check, on: string, says: string, fix: string): Finding => ({ check, on, verdict: "fail", says, fix });

/** Nobody could look: never a pass. */
export const unknown = (check: Check, on: string, { unread, needs }: Unread): Finding =>
  warn(check, on, `could not be checked: ${unread}`, needs);
