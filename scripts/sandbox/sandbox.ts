/**
 * The local world, put together: Aurora over real PostgreSQL, GitHub over a real repository, an engine that runs the repository's own workflows,
 * inboxes for Slack and mail, and a demo application. Workers and page reach it through endpoints and cannot tell it from the real thing; it imports nothing of theirs.
 */
import { mkdir } from "node:fs/promises";
import { createEngine } from "./actions/engine.ts";
import { type DemoApp, openDemoApp } from "./demo-app/demo-app.ts";
import { type Control, serveControl } from "./demo-app/serve-control.ts";
import type { Faults } from "./faults/arm-faults.ts";
import type { AttemptState, RunState } from "./github/run-store.ts";
import { type GitHubSandbox, startGitHub } from "./github/start-github.ts";
import { type MailServer, serveMail } from "./mail/serve-mail.ts";
import type { PostgresEvent } from "./postgres/incarnation.ts";
import { type Aws, startAws } from "./rds/aws.ts";
import type { Recorder } from "./record.ts";
import { type Slack, serveSlack } from "./slack/serve-slack.ts";

export interface SandboxOptions {
  /** Everything the sandbox remembers lives below this folder. */
  readonly state: string;
  /** The folder whose files become branch `main`. */
  readonly checkout: string;
  /** 0 or absent for any free port. */
  readonly ports?: {
    readonly github?: number;
    readonly aws?: number;
    readonly app?: number;
    readonly slack?: number;
    readonly smtp?: number;
    readonly mailInbox?: number;
  };
  /** Makes the demo application's first rows the same again. */
  readonly seed?: number;
  /** Milliseconds that a passing status at AWS stays visible at least. */
  readonly pace?: number;
  /** People of whom one must approve a restore, a rewind, a cut-over or an override, before it begins; without any, they start unattended. A migration never does. */
  readonly reviewers?: {
    readonly migration?: readonly string[];
    readonly restore?: readonly string[];
    readonly rewind?: readonly string[];
    readonly cutOver?: readonly string[];
    readonly override?: readonly string[];
    readonly preventSelfReview?: boolean;
  };
  /** What happens to requests on their way; the caller arms and disarms. */
  readonly faults?: Faults;
  readonly record?: Recorder;
  readonly onPostgres?: (event: PostgresEvent) => void;
  readonly say?: (line: string) => void;
}

export interface Sandbox {
  readonly github: GitHubSandbox;
  readonly aws: Aws;
  readonly app: DemoApp;
  /** The demo application's back office. */
  readonly control: Control;
  /** Where notices to Slack and by mail arrive. */
  readonly slack: Slack;
  readonly mail: MailServer;
  /** The commit on `main`. */
  readonly main: string;
  /** Runs promote.yml unless the commit on `main` is already promoted; throws with the run's log when it fails. */
  promote(): Promise<void>;
  close(): Promise<void>;
}

const REPOSITORY = { owner: "acme", name: "holdfast" };
const CLUSTER = "app-prod";
/** The jobs that have a role at AWS, each of its own. */
const AWS_JOBS = [
  "snapshot",
  "restore",
  "drill",
  "rewind",
  "migration-plan",
  "rehearsal",
  "migration-approval",
  "cleanup",
  "retention",
  "hold",
  "cut-over",
  "detect",
] as const;

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const opened: Closable[] = [];
  try {
    return await open(options, opened);
  } catch (error) {
    // What did start must not outlive a start that failed.
    await closeAll(opened);
    throw error;
  }
}

interface Closable {
  close(): Promise<void>;
}

async function closeAll(opened: Closable[]): Promise<void> {
  for (let last = opened.pop(); last !== undefined; last = opened.pop()) await last.close();
}

