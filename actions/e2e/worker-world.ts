import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DescribeDBClusterSnapshotsCommand, DescribeDBClustersCommand, RDSClient } from "@aws-sdk/client-rds";
import { openDemoApp } from "../../scripts/sandbox/demo-app/demo-app.ts";
import { type Fixture, openFixture } from "../../scripts/sandbox/github/sandbox-fixture.ts";
import { type Aws, startAws } from "../../scripts/sandbox/rds/aws.ts";
import { type Entry, verify } from "../src/domain/index.ts";
import { openBranch } from "../src/github/branch.ts";
import { connectGitHub } from "../src/github/client.ts";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));

export interface WorkerRun {
  readonly code: number | null;
  readonly printed: string;
}

/** A cluster, a repository and the built workers in a folder of their own, started by hand as a person would: with INPUT_* and no node_modules. */
export interface WorkerWorld {
  readonly aws: Aws;
  readonly hub: Fixture["hub"];
  run(worker: "snapshot" | "restore", inputs: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>>): Promise<WorkerRun>;
  entries(): Promise<readonly Entry[]>;
  statusFile(path: string): Promise<string | null>;
  snapshotIds(): Promise<readonly string[]>;
  clusterIds(): Promise<readonly string[]>;
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

export async function openWorkerWorld(options: { readonly manualSnapshots?: number; readonly config?: string } = {}): Promise<WorkerWorld> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-workers-"));
  const state = join(folder, "state");
  const checkout = join(folder, "checkout");
  cpSync(DIST, join(checkout, "dist"), { recursive: true });
  writeFileSync(join(checkout, "holdfast.yml"), options.config ?? CONFIG);
  const aws = await startAws({
    state,
    port: 0,
    roles: [],
    jwks: async () => ({ keys: [] }),
    pace: 100,
    quotas: { manualSnapshots: options.manualSnapshots ?? 100, clusters: 40 },
  });
  await openDemoApp({ state, master: { ...(await aws.endpoint("app-prod")), ...aws.master }, users: 50 });
  const fixture = await openFixture();
  await fixture.commit("main", { "README.md": "A repository to keep a ledger in\n" });
  const token = fixture.hub.createToken({ login: "alice", permissions: { contents: "write", actions: "read" } });
  const github = connectGitHub({ token, apiUrl: fixture.hub.url, repository: "acme/holdfast" });
  const rds = new RDSClient({ region: "eu-west-1", endpoint: aws.url, credentials: aws.developer });

  const readBranch = async (name: string) => {
    const branch = openBranch(github, name);
    const head = await branch.head();
    const files = head === null ? [] : await branch.files(head);
    return Promise.all(files.map(async ({ path, sha }) => ({ path, text: await branch.read(sha) })));
  };

  return {
    aws,
    hub: fixture.hub,
    rds,
    run: (worker, inputs, env = {}) =>
      runProcess(join(checkout, "dist", `${worker}.mjs`), checkout, {
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
      }),
    async entries() {
      const verdict = verify((await readBranch("ledger")).filter((file) => file.path.endsWith(".jsonl")));
      if (!verdict.ok) throw new Error(`the ledger is broken: ${JSON.stringify(verdict.broken)}`);
      return verdict.entries;
    },
    statusFile: async (path) => (await readBranch("status")).find((file) => file.path === path)?.text ?? null,
    async snapshotIds() {
      const answer = await rds.send(new DescribeDBClusterSnapshotsCommand({}));
      return (answer.DBClusterSnapshots ?? []).flatMap((each) => each.DBClusterSnapshotIdentifier ?? []);
    },
    async clusterIds() {
      const answer = await rds.send(new DescribeDBClustersCommand({}));
      return (answer.DBClusters ?? []).flatMap((each) => each.DBClusterIdentifier ?? []);
    },
    async close() {
      rds.destroy();
      await fixture.close();
      await aws.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function runProcess(file: string, cwd: string, env: NodeJS.ProcessEnv): Promise<WorkerRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
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
}
