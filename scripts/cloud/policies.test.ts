import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { environmentUses } from "../../actions/src/doctor/environment-uses.ts";
import { template } from "./cloudformation.ts";
import { type Ask, admits, evaluate } from "./evaluate-policy.ts";
import { fillIn, readPolicies, type Statement } from "./policies.ts";

const INSTALLATION = { account: "123456789012", subject: "repo:acme/holdfast", repositoryId: "70001", protectedClusters: ["app-prod"] };
const policies = readPolicies();
const boundary = fillIn(policies.boundary, INSTALLATION, "");

function statementsOf(role: string): readonly Statement[] {
  const found = policies.roles[role];
  if (found === undefined) throw new Error(`policies.json has no role ${role}`);
  return fillIn(found.statements, INSTALLATION, found.environment);
}

const answer = (role: string, ask: Ask) => evaluate(ask, statementsOf(role), boundary);

const arn = (rest: string) => `arn:aws:rds:eu-west-1:123456789012:${rest}`;
const live = arn("cluster:app-prod");
const restored = arn("cluster:app-restored");
const scratch = arn("cluster:holdfast-drill-app-prod-0123456789abcdef");
const scratchInstance = arn("db:holdfast-drill-app-prod-0123456789abcdef-1");
const snapshot = arn("cluster-snapshot:holdfast-app-prod-0123456789abcdef");
const final = arn("cluster-snapshot:holdfast-final-app-restored-0123456789abcdef");
const automated = arn("cluster-snapshot:rds:app-prod-2026-11-25-02-00");
const group = arn("subgrp:app-private");
const parameters = arn("cluster-pg:default.aurora-postgresql15");
const key = "arn:aws:kms:eu-west-1:123456789012:key/0f6b1f5e";

/** What a request that makes and tags says of its tags. */
const tagging = { "aws:RequestTag/holdfast:managed": "true", "aws:TagKeys": ["holdfast:managed", "holdfast:request-id"] };
const ours = { "aws:ResourceTag/holdfast:managed": "true" };
const held = { ...ours, "aws:ResourceTag/holdfast:held": "r-1" };
const throughRds = { "kms:ViaService": "rds.eu-west-1.amazonaws.com", "kms:GrantIsForAWSResource": "true" };

const LOOKS = ["DescribeDBClusters", "DescribeDBClusterSnapshots", "DescribeDBInstances", "DescribeAccountAttributes"].map(
  (name): [string, Ask] => [name, { action: `rds:${name}`, resources: ["*"] }],
);
const TAKES: readonly [string, Ask][] = [
  ["CreateDBClusterSnapshot", { action: "rds:CreateDBClusterSnapshot", resources: [live, snapshot], context: tagging }],
  ["its tags", { action: "rds:AddTagsToResource", resources: [snapshot], context: tagging }],
];
const makes = (cluster: string, instance: string): readonly [string, Ask][] => [
  [
    "RestoreDBClusterFromSnapshot",
    { action: "rds:RestoreDBClusterFromSnapshot", resources: [cluster, snapshot, group, parameters], context: tagging },
  ],
  [
    "RestoreDBClusterFromSnapshot of AWS's own",
    { action: "rds:RestoreDBClusterFromSnapshot", resources: [cluster, automated, group], context: tagging },
  ],
  [
    "RestoreDBClusterToPointInTime",
    { action: "rds:RestoreDBClusterToPointInTime", resources: [live, cluster, group, parameters], context: tagging },
  ],
  ["CreateDBInstance", { action: "rds:CreateDBInstance", resources: [cluster, instance], context: tagging }],
  ["their tags", { action: "rds:AddTagsToResource", resources: [cluster, instance], context: tagging }],
  ["the key of an encrypted snapshot", { action: "kms:CreateGrant", resources: [key], context: throughRds }],
];

