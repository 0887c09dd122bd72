import { hostname } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { connectAurora } from "../aurora/aurora.ts";
import { connectDatabaseLogs } from "../aurora/database-logs.ts";
import { databaseLogs } from "../collector/database-log-source.ts";
import { connectEngine } from "../collector/docker/engine.ts";
import { watchContainers } from "../collector/docker/watch-containers.ts";
import { fileSource } from "../collector/file-source.ts";
import { AlreadyRunning } from "../collector/lock.ts";
import { type CollectorOptions, runCollector } from "../collector/run-collector.ts";
import type { Origin, Source } from "../collector/source.ts";
import { stdinSource } from "../collector/stdin-source.ts";
import { type Config, visible } from "../domain/index.ts";
import { openBranch } from "../github/branch.ts";
import { connectGitHub } from "../github/client.ts";
import { readOrigin } from "../github/runs.ts";
import { openLedger } from "../ledger/ledger.ts";
import { openChannels } from "../notify/open-channels.ts";
import { type Places, wordingOf } from "../notify/wording-of.ts";
import { readConfig } from "../workers/read-config.ts";
import { sleep } from "../workers/wait-until.ts";

const EXIT_TRY_AGAIN = 75;

/**
 * Follows the logs of every app in holdfast.yml and tells what it finds, until it is ended. With `--file` or `--stdin` it reads these instead.
 * SIGTERM and SIGINT end it once what was read has been recorded.
 */
export async function collect(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: "string", default: "holdfast.yml" },
      state: { type: "string", default: "state" },
      logs: { type: "string", default: "logs" },
      alerts: { type: "string", default: "alerts" },
      once: { type: "boolean", default: false },
      stdin: { type: "boolean", default: false },
      file: { type: "string", multiple: true, default: [] },
    },
  });
  const config = await readConfig(values.config);
  const ending = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => ending.abort());
  const follow = !values.once;
  try {
    await runCollector({
      name: process.env.HOLDFAST_COLLECTOR || hostname(),
      config,
      origins: originsOf(config, { files: values.file, stdin: values.stdin, follow }),
      folders: { state: resolve(values.state), logs: resolve(values.logs), alerts: resolve(values.alerts) },
      follow,
      signal: ending.signal,
      github: openGitHub(),
      privacy: config.privacy === "private" ? { mode: "private" } : { mode: "strict", secret: process.env.PRIVACY_KEY || null },
      channels: openChannels((name) => process.env[name], wordingOf(config, placesOf(process.env))),
      now: Date.now,
      random: Math.random,
      say,
    });
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error;
    say(error.message);
    return EXIT_TRY_AGAIN;
  }
  return 0;
}

function originsOf(
  config: Config,
  asked: { readonly files: readonly string[]; readonly stdin: boolean; readonly follow: boolean },
): readonly Origin[] {
  const { files, stdin, follow } = asked;
  // Whose lines a named file's are nobody says; where there is one app, they are its own.
  const [only, ...others] = config.apps;
  const owner = only === undefined || others.length > 0 ? { app: null, cluster: null } : { app: only.name, cluster: only.cluster };
  const named = files.map((path) => fileSource({ path: resolve(path), ...owner, follow }));
  if (stdin) named.push(stdinSource(process.stdin, owner.app, owner.cluster, Date.now));
  if (named.length > 0) return [each(named)];

  const listed = config.apps.flatMap((app) =>
    app.files.map((path) => fileSource({ path: resolve(path), app: app.name, cluster: app.cluster, follow })),
  );
  const contained = config.apps.filter((app) => app.containers.length > 0);
  const origins = [
    ...(listed.length > 0 ? [each(listed)] : []),
    ...(contained.length > 0 ? [watchContainers({ engine: connectEngine(process.env), apps: contained, follow, say })] : []),
    ...config.clusters.filter((cluster) => cluster.logs === "rds").map((cluster) => databaseOrigin(config, cluster, follow)),
  ];
  if (origins.length === 0)
    throw new RangeError("there is nothing to follow; name containers or files of an app in holdfast.yml, or use --file or --stdin");
  return origins;
}

function databaseOrigin({ apps }: Config, { id, region }: Config["clusters"][number], follow: boolean): Origin {
  const aurora = connectAurora(region, undefined);
  const [only, ...others] = apps.filter((app) => app.cluster === id);
  return databaseLogs({
    logs: connectDatabaseLogs(region, undefined),
    cluster: id,
    app: others.length > 0 ? null : (only?.name ?? null),
    instances: async () => (await aurora.cluster(id))?.instances ?? [],
    follow,
    now: Date.now,
    say,
  });
}

function each(sources: readonly Source[]): Origin {
  return async function* () {
    yield* sources;
  };
}

function openGitHub(): CollectorOptions["github"] {
  const token = process.env.GITHUB_TOKEN;
  const repository = process.env.GITHUB_REPOSITORY;
  if (!token || !repository) {
    say("GITHUB_TOKEN and GITHUB_REPOSITORY are not set: alerts stay on this machine");
    return null;
  }
  const github = connectGitHub({ token, apiUrl: process.env.GITHUB_API_URL ?? "https://api.github.com", repository });
  const status = openBranch(github, "status");
  let actor: Promise<string> | null = null;
  return {
    ledger: openLedger({ branch: openBranch(github, "ledger"), status, wait: sleep, random: Math.random }),
    status,
    actor: () => {
      actor ??= readOrigin(github, undefined).then((origin) => origin.actor);
      return actor;
    },
  };
}

function placesOf({ PAGE_URL: page, GITHUB_REPOSITORY: repository, GITHUB_SERVER_URL: server }: NodeJS.ProcessEnv): Places {
  return { page: page || null, files: repository ? `${server || "https://github.com"}/${repository}/blob/main` : null };
}

function say(text: string): void {
  process.stderr.write(`holdfast collect: ${new Date().toISOString()} ${visible(text)}\n`);
}
