/**
 * The collector of `npm start`: the built command line in a process of its own, following the demo application's log and its database's, with
 * the least rights it can do its work with. It outlives nothing: whoever starts it ends it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readAccess } from "./sandbox/access.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";

/** It carries on what it found before it ends, which takes long where GitHub is away; killed, it loses nothing and does it at its next start. */
const PATIENCE_MS = 10_000;

export interface StartCollectorOptions {
  /** The sandbox's state folder; the collector's own lives below it, so that the next start goes on where this one ended. */
  readonly state: string;
  /** The checkout with holdfast.yml and the built command line. */
  readonly root: string;
  readonly sandbox: Sandbox;
  readonly say: (line: string) => void;
}

export interface RunningCollector {
  /** One alert a line, as every collector writes them. */
  readonly alerts: string;
  stop(): Promise<void>;
}

export async function startCollector({ state, root, sandbox, say }: StartCollectorOptions): Promise<RunningCollector> {
  const folder = join(state, "collector");
  const bundle = join(root, "actions", "dist", "holdfast.mjs");
  const config = join(folder, "holdfast.yml");
  const alerts = join(folder, "alerts");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await endSurvivor(folder, bundle);
  await writeFile(config, await watchedConfig(join(root, "holdfast.yml"), sandbox.app.log.file));
  const { tokens } = await readAccess(state, sandbox.github);
  const output = openSync(join(folder, "collector.log"), "a", 0o600);
  const child = spawn(
    process.execPath,
    [bundle, "collect", "--config", config, "--state", join(folder, "state"), "--logs", join(folder, "logs"), "--alerts", alerts],
    {
      cwd: folder,
      // A terminal's Ctrl-C reaches every process of its session at once; this one is ended when its turn has come.
      detached: true,
      stdio: ["ignore", output, output],
      env: {
        PATH: process.env.PATH,
        HOLDFAST_COLLECTOR: "npm-start",
        GITHUB_API_URL: sandbox.github.url,
        GITHUB_REPOSITORY: "acme/holdfast",
        GITHUB_TOKEN: tokens.collector,
        SLACK_WEBHOOK_URL: sandbox.slack.webhook,
        SMTP_URL: sandbox.mail.smtp,
        AWS_ENDPOINT_URL_RDS: sandbox.aws.url,
        AWS_REGION: sandbox.aws.region,
        ...sandbox.aws.taskEnvironment("holdfast-detect"),
      },
    },
  );
  const gone = ended(child);
  let stopping = false;
  void gone.then((how) => {
    if (!stopping) say(`The collector ended (${how}); what it said is in ${join(folder, "collector.log")}`);
  });
  await writeFile(pidFile(folder), String(child.pid));
  return {
    alerts: join(alerts, "alerts.jsonl"),
    async stop() {
      stopping = true;
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      await gone;
      clearTimeout(late);
      await rm(pidFile(folder), { force: true });
    },
  };
}

/** The repository's own configuration, with the demo application's log where a real one has its containers. */
async function watchedConfig(file: string, log: string): Promise<string> {
  const document = parse(await readFile(file, "utf8"));
  return stringify({
    ...document,
    clusters: document.clusters.map((cluster: object) => ({ ...cluster, logs: "rds" })),
    apps: document.apps.map((app: object) => ({ ...app, containers: [], files: [log] })),
  });
}

function pidFile(folder: string): string {
  return join(folder, "collector.pid");
}

/** One that a killed `npm start` left behind would keep its lock. */
async function endSurvivor(folder: string, bundle: string): Promise<void> {
  const pid = Number(await readFile(pidFile(folder), "utf8").catch(() => ""));
  // The number may belong to a stranger by now.
  const isOurs = async () => (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).includes(bundle);
  if (!(pid > 0) || !(await isOurs())) return;
  process.kill(pid, "SIGTERM");
  const late = Date.now() + PATIENCE_MS;
  while (await isOurs()) {
    if (Date.now() > late) process.kill(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
}
