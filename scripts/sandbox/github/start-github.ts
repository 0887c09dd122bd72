import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Recorder } from "../record.ts";
import { artifactRoutes } from "./artifact-routes.ts";
import { type Artifact, openArtifacts } from "./artifacts.ts";
import { contentsRoutes } from "./contents-routes.ts";
import type { Engine, RunHost } from "./engine-seam.ts";
import { environmentRoutes } from "./environment-routes.ts";
import { type EnvironmentSetting, openEnvironments } from "./environments.ts";
import { documentedLimits, type Limits, openGate } from "./gate.ts";
import { type Git, openGit } from "./git.ts";
import { gitRoutes } from "./git-routes.ts";
import { graphqlRoute } from "./graphql-route.ts";
import { importTree } from "./import-tree.ts";
import { openRefs } from "./move-ref.ts";
import { openOidc, type SubjectForm } from "./oidc.ts";
import { actionsBot, defaultPeople, type Person, peopleOf } from "./people.ts";
import { plantCiRun } from "./plant-ci-run.ts";
import { openRateLimit } from "./rate-limit.ts";
import { reporterOf } from "./reporter.ts";
import { type Repository, viewOf } from "./repository.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import { reviewRoutes } from "./review-routes.ts";
import { openReviews } from "./reviews.ts";
import { routerOf } from "./route.ts";
import { runRoutes } from "./run-routes.ts";
import { branchOf } from "./run-shapes.ts";
import { openRunStore, type RunState } from "./run-store.ts";
import { type Intercept, listen, serve } from "./serve.ts";
import { openSettings, type Settings } from "./settings.ts";
import { settingsRoutes } from "./settings-routes.ts";
import { openSignedAddresses } from "./signed-address.ts";
import { openStartRuns } from "./start-runs.ts";
import { type Level, openTokens, type TokenRequest } from "./tokens.ts";
import { workflowRoutes } from "./workflow-routes.ts";
import { openWorkflows } from "./workflows.ts";

/**
 * A strict stand-in for api.github.com over a real bare git repository. What it does not know is a loud 500 that names it.
 * It knows nothing of the product and imports none of it.
 */

export interface GitHubOptions {
  /** The sandbox's state folder; this service keeps everything below `github/` in it. */
  readonly state: string;
  /** Executes workflow files. Without one the repository is served and dispatching is refused loudly. */
  readonly engine?: Engine;
  readonly port?: number;
  readonly owner?: string;
  readonly name?: string;
  readonly defaultBranch?: string;
  readonly private?: boolean;
  readonly people?: readonly Person[];
  /** Where `html_url`s point to; by default the API's own address, which answers them with a loud 500. */
  readonly serverUrl?: string;
  readonly repositoryVars?: Readonly<Record<string, string>>;
  readonly oidcSubject?: SubjectForm;
  /** Smaller hourly limits than GitHub's, to see what happens when they are spent. */
  readonly limits?: Partial<Limits>;
  readonly now?: () => Date;
  readonly record?: Recorder;
  readonly intercept?: Intercept;
}

export interface GitHubSandbox {
  readonly url: string;
  readonly graphqlUrl: string;
  readonly oidcIssuer: string;
  readonly gitDir: string;
  createToken(request: TokenRequest): string;
  /** Commits a folder's files to a branch and starts no runs; the same tree again gives the commit that stands. */
  importTree(dir: string, branch: string, message: string): Promise<string>;
  setEnvironment(setting: EnvironmentSetting): void;
  /** What an administrator would set for the repository as a whole. */
  changeSettings(part: Partial<Settings>): void;
  /** Plants a finished, successful run of `ci.yml` for a commit, titled as planted. */
  recordCiRun(sha: string): RunState;
  /** Plants what some other run left behind, perhaps one of a fork. */
  plantArtifact(artifact: { readonly name: string; readonly zip: Buffer; readonly branch: string; readonly fork?: boolean }): Artifact;
  /** Tells of a ref that moved by other means than this API: starts what a push would start. */
  refMoved(ref: string, before: string | null, after: string, actor: string): Promise<void>;
  /** Starts what `on.schedule` made due since the last tick; the first tick only sets the clock. */
  tick(at: Date): Promise<readonly RunState[]>;
  /** Newest first. */
  runs(): readonly RunState[];
  close(): Promise<void>;
}

async function ensureRepository(git: Git, defaultBranch: string): Promise<void> {
  mkdirSync(git.dir, { recursive: true });
  await git.run(["init", "--quiet", "--bare", `--initial-branch=${defaultBranch}`]);
  // Only this process writes here, so a lock found at the start belongs to one that was killed and would refuse every later move.
  const inside = readdirSync(git.dir, { recursive: true, encoding: "utf8" });
  for (const lock of inside.filter((path) => path.endsWith(".lock") && !path.startsWith("objects")))
    rmSync(join(git.dir, lock), { force: true });
}

