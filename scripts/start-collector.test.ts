import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";
import { type RunningCollector, startCollector } from "./start-collector.ts";
import { until } from "./testing/patience.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let state: string;
let sandbox: Sandbox;
const said: string[] = [];

beforeAll(async () => {
  if (!existsSync(join(root, "actions/dist/holdfast.mjs"))) throw new Error('actions/dist is not built: run "npm run build -w actions"');
  state = await mkdtemp(join(tmpdir(), "holdfast-collector-"));
  sandbox = await startSandbox({ state, checkout: root });
});

afterAll(async () => {
  await sandbox?.close();
  await rm(state, { recursive: true, force: true });
});

const start = () => startCollector({ state, root, sandbox, say: (line) => said.push(line) });

async function alertsIn({
  alerts,
}: RunningCollector): Promise<readonly { rule: string; id: string; transition: string; source: string }[]> {
  const text = await readFile(alerts, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const opened = async (collector: RunningCollector, rule: string) =>
  (await alertsIn(collector)).filter((alert) => alert.rule === rule && alert.transition === "opened");

async function misbehave(name: string): Promise<void> {
  const answer = await fetch(`${sandbox.control.url}/misbehave/${name}`, { method: "POST", headers: { "x-demo-app": "yes" } });
  expect(await answer.text()).toContain('"done"');
}

test("what the demo does wrong becomes alerts and ledger entries, and a new start goes on where the last one ended", async () => {
  const first = await start();
  await misbehave("auth-failures");
  await misbehave("destructive-statement");
  const [one] = await until("the failures alert", async () => {
    const found = await opened(first, "repeated-auth-failure");
    return found.length > 0 ? found : null;
  });
  const [statement] = await until("the statement alerts", async () => {
    const found = await opened(first, "destructive-statement");
    return found.length > 0 ? found : null;
  });
  expect(one?.source).toContain("flask_web_1.log");
  expect(statement?.source).toContain("postgresql.log");
  await until("the ledger has both", async () => {
    const ledger = ledgerText();
    return (ledger.includes(one?.id ?? "?") && ledger.includes(statement?.id ?? "?")) || null;
  });
  await until("Slack and the mail inbox have them", () => {
    const slack = JSON.stringify(sandbox.slack.received());
    const mail = JSON.stringify(sandbox.mail.received());
    return (
      (slack.includes("repeated-auth-failure") && slack.includes("destructive-statement") && mail.includes("destructive-statement")) || null
    );
  });
  await first.stop();
  // Whatever happens while nobody watches is found by the next.
  await misbehave("bulk-deletion");

  const second = await start();
  await until("the deletions alert", async () => (await opened(second, "bulk-deletion")).length > 0 || null);
  // Killed with its parent: the one that a killed start leaves behind gives way to the next.
  const third = await start();
  await misbehave("password-spraying");
  await until("the spraying alerts", async () => (await opened(third, "repeated-auth-failure-account")).length > 0 || null);
  await third.stop();
  // Nor did setting the world up look like an accident.
  const all = (await alertsIn(third)).filter(({ transition }) => transition === "opened");
  expect(all.map(({ rule }) => rule).sort()).toEqual([
    "bulk-deletion",
    "destructive-statement",
    "repeated-auth-failure",
    "repeated-auth-failure-account",
  ]);
});

function ledgerText(): string {
  const git = join(state, "github", "acme", "holdfast.git");
  try {
    return execFileSync("git", ["--git-dir", git, "grep", "-h", "", "ledger"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    // Until the first entry there is no such branch.
    return "";
  }
}
