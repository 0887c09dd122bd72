import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type DBCluster,
  type DBClusterSnapshot,
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { openDemoApp } from "../../scripts/sandbox/demo-app/demo-app.ts";
import { type Fixture, openFixture } from "../../scripts/sandbox/github/sandbox-fixture.ts";
import type { Intercept } from "../../scripts/sandbox/github/serve.ts";
import { type Aws, type AwsOptions, startAws } from "../../scripts/sandbox/rds/aws.ts";
import type { Recorder } from "../../scripts/sandbox/record.ts";
import { type Draft, type Entry, type Segment, verify } from "../src/domain/index.ts";
import { openBranch } from "../src/github/branch.ts";
import { connectGitHub } from "../src/github/client.ts";
import { openLedger } from "../src/ledger/ledger.ts";
import { publishView } from "../src/ledger/status.ts";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));

export type WorkerName =
  | "snapshot"
  | "restore"
  | "rewind"
  | "cleanup"
  | "retention"
  | "hold"
  | "cut-over"
  | "migrate"
  | "respond"
  | "detect"
  | "pull-alerts"
  | "canary";
/** Those that make something new at AWS. */
export type MakingWorker = Extract<WorkerName, "snapshot" | "restore">;

export interface WorkerProcess {
  readonly done: Promise<WorkerRun>;
  /** SIGKILL: what a machine that lost its power leaves behind. */
  kill(): void;
}

export interface WorkerRun {
  readonly code: number | null;
  readonly printed: string;
}

/** A cluster, a repository and the built workers in a folder of their own, started by hand as a person would: with INPUT_* and no node_modules. */
export interface WorkerWorld {
  readonly aws: Aws;
  readonly hub: Fixture["hub"];
  /** The folder that workers run in: bundles and holdfast.yml. */
  readonly checkout: string;
  start(worker: WorkerName, inputs: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>>): WorkerProcess;
  run(worker: WorkerName, inputs: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>>): Promise<WorkerRun>;
  entries(): Promise<readonly Entry[]>;
  /** Appends entries as a collector would. */
  record(drafts: readonly Draft[]): Promise<void>;
  /** The login's own token, for a worker that somebody else starts. */
  tokenOf(login: string): string;
  statusFile(path: string): Promise<string | null>;
  /** Writes a file of branch `status` as a collector would. */
  writeStatus(path: string, text: string): Promise<void>;
  snapshotIds(): Promise<readonly string[]>;
  clusterIds(): Promise<readonly string[]>;
  snapshots(): Promise<readonly DBClusterSnapshot[]>;
  clusters(): Promise<readonly DBCluster[]>;
  /** The segments of branch `ledger` as they are in git. */
  segments(): Promise<readonly Segment[]>;
  /** Deletes a restored cluster with its instances, as a person would, and waits until it is gone. */
  letGoOfCluster(id: string): Promise<void>;
  letGoOfSnapshot(id: string): Promise<void>;
  rds: RDSClient;
  close(): Promise<void>;
}

const CONFIG = `clusters:
  - id: app-prod
    region: eu-west-1
    database: app
    checks:
      - {name: users not empty, sql: select count(*) > 0 from users}
  - id: gone
    region: eu-west-1
    database: app
`;

export interface WorldOptions extends Partial<Pick<AwsOptions, "roles" | "jwks" | "now" | "credentialSeconds" | "interceptWork" | "port">> {
  readonly manualSnapshots?: number;
  readonly config?: string;
  /** What happens to requests on their way, by service. */
  readonly aws?: NonNullable<AwsOptions["intercept"]>;
  readonly github?: Intercept;
  readonly record?: Recorder;
}

