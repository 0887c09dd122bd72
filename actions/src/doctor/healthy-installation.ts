import { type Guard, parseConfig, SCHEDULED_WORKS } from "../domain/index.ts";
import type { BranchFacts, EnvironmentFacts, EnvironmentUse, Facts } from "./facts.ts";

/** An installation that nothing is wrong with, for tests that plant one fault in it. */

export const NOW = new Date("2026-11-25T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

const WITH_ROLE = ["snapshot", "restore", "drill", "cleanup", "detect"];
const TELLING = ["detect", "drill"];
const WITH_DATABASE = ["restore", "drill"];
export const ENVIRONMENTS = [...SCHEDULED_WORKS, "restore", "cleanup", "respond", "override"];

export const roleArn = (name: string) => `arn:aws:iam::123456789012:role/holdfast-${name}`;

const branch = (facts: Partial<BranchFacts>): BranchFacts => ({ exists: true, rules: [], approvals: null, statusChecks: [], ...facts });
const keeps = ["deletion", "non_fast_forward"];

function environment(name: string): EnvironmentFacts {
  const gated = name === "restore" || name === "override";
  return {
    name,
    branches: ["production"],
    reviewers: gated ? ["bob"] : [],
    preventSelfReview: gated,
    waitMinutes: 0,
    adminsBypass: false,
    variables: {
      ...(WITH_ROLE.includes(name) ? { AWS_ROLE_ARN: roleArn(name) } : {}),
      ...(WITH_DATABASE.includes(name) ? { DATABASE_USER: "holdfast" } : {}),
    },
    secrets: [...(WITH_DATABASE.includes(name) ? ["DATABASE_PASSWORD"] : []), ...(TELLING.includes(name) ? ["SLACK_WEBHOOK_URL"] : [])],
  };
}

function use(name: string): EnvironmentUse {
  const secrets = TELLING.includes(name) ? ["SLACK_WEBHOOK_URL", "SMTP_URL", "PRIVACY_KEY"] : name === "pull-alerts" ? ["PULL_TOKEN"] : [];
  return {
    environment: name,
    workflow: name === "override" ? "respond.yml" : `${name}.yml`,
    variables: [...(WITH_ROLE.includes(name) ? ["AWS_ROLE_ARN"] : []), ...(WITH_DATABASE.includes(name) ? ["DATABASE_USER"] : [])],
    secrets: [...(WITH_DATABASE.includes(name) ? ["DATABASE_PASSWORD"] : []), ...secrets],
    identity: WITH_ROLE.includes(name),
  };
}

export function trustOf(name: string): unknown {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": `repo:acme/holdfast:environment:${name}`,
            "token.actions.githubusercontent.com:ref": "refs/heads/production",
            "token.actions.githubusercontent.com:repository_id": "70001",
          },
        },
      },
    ],
  };
}

export const GUARD: Guard = {
  schema: "public",
  table: "users",
  limits: { rows: 500, windowRows: 500, windowSeconds: 60, percent: null, leastRows: 10, observe: false },
  versionColumn: null,
  broken: [],
};

export const HEALTHY_CONFIG = {
  clusters: [{ id: "app-prod", region: "eu-west-1", database: "app", migrations: { directory: "db/migrations" } }],
  apps: [{ name: "web", cluster: "app-prod", containers: ["web"] }],
  schedule: { detect: "hourly" },
  notify: [{ slack: { secret: "SLACK_WEBHOOK_URL" } }],
};

export const HEALTHY: Facts = {
  now: NOW,
  repository: {
    name: "acme/holdfast",
    id: 70001,
    ownerId: 9001,
    url: "https://github.com/acme/holdfast",
    private: true,
    archived: false,
    defaultBranch: "main",
    plan: "enterprise",
  },
  token: { classicScopes: null, expiresAt: new Date("2027-01-31T00:00:00Z"), ofJob: false },
  config: parseConfig(HEALTHY_CONFIG),
  branches: {
    main: branch({ rules: [...keeps, "pull_request", "required_status_checks"], approvals: 1, statusChecks: ["check", "test"] }),
    production: branch({ rules: [...keeps, "update"] }),
    ledger: branch({ rules: keeps }),
    status: branch({}),
  },
  rulesets: [
    { name: "holdfast main", enforcement: "active", includes: ["~DEFAULT_BRANCH"], bypass: [] },
    { name: "holdfast production", enforcement: "active", includes: ["refs/heads/production"], bypass: ["Integration"] },
    { name: "holdfast ledger", enforcement: "active", includes: ["refs/heads/ledger"], bypass: [] },
  ],
  actions: { enabled: true, allowed: "all", defaultWrite: false, mayApprove: false },
  workflows: [...SCHEDULED_WORKS, "restore", "cleanup", "respond", "schedule", "promote", "ci"].map((name) => ({
    file: `${name}.yml`,
    state: "active",
    newest: { at: minutesAgo(30), conclusion: "success", url: `https://github.com/acme/holdfast/actions/runs/1` },
  })),
  uses: ENVIRONMENTS.map(use),
  environments: ENVIRONMENTS.map(environment),
  repositorySecrets: [],
  promotion: { main: "a".repeat(40), promoted: "a".repeat(40), built: true },
  pages: { status: "built", domain: "holdfast.example.org", https: true, buildType: "workflow", branch: null },
  subject: { usesDefault: true, claimKeys: [], immutable: false },
  roles: WITH_ROLE.map((name) => ({ arn: roleArn(name), trust: trustOf(name) })),
  ledger: {
    head: { seq: 12, hash: "b".repeat(64) },
    broken: null,
    published: { seq: 12, hash: "b".repeat(64) },
    remembered: null,
    protections: { "app-prod": { at: minutesAgo(700), guards: [GUARD], schemaChangers: ["migrator"] } },
  },
  collectors: [
    {
      v: 1,
      collector: "web-1",
      startedAt: minutesAgo(600).toISOString(),
      at: minutesAgo(1).toISOString(),
      sources: [],
      notices: { waiting: 0, failed: 0 },
      spooled: 0,
    },
  ],
  regions: [
    {
      region: "eu-west-1",
      clusters: [
        {
          id: "app-prod",
          status: "available",
          engine: "aurora-postgresql",
          instances: 2,
          public: false,
          deletionProtection: true,
          encrypted: true,
          backupDays: 14,
          latestRestorable: minutesAgo(4),
          newestSnapshot: minutesAgo(500),
        },
      ],
      quota: { used: 14, max: 100 },
    },
  ],
  orphans: 0,
};
