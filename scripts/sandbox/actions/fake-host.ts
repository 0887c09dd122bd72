/** A store in memory over a real bare repository, for the engine's own tests: keeps what is reported and can be waited on. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PATIENCE } from "../../testing/patience.ts";
import type { Conclusion, JobToken, RunHost, RunRecord, RunStatus, StepRecord } from "../github/engine-seam.ts";
import { createEngine, type EngineOptions } from "./engine.ts";

interface SeenJob {
  readonly runId: number;
  readonly attempt: number;
  readonly key: string;
  readonly name: string;
  status: RunStatus;
  conclusion: Conclusion | null;
  steps: readonly StepRecord[];
  readonly log: string[];
  summary: string;
  readonly annotations: { readonly level: string; readonly message: string }[];
  /** Every status it went through, in order. */
  readonly history: RunStatus[];
}

export interface FakeHostOptions {
  readonly files: Readonly<Record<string, string>>;
  readonly engine?: Partial<EngineOptions>;
  readonly identityUrl?: string;
  readonly environments?: Readonly<Record<string, ReturnType<RunHost["enterEnvironment"]>>>;
}

export interface FakeHost {
  readonly host: RunHost;
  readonly engine: ReturnType<typeof createEngine>;
  readonly folder: string;
  readonly sha: string;
  readonly jobs: Map<number, SeenJob>;
  readonly runs: Map<number, { status: RunStatus; conclusion: Conclusion | null }>;
  readonly tokens: {
    readonly token: string;
    readonly permissions: Readonly<Record<string, string>>;
    revoked: boolean;
    readonly environment: string | null;
  }[];
  /** The zip of each upload, by name. */
  readonly artifacts: Map<string, Buffer>;
  commit(files: Readonly<Record<string, string>>, message: string): string;
  record(changes?: Partial<RunRecord>): RunRecord;
  start(changes?: Partial<RunRecord>): Promise<RunRecord>;
  /** Starts a run and resolves with its conclusion. */
  finish(changes?: Partial<RunRecord>): Promise<Conclusion | null>;
  job(key: string, runId?: number): SeenJob;
  until(what: string, condition: () => boolean): Promise<void>;
  /** A second engine over the same state, as after the first was killed. */
  revive(): ReturnType<typeof createEngine>;
  close(): Promise<void>;
}