/** Every call that the workers make, by the role behind them. */
const CALLS: Readonly<Record<string, readonly [string, Ask][]>> = {
  read: LOOKS,
  snapshot: [...LOOKS, ...TAKES],
  rewind: [...LOOKS, ...TAKES],
  "migration-plan": LOOKS,
  rehearsal: [...LOOKS, ...makes(arn("cluster:holdfast-rehearsal-app-prod-1"), arn("db:holdfast-rehearsal-app-prod-1-1"))],
  "migration-approval": [...LOOKS, ...TAKES],
  restore: [...LOOKS, ...makes(restored, arn("db:app-restored-1"))],
  drill: [
    ...LOOKS,
    ...makes(scratch, scratchInstance),
    ...makes(arn("cluster:holdfast-rewind-before1-app-prod-1"), arn("db:holdfast-rewind-before1-app-prod-1-1")),
  ],
  cleanup: [
    ...LOOKS,
    ["DeleteDBInstance", { action: "rds:DeleteDBInstance", resources: [scratchInstance], context: ours }],
    ["DeleteDBCluster without a last snapshot", { action: "rds:DeleteDBCluster", resources: [scratch], context: ours }],
    ["DeleteDBCluster, the cluster", { action: "rds:DeleteDBCluster", resources: [restored], context: ours }],
    ["DeleteDBCluster, its last snapshot", { action: "rds:DeleteDBCluster", resources: [final] }],
    ["the last snapshot, of the cluster", { action: "rds:CreateDBClusterSnapshot", resources: [restored], context: ours }],
    ["the last snapshot itself", { action: "rds:CreateDBClusterSnapshot", resources: [final] }],
    ["DeleteDBClusterSnapshot", { action: "rds:DeleteDBClusterSnapshot", resources: [snapshot], context: ours }],
  ],
  retention: [...LOOKS, ["DeleteDBClusterSnapshot", { action: "rds:DeleteDBClusterSnapshot", resources: [snapshot], context: ours }]],
  hold: [
    ...LOOKS,
    [
      "AddTagsToResource",
      { action: "rds:AddTagsToResource", resources: [snapshot], context: { ...ours, "aws:TagKeys": ["holdfast:held"] } },
    ],
    [
      "RemoveTagsFromResource",
      {
        action: "rds:RemoveTagsFromResource",
        resources: [snapshot],
        context: { ...held, "aws:TagKeys": ["holdfast:held", "holdfast:let-go"] },
      },
    ],
  ],
  detect: [
    ...LOOKS,
    ["DescribeDBLogFiles", { action: "rds:DescribeDBLogFiles", resources: [arn("db:app-prod-1")] }],
    ["DownloadDBLogFilePortion", { action: "rds:DownloadDBLogFilePortion", resources: [arn("db:app-prod-1")] }],
  ],
};

/** A cut-over changes the live cluster, which no standing role may: its role is made for the hour and taken away (docs/runbooks/cut-over.md). */
const LENT = { environment: "cut-over", room: "switcher.ts" } as const;

const EVERYBODY = Object.keys(policies.roles);
const except = (...roles: readonly string[]) => EVERYBODY.filter((role) => !roles.includes(role));

