/** The CloudFormation template, made of policies.json. */
import { readPolicies, type Statement } from "./policies.ts";

const PLACES: Readonly<Record<string, string>> = {
  partition: "${AWS::Partition}",
  account: "${AWS::AccountId}",
  subject: "${Subject}",
  repository_id: "${RepositoryId}",
};

const issuer = "token.actions.githubusercontent.com";
/** One ARN a cluster, made of the list's names: CloudFormation joins with constant text only, which is why the ARNs name no account. */
const protectedArns = {
  "Fn::Split": [
    ",",
    { "Fn::Sub": ["arn:*:rds:*:*:cluster:${Names}", { Names: { "Fn::Join": [",arn:*:rds:*:*:cluster:", { Ref: "ProtectedClusters" }] } }] },
  ],
};
const provider = { "Fn::If": ["MakesProvider", { Ref: "Provider" }, { Ref: "ProviderArn" }] };
const subject = {
  "Fn::If": [
    "HasImmutableSubjects",
    { "Fn::Sub": "repo:${Owner}@${OwnerId}/${Repository}@${RepositoryId}" },
    { "Fn::Sub": "repo:${Owner}/${Repository}" },
  ],
};

function text(value: string, environment: string): unknown {
  if (value === "${provider}") return provider;
  const filled = value.replaceAll("${environment}", environment).replace(/\$\{(\w+)\}/g, (whole, name: string) => PLACES[name] ?? whole);
  if (!filled.includes("${")) return filled;
  return { "Fn::Sub": filled.includes("${Subject}") ? [filled, { Subject: subject }] : filled };
}

function filled(value: unknown, environment: string): unknown {
  if (typeof value === "string") return text(value, environment);
  if (Array.isArray(value)) return value.map((item) => filled(item, environment));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, environment)]));
}

/** A list that mixes fixed ARNs and those of the protected clusters is two statements here: CloudFormation cannot put two lists together. */
function statementsOf(statements: readonly Statement[], environment = ""): readonly unknown[] {
  return statements.flatMap((statement) => {
    const { Resource = [] } = statement;
    const fixed = Resource.filter((each) => each !== "${protected}");
    const rest = { ...statement, ...(fixed.length > 0 ? { Resource: fixed } : {}) };
    const listed = { ...statement, Sid: `${statement.Sid}Protected` };
    return [
      ...(Resource.length === 0 || fixed.length > 0 ? [filled(rest, environment)] : []),
      ...(fixed.length < Resource.length
        ? [{ ...asObject(filled({ ...listed, Resource: undefined }, environment)), Resource: protectedArns }]
        : []),
    ];
  });
}

function asObject(value: unknown): object {
  if (typeof value !== "object" || value === null) throw new TypeError("a statement is an object");
  return value;
}

const policy = (statements: readonly unknown[]) => ({ Version: "2012-10-17", Statement: statements });
/** CloudFormation's names have letters and digits only. */
const logicalId = (role: string) => `Role${role.replace(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase())}`;

export function template(): string {
  const { trust, boundary, roles } = readPolicies();
  const named = Object.entries(roles);
  const document = {
    AWSTemplateFormatVersion: "2010-09-09",
    Description:
      "Holdfast: the identity provider of GitHub Actions and one least-privilege role for each job. Made by scripts/cloud-template.ts.",
    Parameters: {
      Owner: { Type: "String", AllowedPattern: "[A-Za-z0-9-]+" },
      OwnerId: { Type: "String", AllowedPattern: "[0-9]+", Description: "gh api repos/OWNER/REPO --jq .owner.id" },
      Repository: { Type: "String", AllowedPattern: "[A-Za-z0-9._-]+" },
      RepositoryId: { Type: "String", AllowedPattern: "[0-9]+", Description: "gh api repos/OWNER/REPO --jq .id" },
      ImmutableSubjects: {
        Type: "String",
        AllowedValues: ["true", "false"],
        Description: "gh api repos/OWNER/REPO/actions/oidc/customization/sub --jq .use_immutable_subject",
      },
      ProtectedClusters: {
        Type: "CommaDelimitedList",
        Description: "Ids of the clusters in holdfast.yml, without spaces: no role may delete, change or tag them.",
      },
      ProviderArn: {
        Type: "String",
        Default: "",
        Description: `An identity provider for ${issuer} that the account already has; made where none is named.`,
      },
    },
    Conditions: {
      MakesProvider: { "Fn::Equals": [{ Ref: "ProviderArn" }, ""] },
      HasImmutableSubjects: { "Fn::Equals": [{ Ref: "ImmutableSubjects" }, "true"] },
    },
    Resources: {
      Provider: {
        Type: "AWS::IAM::OIDCProvider",
        Condition: "MakesProvider",
        Properties: { Url: `https://${issuer}`, ClientIdList: ["sts.amazonaws.com"] },
      },
      Boundary: {
        Type: "AWS::IAM::ManagedPolicy",
        Properties: {
          ManagedPolicyName: "holdfast-boundary",
          Description: "The most that any role of Holdfast may ever do.",
          PolicyDocument: policy(statementsOf(boundary)),
        },
      },
      ...Object.fromEntries(
        named.map(([name, { environment, about, statements }]) => [
          logicalId(name),
          {
            Type: "AWS::IAM::Role",
            Properties: {
              RoleName: `holdfast-${name}`,
              Description: about,
              PermissionsBoundary: { Ref: "Boundary" },
              AssumeRolePolicyDocument: policy(statementsOf([trust], environment)),
              Policies: [{ PolicyName: "job", PolicyDocument: policy(statementsOf(statements, environment)) }],
            },
          },
        ]),
      ),
    },
    Outputs: Object.fromEntries(
      named.map(([name, { environment }]) => [
        logicalId(name),
        { Description: `AWS_ROLE_ARN of the environment ${environment}`, Value: { "Fn::GetAtt": [logicalId(name), "Arn"] } },
      ]),
    ),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
