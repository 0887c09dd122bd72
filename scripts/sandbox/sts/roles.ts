import { Refusal } from "../rds/refusal.ts";

/** Whom a role trusts: values that a token's claims must equal exactly. An empty list trusts nobody. */
export interface Trust {
  /** `repo:O/R:environment:NAME`, and `repo:O@OID/R@RID:environment:NAME` where the repository has immutable subjects. */
  readonly sub: readonly string[];
  readonly ref: readonly string[];
  readonly repositoryId: readonly string[];
}

export interface Role {
  readonly name: string;
  readonly trust: Trust;
  /** Actions such as `rds:Describe*`; without it the role of that name from the table below. */
  readonly allow?: readonly string[];
}

const read = ["rds:Describe*", "rds:ListTagsForResource"] as const;

/** What the set-up guide grants. Nobody may delete: that role comes with retention. */
const granted: Readonly<Record<string, readonly string[]>> = {
  "holdfast-read": read,
  "holdfast-snapshot": [...read, "rds:CreateDBClusterSnapshot", "rds:AddTagsToResource"],
  "holdfast-restore": [...read, "rds:RestoreDBCluster*", "rds:CreateDBInstance", "rds:AddTagsToResource"],
};

export interface Identity {
  readonly arn: string;
  readonly userId: string;
  readonly allow: readonly string[];
}

export function allowOf(role: Role): readonly string[] {
  const allow = role.allow ?? granted[role.name];
  if (!allow) throw new Error(`Role ${role.name} has no permissions: give it allow, or use one of ${Object.keys(granted).join(", ")}`);
  return allow;
}

export function authorize(identity: Identity, action: string): void {
  if (identity.allow.some((pattern) => (pattern.endsWith("*") ? action.startsWith(pattern.slice(0, -1)) : action === pattern))) return;
  throw new Refusal(
    "AccessDenied",
    `User: ${identity.arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    403,
  );
}