/** What must not be possible, and for whom. */
const FORBIDDEN: readonly [string, readonly string[], Ask][] = [
  ["delete the live cluster", EVERYBODY, { action: "rds:DeleteDBCluster", resources: [live] }],
  ["delete the live cluster once it carries our tag", EVERYBODY, { action: "rds:DeleteDBCluster", resources: [live], context: ours }],
  ["tag the live cluster as ours", EVERYBODY, { action: "rds:AddTagsToResource", resources: [live], context: tagging }],
  [
    "take away the live cluster's tags",
    EVERYBODY,
    { action: "rds:RemoveTagsFromResource", resources: [live], context: { ...ours, "aws:TagKeys": ["holdfast:held"] } },
  ],
  ["switch off its protection against deletion", EVERYBODY, { action: "rds:ModifyDBCluster", resources: [live] }],
  ["change its password", EVERYBODY, { action: "rds:ModifyDBCluster", resources: [live], context: ours }],
  ["delete AWS's own backups", EVERYBODY, { action: "rds:DeleteDBClusterAutomatedBackup", resources: [arn("cluster-auto-backup:ab-1")] }],
  ["share a snapshot with another account", EVERYBODY, { action: "rds:ModifyDBClusterSnapshotAttribute", resources: [snapshot] }],
  ["export a snapshot to S3", EVERYBODY, { action: "rds:StartExportTask", resources: [snapshot] }],
  ["copy a snapshot", EVERYBODY, { action: "rds:CopyDBClusterSnapshot", resources: [snapshot, arn("cluster-snapshot:holdfast-copy")] }],
  ["stop the live cluster", EVERYBODY, { action: "rds:StopDBCluster", resources: [live] }],
  [
    "delete a snapshot that is not ours",
    EVERYBODY,
    { action: "rds:DeleteDBClusterSnapshot", resources: [arn("cluster-snapshot:holdfast-x")] },
  ],
  [
    "delete a snapshot of another name that carries our tag",
    EVERYBODY,
    { action: "rds:DeleteDBClusterSnapshot", resources: [arn("cluster-snapshot:before-upgrade")], context: ours },
  ],
  ["delete a snapshot that is held", EVERYBODY, { action: "rds:DeleteDBClusterSnapshot", resources: [snapshot], context: held }],
  [
    "delete a snapshot of ours",
    except("cleanup", "retention"),
    { action: "rds:DeleteDBClusterSnapshot", resources: [snapshot], context: ours },
  ],
  ["delete a cluster of ours", except("cleanup"), { action: "rds:DeleteDBCluster", resources: [restored], context: ours }],
  ["delete an instance of ours", except("cleanup"), { action: "rds:DeleteDBInstance", resources: [scratchInstance], context: ours }],
  ["delete an instance that is not ours", EVERYBODY, { action: "rds:DeleteDBInstance", resources: [arn("db:app-prod-1")] }],
  [
    "tag, for who may delete",
    ["cleanup", "retention"],
    { action: "rds:AddTagsToResource", resources: [snapshot], context: { ...tagging, ...ours } },
  ],
  [
    "take away tags, for who may delete",
    ["cleanup", "retention"],
    { action: "rds:RemoveTagsFromResource", resources: [snapshot], context: held },
  ],
  [
    "mark a stranger's snapshot as ours",
    EVERYBODY,
    { action: "rds:AddTagsToResource", resources: [arn("cluster-snapshot:before-upgrade")], context: tagging },
  ],
  [
    "mark a cluster of somebody's as ours, for a drill",
    ["drill", "rehearsal"],
    { action: "rds:AddTagsToResource", resources: [restored], context: tagging },
  ],
  [
    "let go of a hold by taking the mark away",
    except("hold"),
    { action: "rds:RemoveTagsFromResource", resources: [snapshot], context: { ...held, "aws:TagKeys": ["holdfast:held"] } },
  ],
  [
    "take away the mark that says it is ours",
    ["hold"],
    { action: "rds:RemoveTagsFromResource", resources: [snapshot], context: { ...ours, "aws:TagKeys": ["holdfast:managed"] } },
  ],
  ["name no key of a tag at all", ["hold"], { action: "rds:RemoveTagsFromResource", resources: [snapshot], context: ours }],
  [
    "make a cluster",
    except("restore", "drill"),
    { action: "rds:RestoreDBClusterToPointInTime", resources: [live, scratch], context: tagging },
  ],
  [
    "make a cluster of any name, for a drill",
    ["drill", "rehearsal"],
    { action: "rds:RestoreDBClusterToPointInTime", resources: [live, restored], context: tagging },
  ],
  [
    "add an instance to a live cluster, for a drill",
    ["drill", "rehearsal"],
    { action: "rds:CreateDBInstance", resources: [live, arn("db:app-prod-9")], context: tagging },
  ],
  [
    "take a snapshot",
    except("snapshot", "rewind", "migration-approval"),
    { action: "rds:CreateDBClusterSnapshot", resources: [live, snapshot], context: tagging },
  ],
  [
    "take a snapshot under a stranger's name",
    EVERYBODY,
    { action: "rds:CreateDBClusterSnapshot", resources: [live, arn("cluster-snapshot:nightly")], context: tagging },
  ],
  ["read database logs", except("detect"), { action: "rds:DownloadDBLogFilePortion", resources: [arn("db:app-prod-1")] }],
  [
    "sign in to the database by IAM",
    EVERYBODY,
    { action: "rds-db:connect", resources: ["arn:aws:rds-db:eu-west-1:123456789012:dbuser:cluster-1/app"] },
  ],
  [
    "grant a key to a person",
    EVERYBODY,
    { action: "kms:CreateGrant", resources: [key], context: { ...throughRds, "kms:GrantIsForAWSResource": "false" } },
  ],
  ["use a key past RDS", EVERYBODY, { action: "kms:CreateGrant", resources: [key], context: { "kms:GrantIsForAWSResource": "true" } }],
  ["decrypt with a key", EVERYBODY, { action: "kms:Decrypt", resources: [key], context: throughRds }],
  ["become another role", EVERYBODY, { action: "sts:AssumeRole", resources: ["arn:aws:iam::123456789012:role/holdfast-cleanup"] }],
  [
    "rewrite its own permissions",
    EVERYBODY,
    { action: "iam:PutRolePolicy", resources: ["arn:aws:iam::123456789012:role/holdfast-snapshot"] },
  ],
  [
    "work in another account",
    EVERYBODY,
    { action: "rds:DeleteDBClusterSnapshot", resources: ["arn:aws:rds:eu-west-1:999999999999:cluster-snapshot:holdfast-x"], context: ours },
  ],
];