async function open(options: SandboxOptions, opened: Closable[]): Promise<Sandbox> {
  const { state, say = () => {} } = options;
  await mkdir(state, { recursive: true });

  let github: GitHubSandbox | undefined;
  const aws = await startAws({
    state,
    port: options.ports?.aws ?? 0,
    cluster: CLUSTER,
    roles: AWS_JOBS.map(roleFor),
    jwks: async () => {
      if (github === undefined) throw new Error("no token can be checked before the sandbox's GitHub is up");
      const answer = await fetch(`${github.oidcIssuer}/.well-known/jwks`);
      return JSON.parse(await answer.text());
    },
    ...(options.faults === undefined ? {} : awsHooks(options.faults)),
    ...(options.pace === undefined ? {} : { pace: options.pace }),
    ...(options.record === undefined ? {} : { record: options.record }),
    ...(options.onPostgres === undefined ? {} : { onPostgres: options.onPostgres }),
  });
  opened.push(aws);
  say(`Aurora stand-in with cluster ${CLUSTER} is up`);

  const app = await openDemoApp({
    state,
    master: { ...(await aws.endpoint(CLUSTER)), ...aws.master },
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  const control = await serveControl(app, options.ports?.app ?? 0);
  opened.push(control);
  say("Demo application and its 10,000 users are there");

  const slack = await serveSlack({ port: options.ports?.slack ?? 0, record: options.record });
  opened.push(slack);
  const mail = await serveMail({ port: options.ports?.smtp ?? 0, httpPort: options.ports?.mailInbox ?? 0 });
  opened.push(mail);

  const engine = createEngine({
    stateDir: state,
    runnerEnv: { AWS_ENDPOINT_URL_RDS: aws.url, AWS_ENDPOINT_URL_STS: aws.url, AWS_REGION: aws.region, PGSSLMODE: "disable" },
  });
  github = await startGitHub({
    state,
    engine,
    ...REPOSITORY,
    port: options.ports?.github ?? 0,
    ...(options.faults === undefined ? {} : { intercept: options.faults.github }),
    ...(options.record === undefined ? {} : { record: options.record }),
  });
  const hub = github;
  opened.push(hub);
  hub.setEnvironment({ name: "snapshot", branchPolicy: ["production"], vars: { AWS_ROLE_ARN: aws.roleArn("holdfast-snapshot") } });
  hub.setEnvironment({
    name: "restore",
    branchPolicy: ["production"],
    vars: { AWS_ROLE_ARN: aws.roleArn("holdfast-restore"), DATABASE_USER: aws.master.user },
    secrets: { DATABASE_PASSWORD: aws.master.password },
    reviewers: options.reviewers?.restore ?? [],
    preventSelfReview: options.reviewers?.preventSelfReview ?? false,
  });
  hub.setEnvironment({
    name: "drill",
    branchPolicy: ["production"],
    vars: { AWS_ROLE_ARN: aws.roleArn("holdfast-drill"), DATABASE_USER: aws.master.user },
    secrets: { DATABASE_PASSWORD: aws.master.password },
  });
  hub.setEnvironment({
    name: "rewind",
    branchPolicy: ["production"],
    vars: { AWS_ROLE_ARN: aws.roleArn("holdfast-rewind"), DATABASE_USER: aws.master.user },
    secrets: { DATABASE_PASSWORD: aws.master.password },
    reviewers: options.reviewers?.rewind ?? [],
    preventSelfReview: options.reviewers?.preventSelfReview ?? false,
  });
  const database = { vars: { DATABASE_USER: aws.master.user }, secrets: { DATABASE_PASSWORD: aws.master.password } };
  hub.setEnvironment({
    name: "migration-plan",
    branchPolicy: ["production"],
    vars: { ...database.vars, AWS_ROLE_ARN: aws.roleArn("holdfast-migration-plan") },
    secrets: database.secrets,
  });
  hub.setEnvironment({
    name: "rehearsal",
    branchPolicy: ["production"],
    vars: { ...database.vars, AWS_ROLE_ARN: aws.roleArn("holdfast-rehearsal") },
    secrets: database.secrets,
  });
  hub.setEnvironment({
    name: "migration-approval",
    branchPolicy: ["production"],
    vars: { ...database.vars, AWS_ROLE_ARN: aws.roleArn("holdfast-migration-approval") },
    secrets: database.secrets,
    reviewers: options.reviewers?.migration ?? ["bob"],
    preventSelfReview: true,
  });
  for (const name of ["respond", "pull-alerts", "canary"]) hub.setEnvironment({ name, branchPolicy: ["production"] });
  hub.setEnvironment({
    name: "override",
    branchPolicy: ["production"],
    reviewers: options.reviewers?.override ?? [],
    preventSelfReview: options.reviewers?.preventSelfReview ?? false,
  });
  hub.setEnvironment({ name: "promote", branchPolicy: ["main"] });
  hub.setEnvironment({
    name: "cut-over",
    branchPolicy: ["production"],
    vars: { CUT_OVER_ROLE_ARN: aws.roleArn("holdfast-cut-over") },
    reviewers: options.reviewers?.cutOver ?? [],
    preventSelfReview: options.reviewers?.preventSelfReview ?? false,
  });
  for (const name of ["cleanup", "retention", "hold"])
    hub.setEnvironment({ name, branchPolicy: ["production"], vars: { AWS_ROLE_ARN: aws.roleArn(`holdfast-${name}`) } });
  hub.setEnvironment({
    name: "detect",
    branchPolicy: ["production"],
    vars: { AWS_ROLE_ARN: aws.roleArn("holdfast-detect") },
    secrets: { SLACK_WEBHOOK_URL: slack.webhook, SMTP_URL: mail.smtp },
  });
  const main = await hub.importTree(options.checkout, "main", "Import of the working tree");
  say(`GitHub stand-in holds ${REPOSITORY.owner}/${REPOSITORY.name}, main at ${main.slice(0, 12)}`);

  return {
    github: hub,
    aws,
    app,
    control,
    slack,
    mail,
    main,
    promote: () => promote(hub, main),
    close: () => closeAll(opened),
  };
}

function roleFor(job: (typeof AWS_JOBS)[number]) {
  const { owner, name } = REPOSITORY;
  return {
    name: `holdfast-${job}`,
    trust: { sub: [`repo:${owner}/${name}:environment:${job}`], ref: ["refs/heads/production"], repositoryId: ["70001"] },
  };
}

function awsHooks(faults: Faults) {
  const { aws: intercept, work: interceptWork, credentialSeconds } = faults;
  return { intercept, interceptWork, credentialSeconds, now: () => new Date(Date.now() + faults.skewMs()) };
}

async function promote(github: GitHubSandbox, main: string): Promise<void> {
  const done = github.runs().find((run) => run.path.endsWith("/promote.yml") && run.sha === main && lastOf(run).conclusion === "success");
  if (done) return;
  // Nobody waits for the whole test suite before a first look, so the sandbox plants the proof of CI that promotion asks for, and says so in its title.
  github.recordCiRun(main);
  const token = github.createToken({ login: "alice", permissions: { actions: "write", contents: "read" } });
  const url = `${github.url}/repos/${REPOSITORY.owner}/${REPOSITORY.name}/actions`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ ref: "main", inputs: { reason: "First promotion of this sandbox" }, return_run_details: true });
  const answer = await fetch(`${url}/workflows/promote.yml/dispatches`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`promote.yml could not be dispatched: ${answer.status} ${await answer.text()}`);
  const { workflow_run_id: id }: { workflow_run_id: number } = JSON.parse(await answer.text());
  const run = await finished(github, id);
  if (run.conclusion !== "success") throw new Error(`promote.yml ended as ${run.conclusion}; its log:\n${await logOf(url, headers, id)}`);
}

function lastOf(run: RunState): AttemptState {
  const last = run.attempts.at(-1);
  if (last === undefined) throw new Error(`run ${run.id} has no attempt`);
  return last;
}

async function finished(github: GitHubSandbox, id: number) {
  for (;;) {
    const run = github.runs().find((each) => each.id === id);
    if (run !== undefined && lastOf(run).status === "completed") return lastOf(run);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function logOf(url: string, headers: Readonly<Record<string, string>>, run: number): Promise<string> {
  const answer = await fetch(`${url}/runs/${run}/jobs`, { headers });
  const { jobs }: { jobs: readonly { id: number }[] } = JSON.parse(await answer.text());
  const logs = await Promise.all(jobs.map(async ({ id }) => (await fetch(`${url}/jobs/${id}/logs`, { headers })).text()));
  return logs.join("\n");
}
