/**
 * What `holdfast doctor` knows of an installation when it judges it: a snapshot of answers, read once. Whatever could not be read says so and which
 * permission is missing, so that no check can mistake ignorance for health. This room only judges: it asks nobody, changes nothing, and says of
 * nothing that it is protected unless GitHub or AWS was seen to enforce it.
 */
import type { CollectorHealth, Config, Head, SeenProtection } from "../domain/index.ts";

export interface Unread {
  /** Why nobody knows. */
  readonly unread: string;
  /** What would let the doctor read it. */
  readonly needs: string;
}

export type Known<T> = T | Unread;

export function isUnread(known: unknown): known is Unread {
  return typeof known === "object" && known !== null && "unread" in known && "needs" in known;
}

export interface RepositoryFacts {
  /** `owner/name` */
  readonly name: string;
  readonly id: number;
  readonly ownerId: number;
  readonly url: string;
  readonly private: boolean;
  readonly archived: boolean;
  readonly defaultBranch: string;
  /** Of the owner, lower case; null where GitHub does not tell this token. */
  readonly plan: string | null;
}

export interface TokenFacts {
  /** Scopes of a classic token; null for a fine-grained or job token, whose permissions GitHub tells nobody. */
  readonly classicScopes: readonly string[] | null;
  /** Null: never, or GitHub does not say. */
  readonly expiresAt: Date | null;
  /** A token of a workflow's job: it ends with the job. */
  readonly ofJob: boolean;
}

export interface BranchFacts {
  readonly exists: boolean;
  /** Types of the rules in force, as GitHub names them. */
  readonly rules: readonly string[];
  /** Approvals that a pull request needs; null without a rule that asks for pull requests. */
  readonly approvals: number | null;
  readonly statusChecks: readonly string[];
}

export interface RulesetFacts {
  readonly name: string;
  readonly enforcement: string;
  /** Branch patterns it names, `refs/heads/x` or `~ALL`. */
  readonly includes: readonly string[];
  /** Who may pass it by, always; null where GitHub does not tell this token. */
  readonly bypass: readonly string[] | null;
}

export interface ActionsFacts {
  readonly enabled: boolean;
  readonly allowed: string;
  readonly defaultWrite: boolean;
  readonly mayApprove: boolean;
}

export interface EnvironmentFacts {
  readonly name: string;
  /** Patterns of branches that may enter; `all` without a policy, `protected` for whatever branch is protected. */
  readonly branches: "all" | "protected" | readonly string[];
  /** Logins, and teams as `team x`. */
  readonly reviewers: readonly string[];
  readonly preventSelfReview: boolean;
  readonly waitMinutes: number;
  /** Null where GitHub does not say. */
  readonly adminsBypass: boolean | null;
  readonly variables: Known<Readonly<Record<string, string>>>;
  readonly secrets: Known<readonly string[]>;
}

/** What a workflow takes from an environment. */
export interface EnvironmentUse {
  readonly environment: string;
  /** The workflow's file name. */
  readonly workflow: string;
  readonly variables: readonly string[];
  readonly secrets: readonly string[];
  /** Whether its job may ask for an identity token. */
  readonly identity: boolean;
}

export interface RunFacts {
  readonly at: Date;
  readonly conclusion: string | null;
  readonly url: string;
}

export interface WorkflowFacts {
  readonly file: string;
  readonly state: string;
  readonly newest: RunFacts | null;
}

export interface PromotionFacts {
  /** The commit of the default branch. */
  readonly main: string;
  /** The commit of main that `production` was promoted from; null when its newest commit names none. */
  readonly promoted: string | null;
  /** Whether the bundles are there. */
  readonly built: boolean;
}

export interface PagesFacts {
  readonly status: string | null;
  readonly domain: string | null;
  readonly https: boolean;
  readonly buildType: string | null;
  readonly branch: string | null;
}

export interface SubjectFacts {
  readonly usesDefault: boolean;
  readonly claimKeys: readonly string[];
  readonly immutable: boolean;
}

/** A role as `aws iam get-role` prints it. */
export interface RoleFacts {
  readonly arn: string;
  readonly trust: unknown;
}

export interface LedgerFacts {
  readonly head: Head;
  /** Where the chain breaks and how; null when it holds. */
  readonly broken: string | null;
  /** The head that branch `status` remembers; null without one. */
  readonly published: Head | null;
  /** What plans and applications of migrations saw inside each cluster's database; null where none did. */
  readonly protections: Readonly<Record<string, SeenProtection | null>>;
  /** The head that was given from outside; null when none was. */
  readonly remembered: { readonly head: Head; readonly problem: string | null } | null;
}

export interface ClusterSettings {
  readonly id: string;
  readonly status: string;
  readonly engine: string;
  readonly instances: number;
  readonly public: boolean;
  readonly deletionProtection: boolean;
  readonly encrypted: boolean;
  /** Days that AWS keeps for point-in-time restores. */
  readonly backupDays: number;
  readonly latestRestorable: Date | null;
  /** The newest usable snapshot, ours or AWS's. */
  readonly newestSnapshot: Date | null;
}

export interface RegionFacts {
  readonly region: string;
  readonly clusters: Known<readonly ClusterSettings[]>;
  /** Manual cluster snapshots; null where AWS does not say. */
  readonly quota: Known<{ readonly used: number; readonly max: number } | null>;
}

export const BRANCHES = ["main", "production", "ledger", "status"] as const;
export type BranchName = (typeof BRANCHES)[number];

export interface Facts {
  readonly now: Date;
  readonly repository: RepositoryFacts;
  readonly token: TokenFacts;
  readonly config: Known<Config>;
  readonly branches: Readonly<Record<BranchName, Known<BranchFacts>>>;
  readonly rulesets: Known<readonly RulesetFacts[]>;
  readonly actions: Known<ActionsFacts>;
  readonly workflows: Known<readonly WorkflowFacts[]>;
  /** Of the promoted workflows. */
  readonly uses: Known<readonly EnvironmentUse[]>;
  readonly environments: Known<readonly EnvironmentFacts[]>;
  readonly repositorySecrets: Known<readonly string[]>;
  readonly promotion: Known<PromotionFacts>;
  readonly pages: Known<PagesFacts | null>;
  readonly subject: Known<SubjectFacts>;
  readonly roles: Known<readonly RoleFacts[]>;
  readonly ledger: Known<LedgerFacts>;
  readonly collectors: Known<readonly CollectorHealth[]>;
  readonly regions: readonly RegionFacts[];
  /** How many things were begun and never finished. */
  readonly orphans: Known<number>;
}