export function createFakeHost({ files, engine: engineOptions = {}, identityUrl = "", environments = {} }: FakeHostOptions): FakeHost {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-engine-"));
  const gitDir = join(folder, "acme", "holdfast.git");
  const tree = join(folder, "tree");
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=production", ...args], {
      cwd: tree,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  mkdirSync(tree, { recursive: true });
  git("init", "-q");
  const commit = (changed: Readonly<Record<string, string>>, message: string): string => {
    for (const [path, text] of Object.entries(changed)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    git("add", "-A");
    git("commit", "-q", "-m", message);
    const head = git("rev-parse", "HEAD");
    git("push", "-q", gitDir, "HEAD:refs/heads/production");
    return head;
  };
  mkdirSync(gitDir, { recursive: true });
  git("init", "-q", "--bare", gitDir);
  const sha = commit(files, "first");

  const jobs = new Map<number, SeenJob>();
  const runs = new Map<number, { status: RunStatus; conclusion: Conclusion | null }>();
  const tokens: FakeHost["tokens"] = [];
  const artifacts: FakeHost["artifacts"] = new Map();
  const seen = (id: number): SeenJob => {
    const job = jobs.get(id);
    if (job === undefined) throw new Error(`no job ${id} was queued`);
    return job;
  };

  const host: RunHost = {
    repository: { owner: "acme", name: "holdfast", id: 7, ownerId: 3, gitDir, defaultBranch: "main" },
    urls: { api: "http://api.invalid", server: "http://server.invalid", graphql: "http://api.invalid/graphql" },
    async readFile(at, path) {
      try {
        return execFileSync("git", ["--git-dir", gitDir, "show", `${at}:${path}`], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        });
      } catch {
        return null;
      }
    },
    repositoryVars: () => ({ PLACE: "repository", ONLY_REPOSITORY: "yes" }),
    enterEnvironment: (_run, _jobId, name) => environments[name] ?? { vars: {}, secrets: {} },
    issueJobToken(_run, job, permissions): JobToken {
      const token = `ghs_${crypto.randomUUID()}`;
      tokens.push({ token, permissions, revoked: false, environment: job.environment });
      return {
        token,
        identity:
          permissions["id-token"] === "write"
            ? { requestUrl: `${identityUrl}/token?v=1`, requestToken: `idt_${crypto.randomUUID()}` }
            : null,
      };
    },
    storeArtifact(_run, artifact) {
      artifacts.set(artifact.name, artifact.zip);
      return { id: artifacts.size, digest: "sha256:0" };
    },
    revokeJobToken(token) {
      for (const issued of tokens) if (issued.token === token) issued.revoked = true;
    },
    reporter: {
      async runStatus(runId, status, conclusion) {
        runs.set(runId, { status, conclusion });
      },
      async jobQueued(runId, attempt, { key, name }) {
        const id = 1000 + jobs.size;
        jobs.set(id, {
          runId,
          attempt,
          key,
          name,
          status: "queued",
          conclusion: null,
          steps: [],
          log: [],
          summary: "",
          annotations: [],
          history: ["queued"],
        });
        return id;
      },
      async jobStatus(jobId, status, conclusion) {
        Object.assign(seen(jobId), { status, conclusion });
        seen(jobId).history.push(status);
      },
      async steps(jobId, steps) {
        seen(jobId).steps = steps;
      },
      log(jobId, lines) {
        seen(jobId).log.push(...lines);
      },
      async summary(jobId, markdown) {
        seen(jobId).summary = markdown;
      },
      annotation(jobId, level, message) {
        seen(jobId).annotations.push({ level, message });
      },
    },
  };

  const options: EngineOptions = { stateDir: join(folder, "state"), grace: { interrupt: 200, terminate: 200 }, ...engineOptions };
  const engines = [createEngine(options)];
  const [engine] = engines;
  if (engine === undefined) throw new Error("unreachable");
  let nextRun = 1;

  const until = async (what: string, condition: () => boolean): Promise<void> => {
    const deadline = Date.now() + PATIENCE.timeout;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`waited in vain until ${what}; jobs: ${JSON.stringify([...jobs.values()], null, 1)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const record = (changes: Partial<RunRecord> = {}): RunRecord => {
    const id = nextRun;
    nextRun += 1;
    return {
      id,
      attempt: 1,
      path: ".github/workflows/w.yml",
      workflowName: "w",
      title: "w",
      event: "workflow_dispatch",
      ref: "refs/heads/production",
      sha,
      actor: "alice",
      triggeringActor: "alice",
      inputs: {},
      createdAt: new Date().toISOString(),
      ...changes,
    };
  };
  const start = async (changes: Partial<RunRecord> = {}): Promise<RunRecord> => {
    const run = record(changes);
    runs.set(run.id, { status: "queued", conclusion: null });
    await engine.start(host, run);
    return run;
  };

  return {
    host,
    engine,
    folder,
    sha,
    jobs,
    runs,
    tokens,
    artifacts,
    commit,
    record,
    start,
    async finish(changes = {}) {
      const { id } = await start(changes);
      await until(`run ${id} is completed`, () => runs.get(id)?.status === "completed");
      return runs.get(id)?.conclusion ?? null;
    },
    job(key, runId) {
      const found = [...jobs.values()].find((job) => job.key === key && (runId === undefined || job.runId === runId));
      if (found === undefined) throw new Error(`no job ${key} among ${[...jobs.values()].map((job) => job.key).join(", ")}`);
      return found;
    },
    until,
    revive() {
      const revived = createEngine(options);
      engines.push(revived);
      return revived;
    },
    async close() {
      for (const each of engines) await each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A workflow that can be dispatched, from the lines of its jobs. */
export function workflow(jobs: string, head = ""): Record<string, string> {
  return { ".github/workflows/w.yml": `on: workflow_dispatch\n${head}\njobs:\n${jobs}` };
}
