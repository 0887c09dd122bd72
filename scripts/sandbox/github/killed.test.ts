import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { openGit } from "./git.ts";
import { octokit } from "./sandbox-fixture.ts";
import { startGitHub } from "./start-github.ts";

const host = `
  const { startGitHub } = await import(${JSON.stringify(new URL("./start-github.ts", import.meta.url).href)});
  const hub = await startGitHub({ state: process.argv[1] });
  const sha = await hub.importTree(process.argv[2], "ledger", "Start");
  const token = hub.createToken({ login: "alice", permissions: { contents: "write" } });
  console.log(JSON.stringify({ url: hub.url, token, sha }));
`;
const mutation = "mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }";

let state = "";
let child: ChildProcess | undefined;

afterEach(async () => {
  child?.kill("SIGKILL");
  await rm(state, { recursive: true, force: true });
});

test("a kill in the middle of appending loses nothing that was acknowledged", async () => {
  state = await mkdtemp(join(tmpdir(), "sandbox-killed-"));
  const files = await mkdtemp(join(state, "files-"));
  child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", host, state, files], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  if (child.stdout === null) throw new Error("no output");
  const [line] = await once(createInterface(child.stdout), "line");
  const { url, token, sha }: { url: string; token: string; sha: string } = JSON.parse(String(line));

  const acknowledged = [sha];
  const append = async (number: number) => {
    const contents = Buffer.from(`${number}\n`).toString("base64");
    const input = {
      branch: { repositoryNameWithOwner: "acme/holdfast", branchName: "ledger" },
      expectedHeadOid: acknowledged.at(-1),
      message: { headline: `Entry ${number}` },
      fileChanges: { additions: [{ path: `${number}.jsonl`, contents }] },
    };
    const answer: { createCommitOnBranch: { commit: { oid: string } } } = await octokit({ url }, token).graphql(mutation, { input });
    acknowledged.push(answer.createCommitOnBranch.commit.oid);
  };
  const appending = (async () => {
    for (let number = 1; ; number += 1) {
      await append(number);
      if (number === 5) child?.kill("SIGKILL");
    }
  })();
  await expect(appending).rejects.toThrow();
  await gone;

  const hub = await startGitHub({ state });
  try {
    const api = octokit(hub, token);
    const history = await api.paginate(api.repos.listCommits, { owner: "acme", repo: "holdfast", sha: "ledger" });
    const shas = history.map((commit) => commit.sha).reverse();
    expect(shas.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(shas.length - acknowledged.length).toBeLessThanOrEqual(1);
    const git = openGit(hub.gitDir);
    await expect(git.text(["fsck", "--strict", "--connectivity-only"])).resolves.toBeDefined();
    await git.close();
  } finally {
    await hub.close();
  }
});