export async function openWorkerWorld(options: WorldOptions = {}): Promise<WorkerWorld> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-workers-"));
  const state = join(folder, "state");
  const checkout = join(folder, "checkout");
  cpSync(DIST, join(checkout, "dist"), { recursive: true });
  writeFileSync(join(checkout, "holdfast.yml"), options.config ?? CONFIG);
  const aws = await startAws({
    state,
    port: 0,
    roles: options.roles ?? [],
    jwks: options.jwks ?? (async () => ({ keys: [] })),
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.credentialSeconds === undefined ? {} : { credentialSeconds: options.credentialSeconds }),
    ...(options.interceptWork === undefined ? {} : { interceptWork: options.interceptWork }),
    ...(options.aws === undefined ? {} : { intercept: options.aws }),
    ...(options.record === undefined ? {} : { record: options.record }),
    pace: 100,
    quotas: { manualSnapshots: options.manualSnapshots ?? 100, clusters: 40 },
  });
  await openDemoApp({ state, master: { ...(await aws.endpoint("app-prod")), ...aws.master }, users: 50 });
  const fixture = await openFixture({
    // The workers of a test share one person's token, and a test asks more in a minute than people do in an hour.
    limits: { personal: 1_000_000 },
    ...(options.github === undefined ? {} : { intercept: options.github }),
    ...(options.record === undefined ? {} : { record: options.record }),
  });
  await fixture.commit("main", { "README.md": "A repository to keep a ledger in\n" });
  const token = fixture.hub.createToken({ login: "alice", permissions: { contents: "write", actions: "read" } });
  const github = connectGitHub({ token, apiUrl: fixture.hub.url, repository: "acme/holdfast" });
  const rds = new RDSClient({ region: "eu-west-1", endpoint: aws.url, credentials: aws.developer });

  // A branch remembers the blobs it has read, so that looking at a long ledger again and again stays cheap.
  const branches = { ledger: openBranch(github, "ledger"), status: openBranch(github, "status") };
  const readBranch = async (name: keyof typeof branches) => {
    const branch = branches[name];
    const head = await branch.head();
    const files = head === null ? [] : await branch.files(head);
    return Promise.all(files.map(async ({ path, sha }) => ({ path, text: await branch.read(sha) })));
  };

  const segments = async () => (await readBranch("ledger")).filter((file) => file.path.endsWith(".jsonl"));
  const snapshots = async () => (await rds.send(new DescribeDBClusterSnapshotsCommand({}))).DBClusterSnapshots ?? [];
  const clusters = async () => (await rds.send(new DescribeDBClustersCommand({}))).DBClusters ?? [];

  const start: WorkerWorld["start"] = (worker, inputs, env = {}) =>
    startProcess(join(checkout, "dist", `${worker}.mjs`), checkout, {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      GITHUB_API_URL: fixture.hub.url,
      GITHUB_REPOSITORY: "acme/holdfast",
      GITHUB_TOKEN: token,
      AWS_ENDPOINT_URL_RDS: aws.url,
      AWS_ACCESS_KEY_ID: aws.developer.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.developer.secretAccessKey,
      PGSSLMODE: "disable",
      DATABASE_USER: aws.master.user,
      DATABASE_PASSWORD: aws.master.password,
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...env,
    });

  return {
    aws,
    hub: fixture.hub,
    rds,
    checkout,
    start,
    run: (...call) => start(...call).done,
    snapshots,
    clusters,
    segments,
    async entries() {
      const verdict = verify(await segments());
      if (!verdict.ok) throw new Error(`the ledger is broken: ${JSON.stringify(verdict.broken)}`);
      return verdict.entries;
    },
    writeStatus: (path, text) => publishView(branches.status, path, text),
    async record(drafts) {
      const quick = () => Promise.resolve();
      await openLedger({ branch: openBranch(github, "ledger"), status: branches.status, wait: quick, random: Math.random }).append(drafts);
    },
    tokenOf: (login) => fixture.hub.createToken({ login, permissions: { contents: "write", actions: "read" } }),
    statusFile: async (path) => (await readBranch("status")).find((file) => file.path === path)?.text ?? null,
    async snapshotIds() {
      return (await snapshots()).flatMap((each) => each.DBClusterSnapshotIdentifier ?? []);
    },
    async clusterIds() {
      return (await clusters()).flatMap((each) => each.DBClusterIdentifier ?? []);
    },
    async letGoOfCluster(id) {
      const instances = (await rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? [];
      for (const { DBInstanceIdentifier } of instances.filter((each) => each.DBClusterIdentifier === id))
        await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
      await rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: id, SkipFinalSnapshot: true }));
      while ((await clusters()).some((each) => each.DBClusterIdentifier === id)) await pause(50);
    },
    async letGoOfSnapshot(id) {
      await rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: id }));
    },
    async close() {
      rds.destroy();
      await fixture.close();
      await aws.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function startProcess(file: string, cwd: string, env: NodeJS.ProcessEnv): WorkerProcess {
  const child = spawn(process.execPath, [file], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const done = new Promise<WorkerRun>((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += chunk;
    });
    child.stderr.on("data", (chunk) => {
      printed += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, printed }));
  });
  return { done, kill: () => void child.kill("SIGKILL") };
}