describe("permissions", () => {
  test.each(Object.entries(CALLS).flatMap(([role, calls]) => calls.map(([name, ask]): [string, string, Ask] => [role, name, ask])))(
    "%s may: %s",
    (role, _name, ask) => expect(answer(role, ask)).toBe("allowed"),
  );

  test.each(FORBIDDEN)("nobody of those who must not can %s", (_name, roles, ask) => {
    expect(roles.filter((role) => answer(role, ask) !== "denied")).toEqual([]);
  });

  test("the tables know every role, and every operation that the workers' room of Aurora calls", () => {
    expect(Object.keys(CALLS).toSorted()).toEqual(EVERYBODY.toSorted());
    const room = "actions/src/aurora";
    const called = readdirSync(room)
      .filter((file) => !file.endsWith(".test.ts") && file !== LENT.room)
      .flatMap((file) => [...readFileSync(`${room}/${file}`, "utf8").matchAll(/new (\w+)Command\(|paginate(\w+)\(/g)])
      .map(([, command, pages]) => `rds:${command ?? pages}`);
    const allowed = new Set(Object.values(CALLS).flatMap((calls) => calls.map(([, { action }]) => action)));
    expect(called.length).toBeGreaterThan(10);
    expect(called.filter((action) => !allowed.has(action))).toEqual([]);
  });

  test("no destructive action is allowed on everything, and what deletes is always bound to our tag or our names", () => {
    for (const [role, { statements }] of Object.entries(policies.roles))
      for (const statement of statements.filter(({ Effect }) => Effect === "Allow")) {
        const actions = [statement.Action].flat();
        expect(
          actions.filter((action) => action.includes("*")),
          `${role}: actions are written out`,
        ).toEqual([]);
        if (actions.some((action) => /Delete|Create|Restore|Tags?To|TagsFrom/.test(action)))
          expect(statement.Resource, `${role}, ${statement.Sid}`).not.toContain("*");
      }
  });
});

describe("trust", () => {
  const ISSUER = "token.actions.githubusercontent.com";
  const trusting = (environment: string, change: Partial<typeof INSTALLATION> = {}) =>
    fillIn([policies.trust], { ...INSTALLATION, ...change }, environment);
  /** As GitHub makes them for a job on production in the environment snapshot. */
  const claims = {
    aud: "sts.amazonaws.com",
    sub: "repo:acme/holdfast:environment:snapshot",
    ref: "refs/heads/production",
    repository: "acme/holdfast",
    repository_id: "70001",
    repository_owner_id: "9001",
    environment: "snapshot",
    event_name: "workflow_dispatch",
    job_workflow_ref: "acme/holdfast/.github/workflows/snapshot.yml@refs/heads/production",
  };

  test("a job of its environment on production is trusted, in whichever form its subject comes", () => {
    expect(admits(trusting("snapshot"), ISSUER, claims)).toBe(true);
    const immutable = trusting("snapshot", { subject: "repo:acme@9001/holdfast@70001" });
    expect(admits(immutable, ISSUER, { ...claims, sub: "repo:acme@9001/holdfast@70001:environment:snapshot" })).toBe(true);
    expect(admits(immutable, ISSUER, claims), "a name that somebody else may take later").toBe(false);
  });

  test.each([
    ["main, in the same environment", { ref: "refs/heads/main" }],
    ["a branch of that name's beginning", { ref: "refs/heads/production-2" }],
    ["a tag named production", { ref: "refs/tags/production" }],
    ["a job without an environment", { sub: "repo:acme/holdfast:ref:refs/heads/production" }],
    ["a pull request", { sub: "repo:acme/holdfast:pull_request", ref: "refs/pull/7/merge", event_name: "pull_request" }],
    ["a fork", { sub: "repo:mallory/holdfast:environment:snapshot", repository: "mallory/holdfast", repository_id: "81234" }],
    ["another repository of the owner", { sub: "repo:acme/shop:environment:snapshot", repository: "acme/shop", repository_id: "70002" }],
    ["the name, taken by somebody else after a deletion", { repository_id: "99999" }],
    ["another environment", { sub: "repo:acme/holdfast:environment:restore", environment: "restore" }],
    ["an environment whose name goes on", { sub: "repo:acme/holdfast:environment:snapshot2" }],
    ["another audience", { aud: "https://github.com/acme" }],
    ["a subject in capitals", { sub: "REPO:ACME/HOLDFAST:ENVIRONMENT:SNAPSHOT" }],
  ])("%s is not", (_title, change) => {
    expect(admits(trusting("snapshot"), ISSUER, { ...claims, ...change })).toBe(false);
  });

  test.each(["aud", "sub", "ref", "repository_id"] as const)("a token without %s is not", (claim) => {
    const { [claim]: _, ...rest } = claims;
    expect(admits(trusting("snapshot"), ISSUER, rest)).toBe(false);
  });

  test("every environment whose jobs may identify themselves has a role", () => {
    const folder = ".github/workflows";
    const uses = readdirSync(folder).flatMap((file) => environmentUses(file, parse(readFileSync(`${folder}/${file}`, "utf8"))));
    const known = Object.values(policies.roles).map(({ environment }) => environment);
    const identified = uses.filter(({ identity }) => identity).map(({ environment }) => environment);
    expect(identified.length).toBeGreaterThan(5);
    expect(identified.filter((environment) => !known.includes(environment) && environment !== LENT.environment)).toEqual([]);
  });

  test("each role trusts an environment of its own", () => {
    const environments = Object.values(policies.roles).map(({ environment }) => environment);
    expect(new Set(environments).size).toBe(environments.length);
  });
});

describe("the evaluator", () => {
  const allow: Statement = { Sid: "A", Effect: "Allow", Action: "rds:*", Resource: ["*"] };
  test("a Deny outweighs every Allow, and a boundary is a second lock", () => {
    const ask = { action: "rds:DeleteDBCluster", resources: [live] };
    expect(evaluate(ask, [allow])).toBe("allowed");
    expect(evaluate(ask, [allow, { ...allow, Effect: "Deny", Action: ["rds:Delete*"] }])).toBe("denied");
    expect(evaluate(ask, [allow], [{ ...allow, Action: "rds:Describe*" }])).toBe("denied");
    expect(evaluate({ ...ask, resources: [live, restored] }, [{ ...allow, Resource: [live] }]), "each resource").toBe("denied");
    expect(evaluate({ ...ask, resources: [] }, [allow]), "nothing named").toBe("denied");
  });

  test("what it does not know it refuses to judge", () => {
    expect(() =>
      evaluate({ action: "rds:X", resources: ["*"] }, [{ ...allow, Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }]),
    ).toThrow("IpAddress");
  });
});

test("the CloudFormation template is what policies.json makes", () => {
  expect(readFileSync("docs/examples/cloud/cloudformation.json", "utf8")).toBe(template());
});

test("CloudFormation takes the template's names", () => {
  const { Resources, Outputs } = z
    .object({ Resources: z.record(z.string(), z.unknown()), Outputs: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(template()));
  const ids = [...Object.keys(Resources), ...Object.keys(Outputs)];
  expect(ids.length).toBeGreaterThan(20);
  expect(ids.filter((id) => !/^[A-Za-z0-9]{1,255}$/.test(id))).toEqual([]);
});
