import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DescribeDBClusterSnapshotsCommand, DescribeDBClustersCommand, RDSClient } from "@aws-sdk/client-rds";
import { vi } from "vitest";
import { type Access, readAccess } from "../../scripts/sandbox/access.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../scripts/sandbox/sandbox.ts";
import { RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { copyPromotedState } from "../../scripts/testing/promoted-state.ts";
import { type Entry, verify } from "../src/domain/index.ts";
import { openBranch } from "../src/github/branch.ts";
import { connectGitHub } from "../src/github/client.ts";
import { commitAs } from "./commit-as.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
  readonly id: number;
  readonly title: string;
  readonly conclusion: string | null;
  readonly startedAt: string;
  readonly completedAt: string;
}

/** The whole sandbox, with the workflow engine, used the way people use GitHub: by dispatching workflows. */
export interface SandboxWorld {
  readonly sandbox: Sandbox;
  readonly tokens: Access["tokens"];
  readonly rds: RDSClient;
  /** Returns the run's id. */
  dispatch(token: string, workflow: string, inputs: Readonly<Record<string, string>>, ref?: string): Promise<number>;
  /** Waits until each of these runs is over. */
  ended(ids: readonly number[]): Promise<readonly Ended[]>;
  /** Commits to `production` as somebody would whose pull request was promoted. */
  commitAs(login: string, files: Readonly<Record<string, string>>): Promise<void>;
  entriesOf(requestId: string): Promise<readonly Entry[]>;
  entries(): Promise<readonly Entry[]>;
  snapshots(): Promise<readonly { readonly id: string; readonly requestId: string | undefined; readonly trigger: string | undefined }[]>;
  clusterIds(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface SandboxWorldOptions extends Pick<SandboxOptions, "reviewers" | "record" | "faults"> {
  /** False for a repository of which nothing was promoted yet. */
  readonly promoted?: boolean;
}

export async function openSandboxWorld({ promoted = true, ...options }: SandboxWorldOptions = {}): Promise<SandboxWorld> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-world-"));
  const state = join(folder, "state");
  if (promoted) await copyPromotedState(state);
  const sandbox = await startSandbox({ state, checkout: ROOT, ...options });
  const { tokens } = await readAccess(state, sandbox.github);
  const reader = sandbox.github.createToken({ login: "alice", permissions: { contents: "read" } });
  const github = connectGitHub({ token: reader, apiUrl: sandbox.github.url, repository: "acme/holdfast" });
  const rds = new RDSClient({ region: sandbox.aws.region, endpoint: sandbox.aws.url, credentials: sandbox.aws.developer });

  const entries = async (): Promise<readonly Entry[]> => {
    const branch = openBranch(github, "ledger");
    const head = await branch.head();
    const files = head === null ? [] : await branch.files(head);
    const verdict = verify(await Promise.all(files.map(async ({ path, sha }) => ({ path, text: await branch.read(sha) }))));
    if (!verdict.ok) throw new Error(`the ledger is broken: ${JSON.stringify(verdict.broken)}`);
    return verdict.entries;
  };

  const endOf = (id: number): Ended => {
    const run = sandbox.github.runs().find((each) => each.id === id);
    const last = run?.attempts.at(-1);
    if (run === undefined || last?.status !== "completed") throw new Error(`run ${id} (${run?.title}) is ${last?.status ?? "unknown"}`);
    const [job] = last.jobs;
    return {
      id,
      title: run.title,
      conclusion: last.conclusion,
      startedAt: job?.startedAt ?? "",
      completedAt: job?.completedAt ?? "",
    };
  };

  return {
    sandbox,
    tokens,
    rds,
    entries,
    async dispatch(token, workflow, inputs, ref = "production") {
      const answer = await fetch(`${sandbox.github.url}/repos/acme/holdfast/actions/workflows/${workflow}/dispatches`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ ref, inputs, return_run_details: true }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${workflow} could not be dispatched: ${answer.status} ${text}`);
      const details: { workflow_run_id: number } = JSON.parse(text);
      return details.workflow_run_id;
    },
    commitAs: (login, files) => commitAs(sandbox, login, files),
    ended: (ids) => vi.waitFor(() => ids.map(endOf), RUN_PATIENCE),
    entriesOf: async (requestId) => (await entries()).filter((entry) => entry.data.requestId === requestId),
    async snapshots() {
      const { DBClusterSnapshots: found = [] } = await rds.send(new DescribeDBClusterSnapshotsCommand({}));
      return found.map((each) => {
        const tag = (key: string) => each.TagList?.find((one) => one.Key === key)?.Value;
        return { id: each.DBClusterSnapshotIdentifier ?? "", requestId: tag("holdfast:request-id"), trigger: tag("holdfast:trigger") };
      });
    },
    async clusterIds() {
      const { DBClusters: found = [] } = await rds.send(new DescribeDBClustersCommand({}));
      return found.flatMap((each) => each.DBClusterIdentifier ?? []);
    },
    async close() {
      rds.destroy();
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
