import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Recorder } from "../record.ts";
import { contentsRoutes } from "./contents-routes.ts";
import { openGate } from "./gate.ts";
import { type Git, openGit } from "./git.ts";
import { gitRoutes } from "./git-routes.ts";
import { graphqlRoute } from "./graphql-route.ts";
import { importTree } from "./import-tree.ts";
import { openRefs } from "./move-ref.ts";
import { defaultPeople, type Person, peopleOf } from "./people.ts";
import { openRateLimit } from "./rate-limit.ts";
import { type Repository, viewOf } from "./repository.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import { routerOf } from "./route.ts";
import { type Intercept, listen, serve } from "./serve.ts";
import { openTokens, type TokenRequest } from "./tokens.ts";

/**
 * A strict stand-in for api.github.com over a real bare git repository. What it does not know is a loud 500 that names it.
 * It knows nothing of the product and imports none of it.
 */

export interface GitHubOptions {
  /** The sandbox's state folder; this service keeps everything below `github/` in it. */
  readonly state: string;
  readonly port?: number;
  readonly owner?: string;
  readonly name?: string;
  readonly defaultBranch?: string;
  readonly private?: boolean;
  readonly people?: readonly Person[];
  readonly serverUrl?: string;
  readonly now?: () => Date;
  readonly record?: Recorder;
  readonly intercept?: Intercept;
}

export interface GitHubSandbox {
  readonly url: string;
  readonly gitDir: string;
  createToken(request: TokenRequest): string;
  importTree(dir: string, branch: string, message: string): Promise<string>;
  close(): Promise<void>;
}

async function ensureRepository(git: Git, defaultBranch: string): Promise<void> {
  mkdirSync(git.dir, { recursive: true });
  await git.run(["init", "--quiet", "--bare", `--initial-branch=${defaultBranch}`]);
}

export async function startGitHub(options: GitHubOptions): Promise<GitHubSandbox> {
  const now = options.now ?? (() => new Date());
  const repository: Repository = {
    owner: options.owner ?? "acme",
    ownerId: 9001,
    name: options.name ?? "holdfast",
    id: 70001,
    defaultBranch: options.defaultBranch ?? "main",
    private: options.private ?? true,
    createdAt: "2026-01-01T00:00:00Z",
  };
  const folder = join(options.state, "github");
  const git = openGit(join(folder, repository.owner, `${repository.name}.git`));
  await ensureRepository(git, repository.defaultBranch);

  const { server, url } = await listen(options.port ?? 0);
  const people = peopleOf(options.people ?? defaultPeople);
  const tokens = openTokens(join(folder, "tokens.json"), now);
  const limits = openRateLimit(now);
  const gate = openGate(tokens, people, repository);
  const view = viewOf(repository, { api: url, server: options.serverUrl ?? url, graphql: `${url}/graphql` }, people);
  const refs = openRefs({ git, defaultBranch: repository.defaultBranch, beforeMove: async () => async () => undefined });

  const router = routerOf([
    ...repositoryRoutes({ view, git, gate, limits, tokens }),
    ...gitRoutes({ view, git, refs, now }),
    ...contentsRoutes(view, git),
    graphqlRoute({ view, git, refs, now }),
  ]);
  serve(server, { port: 0, router, gate, limits, now, record: options.record, intercept: options.intercept });

  return {
    url,
    gitDir: git.dir,
    createToken: (request) => tokens.createPersonal(request),
    importTree: (dir, branch, message) => importTree({ git, refs, now }, dir, branch, message),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await git.close();
    },
  };
}
