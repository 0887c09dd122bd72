/**
 * The one source of what each job may do at AWS, docs/examples/cloud/policies.json: read, and filled in for one installation. Terraform reads the
 * same file; the CloudFormation template is made of it.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";

export const SOURCE = fileURLToPath(new URL("../../docs/examples/cloud/policies.json", import.meta.url));

const values = z.union([z.string(), z.array(z.string())]);
const condition = z.record(z.string(), z.record(z.string(), values));
const statement = z.strictObject({
  Sid: z.string().regex(/^[A-Za-z0-9]+$/),
  Effect: z.enum(["Allow", "Deny"]),
  Action: values,
  Resource: z.array(z.string()).optional(),
  Principal: z.strictObject({ Federated: z.string() }).optional(),
  Condition: condition.optional(),
});
export type Statement = z.output<typeof statement>;

const policies = z.strictObject({
  trust: statement,
  boundary: z.array(statement),
  roles: z.record(z.string(), z.strictObject({ environment: z.string(), about: z.string(), statements: z.array(statement) })),
});
export type Policies = z.output<typeof policies>;

export interface Installation {
  readonly account: string;
  /** What a token's subject begins with: `repo:O/R`, or `repo:O@OID/R@RID`. */
  readonly subject: string;
  readonly repositoryId: string;
  readonly protectedClusters: readonly string[];
}

export function readPolicies(): Policies {
  return policies.parse(JSON.parse(readFileSync(SOURCE, "utf8")));
}

export function protectedArn(cluster: string): string {
  return `arn:*:rds:*:*:cluster:${cluster}`;
}

/** Every placeholder replaced, for one role's environment. */
export function fillIn(statements: readonly Statement[], installation: Installation, environment: string): readonly Statement[] {
  const { account, subject, repositoryId, protectedClusters } = installation;
  const known: Readonly<Record<string, string>> = {
    partition: "aws",
    account,
    subject,
    environment,
    repository_id: repositoryId,
    provider: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
  };
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = known[name];
      if (value === undefined) throw new Error(`policies.json has the placeholder ${name}; known: ${Object.keys(known).join(", ")}`);
      return value;
    });
  return statements.map((each) => {
    const resources = each.Resource?.flatMap((text) => (text === "${protected}" ? protectedClusters.map(protectedArn) : [fill(text)]));
    const filled: unknown = JSON.parse(JSON.stringify({ ...each, Resource: undefined }), (_, value: unknown) =>
      typeof value === "string" ? fill(value) : value,
    );
    return { ...statement.parse(filled), ...(resources === undefined ? {} : { Resource: resources }) };
  });
}
