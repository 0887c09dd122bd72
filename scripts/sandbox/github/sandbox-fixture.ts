import { mkdtempSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Octokit } from "@octokit/rest";
import { type GitHubOptions, type GitHubSandbox, startGitHub } from "./start-github.ts";
import type { Level } from "./tokens.ts";

/** A sandbox in a folder of its own for one test file, and the real client to talk to it. */

export interface Fixture {
  readonly hub: GitHubSandbox;
  readonly state: string;
  readonly repo: { readonly owner: "acme"; readonly repo: "holdfast" };
  client(login: string, permissions?: Readonly<Record<string, Level>>): Octokit;
  /** Commits exactly these files to a branch. */
  commit(branch: string, files: Readonly<Record<string, string>>, message?: string): Promise<string>;
  close(): Promise<void>;
}

export const full: Readonly<Record<string, Level>> = { contents: "write", actions: "write", deployments: "write" };

export function octokit(hub: { readonly url: string }, auth: string): Octokit {
  const quiet = () => undefined;
  return new Octokit({ baseUrl: hub.url, auth, log: { debug: quiet, info: quiet, warn: quiet, error: quiet } });
}

export async function openFixture(options: Omit<Partial<GitHubOptions>, "state"> & { readonly state?: string } = {}): Promise<Fixture> {
  const state = options.state ?? mkdtempSync(join(tmpdir(), "sandbox-github-"));
  const hub = await startGitHub({ ...options, state });
  return {
    hub,
    state,
    repo: { owner: "acme", repo: "holdfast" },
    client: (login, permissions = full) => octokit(hub, hub.createToken({ login, permissions })),
    async commit(branch, files, message = "Files for a test") {
      const dir = mkdtempSync(join(tmpdir(), "sandbox-tree-"));
      try {
        for (const [path, content] of Object.entries(files)) {
          await mkdir(dirname(join(dir, path)), { recursive: true });
          await writeFile(join(dir, path), content);
        }
        return await hub.importTree(dir, branch, message);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
    async close() {
      await hub.close();
      await rm(state, { recursive: true, force: true });
    },
  };
}

export async function statusOf(work: Promise<unknown>): Promise<{ readonly status: number; readonly message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && "status" in error && typeof error.status === "number")
      return { status: error.status, message: error.message };
    throw error;
  }
  throw new Error("The request was expected to be refused");
}
