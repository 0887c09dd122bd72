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

/** An action anywhere, or under the conditions that a policy puts on it with `aws:ResourceTag` and `aws:TagKeys`. */
export type Grant =
  | string
  | {
      readonly action: string;
      readonly onlyTagged: ResourceTag;
      /** A tag that must not be there, whatever its value. */
      readonly unlessTagged?: string;
      /** The only keys that the request may name. */
      readonly onlyKeys?: readonly string[];
    };

interface ResourceTag {
  readonly key: string;
  readonly value: string;
}

const managed: ResourceTag = { key: "holdfast:managed", value: "true" };
const held = "holdfast:held";
const holdKeys = [held, "holdfast:let-go"] as const;

const read = ["rds:Describe*", "rds:ListTagsForResource"] as const;

/** What the set-up guide grants. Two roles may delete: only what carries our tag, and they cannot tag. */
const granted: Readonly<Record<string, readonly Grant[]>> = {
  "holdfast-read": read,
  "holdfast-snapshot": [...read, "rds:CreateDBClusterSnapshot", "rds:AddTagsToResource"],
  "holdfast-restore": [...read, "rds:RestoreDBCluster*", "rds:CreateDBInstance", "rds:AddTagsToResource"],
  "holdfast-drill": [...read, "rds:RestoreDBCluster*", "rds:CreateDBInstance", "rds:AddTagsToResource"],
  // Writes rows through SQL, behind a gate; at AWS it may only take the snapshot that comes before.
  "holdfast-migration-plan": read,
  "holdfast-rehearsal": [...read, "rds:RestoreDBCluster*", "rds:CreateDBInstance", "rds:AddTagsToResource"],
  "holdfast-migration-approval": [...read, "rds:CreateDBClusterSnapshot", "rds:AddTagsToResource"],
  "holdfast-rewind": [...read, "rds:CreateDBClusterSnapshot", "rds:AddTagsToResource"],
  // Statements and people's addresses stand in these logs, so nobody else reads them.
  "holdfast-detect": ["rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBLogFiles", "rds:DownloadDBLogFilePortion"],
  "holdfast-retention": [...read, { action: "rds:DeleteDBClusterSnapshot", onlyTagged: managed, unlessTagged: held }],
  "holdfast-hold": [
    ...read,
    { action: "rds:AddTagsToResource", onlyTagged: managed, onlyKeys: holdKeys },
    { action: "rds:RemoveTagsFromResource", onlyTagged: managed, onlyKeys: holdKeys },
  ],
  // Lent for the hour of a cut-over; no standing role may change the live cluster.
  "holdfast-cut-over": [...read, "rds:ModifyDBCluster", "rds:AddTagsToResource", "rds:RemoveTagsFromResource"],
  "holdfast-cleanup": [
    ...read,
    // For the last snapshot of what is deleted.
    "rds:CreateDBClusterSnapshot",
    { action: "rds:DeleteDBCluster", onlyTagged: managed },
    { action: "rds:DeleteDBInstance", onlyTagged: managed },
    { action: "rds:DeleteDBClusterSnapshot", onlyTagged: managed, unlessTagged: held },
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

/** `tags` are those of the resource that the action names, `keys` those that the request would set or take away. */
export function authorize(identity: Identity, action: string, tags: readonly ResourceTag[], keys: readonly string[] = []): void {
  const fits = (pattern: string) => (pattern.endsWith("*") ? action.startsWith(pattern.slice(0, -1)) : action === pattern);
  const grants = (grant: Grant) =>
    typeof grant === "string"
      ? fits(grant)
      : fits(grant.action) &&
        tags.some(({ key, value }) => key === grant.onlyTagged.key && value === grant.onlyTagged.value) &&
        !tags.some(({ key }) => key === grant.unlessTagged) &&
        (grant.onlyKeys === undefined || keys.every((key) => grant.onlyKeys?.includes(key)));
  if (identity.allow.some(grants)) return;
  throw new Refusal(
    "AccessDenied",
    `User: ${identity.arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    403,
  );
}
