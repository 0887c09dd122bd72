/** actions/checkout: the tree of a commit in the job's workspace, taken from the sandbox's repository by git itself. Leaves no credentials behind. */
import { mkdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { processEnv } from "./run-process.ts";
import type { StepCall } from "./step-call.ts";

const COMMIT = /^[0-9a-f]{40}$/;

interface Target {
  /** What to fetch and under which name to keep it. */
  readonly refspec: string;
  readonly checkout: readonly string[];
}

function git(call: StepCall, cwd: string, args: readonly string[], onLine: (line: string) => void): Promise<number | NodeJS.Signals> {
  const { session, env, signal } = call;
  return session.settings.processes.run({
    command: "git",
    args,
    cwd,
    // A question for a password would wait for ever; a hook or template of the machine has no place on a runner.
    env: { ...processEnv(session, env, null), GIT_TERMINAL_PROMPT: "0", GIT_TEMPLATE_DIR: "" },
    owner: session.owner,
    signal,
    grace: session.settings.grace,
    onLine,
  });
}

function branchTarget(source: string, branch: string): Target {
  return { refspec: `+${source}:refs/remotes/origin/${branch}`, checkout: ["-B", branch, `refs/remotes/origin/${branch}`] };
}

async function findTarget(call: StepCall, ref: string): Promise<Target> {
  const { host, run } = call.session;
  if (ref === "") {
    if (run.ref.startsWith("refs/tags/")) return { refspec: `+${run.sha}:${run.ref}`, checkout: ["--detach", run.ref] };
    return branchTarget(run.sha, run.ref.replace(/^refs\/heads\//, ""));
  }
  if (COMMIT.test(ref)) return { refspec: ref, checkout: ["--detach", ref] };
  const name = ref.replace(/^refs\/(heads|tags)\//, "");
  const found: string[] = [];
  await git(call, host.repository.gitDir, ["for-each-ref", "--format=%(refname)", `refs/heads/${name}`, `refs/tags/${name}`], (line) =>
    found.push(line),
  );
  const candidates = ref.startsWith("refs/") ? [ref] : [`refs/heads/${name}`, `refs/tags/${name}`];
  const full = candidates.find((candidate) => found.includes(candidate));
  if (full === undefined) throw new Error(`A branch or tag with the name '${name}' could not be found`);
  if (full.startsWith("refs/heads/")) return branchTarget(full, name);
  return { refspec: `+${full}:${full}`, checkout: ["--detach", full] };
}

function readDepth(text: string | undefined): number {
  const depth = Number(text ?? "1");
  if (!Number.isInteger(depth) || depth < 0) throw new Error(`fetch-depth must be a whole number from 0, got '${text}'`);
  return depth;
}

function readFolder(workspace: string, path: string): string {
  const folder = resolve(workspace, path);
  if (relative(workspace, folder).startsWith("..")) throw new Error(`Repository path '${folder}' is not under '${workspace}'`);
  return folder;
}

export async function checkout(call: StepCall, given: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const { session } = call;
  const { gitDir, owner, name } = session.host.repository;
  const folder = readFolder(session.workspace, given.path ?? ".");
  const depth = readDepth(given["fetch-depth"]);
  const target = await findTarget(call, given.ref ?? "");
  const history = depth === 0 ? ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"] : [];
  mkdirSync(folder, { recursive: true });
  const commands = [
    ["init", "-q", "."],
    ["config", "gc.auto", "0"],
    // Only this version of git's protocol gives a commit by its number when no branch points to it any more.
    ["config", "protocol.version", "2"],
    ["config", "remote.origin.url", pathToFileURL(gitDir).href],
    // Pushing needs credentials on GitHub and would pass by its rules here, so it leads to where it is refused.
    ["config", "remote.origin.pushurl", `${session.host.urls.server}/${owner}/${name}`],
    ["fetch", "-q", "--no-tags", ...(depth === 0 ? [] : [`--depth=${depth}`]), "origin", ...history, target.refspec],
    ["checkout", "-q", "--force", ...target.checkout],
  ];
  for (const args of commands) {
    const exit = await git(call, folder, args, (line) => session.log(line));
    if (exit !== 0) throw new Error(`The process 'git ${args[0]}' failed with exit code ${exit}`);
  }
  let commit = "";
  await git(call, folder, ["rev-parse", "HEAD"], (line) => {
    commit = line;
  });
  session.log(`HEAD is now at ${commit}`);
  return { ref: given.ref ?? session.run.ref, commit };
}
