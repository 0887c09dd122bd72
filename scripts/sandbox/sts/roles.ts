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
  readonly allow?: readonly Grant[];
}

/** An action anywhere, or only on a resource that carries a tag, as a policy with `aws:ResourceTag` in its condition grants it. */
export type Grant = string | { readonly action: string; readonly onlyTagged: ResourceTag };

interface ResourceTag {
  readonly key: string;
  readonly value: string;
}

const managed: ResourceTag = { key: "holdfast:managed", value: "true" };

const read = ["rds:Describe*", "rds:ListTagsForResource"] as const;

/** What the set-up guide grants. One role may delete: only what carries our tag, and it cannot tag. */
const granted: Readonly<Record<string, readonly Grant[]>> = {
  "holdfast-read": read,
  "holdfast-snapshot": [...read, "rds:CreateDBClusterSnapshot", "rds:AddTagsToResource"],
  "holdfast-restore": [...read, "rds:RestoreDBCluster*", "rds:CreateDBInstance", "rds:AddTagsToResource"],
  "holdfast-drill": [...read, "rds:RestoreDBCluster*", "rds:CreateDBInstance", "rds:AddTagsToResource"],
  // Statements and people's addresses stand in these logs, so nobody else reads them.
  "holdfast-detect": ["rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBLogFiles", "rds:DownloadDBLogFilePortion"],
  "holdfast-cleanup": [
    ...read,
    // For the last snapshot of what is deleted.
    "rds:CreateDBClusterSnapshot",
    { action: "rds:DeleteDBCluster", onlyTagged: managed },
    { action: "rds:DeleteDBInstance", onlyTagged: managed },
    { action: "rds:DeleteDBClusterSnapshot", onlyTagged: managed },
  ],
};

export interface Identity {
  readonly arn: string;
  readonly userId: string;
  readonly allow: readonly Grant[];
}

export function allowOf(role: Role): readonly Grant[] {
  const allow = role.allow ?? granted[role.name];
  if (!allow) throw new Error(`Role ${role.name} has no permissions: give it allow, or use one of ${Object.keys(granted).join(", ")}`);
  return allow;
}

/** `tags` are those of the resource that the action names. */
export function authorize(identity: Identity, action: string, tags: readonly ResourceTag[]): void {
  const fits = (pattern: string) => (pattern.endsWith("*") ? action.startsWith(pattern.slice(0, -1)) : action === pattern);
  const grants = (grant: Grant) =>
    typeof grant === "string"
      ? fits(grant)
      : fits(grant.action) && tags.some(({ key, value }) => key === grant.onlyTagged.key && value === grant.onlyTagged.value);
  if (identity.allow.some(grants)) return;
  throw new Refusal(
    "AccessDenied",
    `User: ${identity.arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    403,
  );
}
