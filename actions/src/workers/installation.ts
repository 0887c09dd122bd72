/** What every worker needs of the installation it runs in: GitHub, the ledger, the views, and who is behind the run. */
import { type Branch, openBranch } from "../github/branch.ts";
import { connectGitHub, type GitHub } from "../github/client.ts";
import { type Origin, readOrigin } from "../github/runs.ts";
import { type Ledger, openLedger } from "../ledger/ledger.ts";
import type { ActionIo } from "../runner/action-io.ts";
import { sleep } from "./wait-until.ts";

export interface Installation {
  readonly github: GitHub;
  readonly ledger: Ledger;
  readonly status: Branch;
  readonly origin: Origin;
}

/** Reads the environment that GitHub gives to every job, or that a person sets to run a worker by hand. */
export async function openInstallation(io: ActionIo): Promise<Installation> {
  const token = io.input("token") || process.env.GITHUB_TOKEN;
  if (!token)
    throw new RangeError("token is missing; set the input `token` or GITHUB_TOKEN to a token that may read Actions and write contents");
  io.mask(token);
  const github = connectGitHub({
    token,
    apiUrl: process.env.GITHUB_API_URL ?? "https://api.github.com",
    repository: process.env.GITHUB_REPOSITORY ?? "",
  });
  const status = openBranch(github, "status");
  return {
    github,
    status,
    ledger: openLedger({ branch: openBranch(github, "ledger"), status, wait: sleep, random: Math.random }),
    origin: await readOrigin(github, process.env.GITHUB_RUN_ID),
  };
}