export async function startGitHub(options: GitHubOptions): Promise<GitHubSandbox> {
  const { engine, now = () => new Date() } = options;
  const repository: Repository = {
    owner: options.owner ?? "acme",
    ownerId: 9001,
    name: options.name ?? "holdfast",
    id: 70001,
    defaultBranch: options.defaultBranch ?? "main",
    private: options.private ?? true,
    createdAt: "2026-01-01T00:00:00Z",
  };
  const { defaultBranch } = repository;
  const folder = join(resolve(options.state), "github");
  const git = openGit(join(folder, repository.owner, `${repository.name}.git`));
  await ensureRepository(git, defaultBranch);

  const { server, url } = await listen(options.port ?? 0);
  const urls = { api: url, server: options.serverUrl ?? url, graphql: `${url}/graphql` };
  const people = peopleOf(options.people ?? defaultPeople);
  const tokens = openTokens(join(folder, "tokens.json"), now);
  const limits = openRateLimit(now);
  const gate = openGate(tokens, people, repository, { ...documentedLimits, ...options.limits });
  const view = viewOf(repository, urls, people);
  const environments = openEnvironments(join(folder, "environments.json"), people, now);
  const settings = openSettings(join(folder, "settings.json"));
  const store = openRunStore(folder, now);
  const artifacts = openArtifacts(folder, now);
  const addresses = openSignedAddresses(now);
  const reviews = openReviews(store, environments, now);
  const workflows = openWorkflows(git, engine, folder, defaultBranch, now);
  const oidc = openOidc({
    keyFile: join(folder, "oidc-key.json"),
    issuer: `${url}/_oidc`,
    server: urls.server,
    repository,
    subject: options.oidcSubject ?? "classic",
    now,
    personId: (login) => people.find(login)?.id ?? 0,
  });

  const endJob = (jobId: number) => {
    tokens.revokeJob(jobId);
    oidc.close(jobId);
  };
  const host: RunHost = {
    repository: {
      owner: repository.owner,
      name: repository.name,
      id: repository.id,
      ownerId: repository.ownerId,
      gitDir: git.dir,
      defaultBranch,
    },
    urls,
    readFile: async (sha, path) => (await workflows.file(sha, path))?.text ?? null,
    repositoryVars: () => options.repositoryVars ?? {},
    enterEnvironment: reviews.enter,
    issueJobToken: (run, job, permissions) => ({
      token: tokens.createJob(actionsBot.login, readLevels(permissions), job.id),
      identity: permissions["id-token"] === "write" ? oidc.open(run, job) : null,
    }),
    storeArtifact: ({ id, attempt, ref, sha }, artifact) =>
      artifacts.add({ ...artifact, runId: id, attempt, headBranch: branchOf(ref), headSha: sha, headRepositoryId: repository.id }),
    revokeJobToken: (token) => void tokens.revoke(token),
    reporter: reporterOf(store, now, endJob),
  };
  const starts = openStartRuns({
    engine,
    host,
    git,
    store,
    workflows,
    defaultBranch,
    tickFile: join(folder, "tick.json"),
    scheduleActor: people.all[0]?.login ?? actionsBot.login,
    now,
  });
  const refs = openRefs({ git, defaultBranch, beforeMove: starts.planPush });

  const router = routerOf([
    ...repositoryRoutes({ view, git, gate, limits, tokens }),
    ...gitRoutes({ view, git, refs, now }),
    ...contentsRoutes(view, git),
    ...workflowRoutes({ view, git, workflows, starts, settings }),
    ...settingsRoutes({ view, settings, environments, immutableSubjects: options.oidcSubject === "immutable" }),
    ...environmentRoutes(view, environments),
    ...reviewRoutes({ view, store, environments, reviews }),
    ...runRoutes({ view, git, store, workflows, starts, engine, addresses }),
    ...artifactRoutes({ view, artifacts, addresses, now }),
    ...oidc.routes,
    graphqlRoute({ view, git, refs, now }),
  ]);
  serve(server, { router, gate, limits, now, record: options.record, intercept: options.intercept });
  const close = async () => {
    await engine?.close();
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
    await git.close();
  };
  try {
    await starts.recover();
  } catch (error) {
    await close();
    throw error;
  }

  return {
    url,
    graphqlUrl: urls.graphql,
    oidcIssuer: `${url}/_oidc`,
    gitDir: git.dir,
    createToken: (request) => tokens.createPersonal(request),
    importTree: (dir, branch, message) => importTree({ git, refs, now, author: people.all[0] }, dir, branch, message),
    setEnvironment: (setting) => void environments.set(setting),
    changeSettings: (part) => settings.change(part),
    recordCiRun: (sha) => plantCiRun(store, workflows, { sha, ref: `refs/heads/${defaultBranch}`, now }),
    plantArtifact: ({ name, zip, branch, fork = false }) =>
      artifacts.add({
        name,
        zip,
        runId: store.nextRunId(),
        attempt: 1,
        retentionDays: 90,
        headBranch: branch,
        headSha: "0".repeat(40),
        headRepositoryId: fork ? repository.id + 1 : repository.id,
      }),
    async refMoved(ref, before, after, actor) {
      const begin = await starts.planPush({ ref, before, after, actor, startsRuns: true });
      await begin();
    },
    tick(at) {
      reviews.expire();
      return starts.tick(at);
    },
    runs: () => store.list(),
    close,
  };
}

function readLevels(permissions: Readonly<Record<string, string>>): Record<string, Level> {
  const levels: Record<string, Level> = {};
  for (const [name, level] of Object.entries(permissions)) if (level === "read" || level === "write") levels[name] = level;
  return levels;
}
