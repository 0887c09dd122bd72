import { openBranch } from "../src/github/branch.ts";
import { connectGitHub } from "../src/github/client.ts";
import type { SandboxWorld } from "./sandbox-world.ts";

/** Puts files into `production` as this person; for what is authored there, which promotion would only copy. */
export async function commitAs(
  { github }: Pick<SandboxWorld["sandbox"], "github">,
  login: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const token = github.createToken({ login, permissions: { contents: "write" } });
  const branch = openBranch(connectGitHub({ token, apiUrl: github.url, repository: "acme/holdfast" }), "production");
  const texts = Object.entries(files).map(([path, text]) => ({ path, text }));
  const { moved } = await branch.commitOn((await branch.head()) ?? "", "Files of a test", texts);
  if (moved) throw new Error("production moved while a test committed to it");
}
