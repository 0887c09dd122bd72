/** The sandbox's AWS and GitHub in a process of their own, to be killed and started again: `tsx serve-services.ts STATE GITHUB_PORT AWS_PORT PACE`. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDemoApp } from "../../scripts/sandbox/demo-app/demo-app.ts";
import { startGitHub } from "../../scripts/sandbox/github/start-github.ts";
import { startAws } from "../../scripts/sandbox/rds/aws.ts";

const [state = "", githubPort = "0", awsPort = "0", pace = "100"] = process.argv.slice(2);
const aws = await startAws({ state, port: Number(awsPort), roles: [], jwks: async () => ({ keys: [] }), pace: Number(pace) });
await openDemoApp({ state, master: { ...(await aws.endpoint("app-prod")), ...aws.master }, users: 50 });
const github = await startGitHub({ state, port: Number(githubPort), limits: { personal: 1_000_000 } });
const tree = join(state, "tree");
await mkdir(tree, { recursive: true });
await writeFile(join(tree, "README.md"), "A repository to keep a ledger in\n");
await github.importTree(tree, "main", "Files for a test");
const token = github.createToken({ login: "alice", permissions: { contents: "write", actions: "read" } });
process.stdout.write(`${JSON.stringify({ github: github.url, aws: aws.url, developer: aws.developer, master: aws.master, token })}\n`);
process.once("SIGTERM", async () => {
  await github.close();
  await aws.close();
  process.exit(0);
});
