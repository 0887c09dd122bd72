/** What happens around a worker that goes on: the whole sandbox dies and comes back, or PostgreSQL does. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DescribeDBClustersCommand, RDSClient } from "@aws-sdk/client-rds";
import { afterEach, expect, test } from "vitest";
import * as z from "zod";
import type { Intercept } from "../../scripts/sandbox/github/serve.ts";
import { entryId, RESTORE_STEPS, SNAPSHOT_STEPS, verify } from "../src/domain/index.ts";
import { openBranch } from "../src/github/branch.ts";
import { connectGitHub } from "../src/github/client.ts";
import { entryIdsIn } from "./entries-in-request.ts";
import { openWorkerWorld, startProcess, type WorkerProcess } from "./worker-world.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TSX = createRequire(import.meta.url).resolve("tsx");
const CONFIG = "clusters: [{id: app-prod, region: eu-west-1, database: app}]\n";
const RESTORE_KINDS = RESTORE_STEPS.map((step) => step.kind);

const served = z.object({
  github: z.string(),
  aws: z.string(),
  developer: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  master: z.object({ user: z.string(), password: z.string() }),
  token: z.string(),
});
type Served = z.output<typeof served>;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

// Long enough that the kill below falls into the restore.
const PACE_MS = 2_500;

async function serve(
  state: string,
  ports: readonly [string, string],
): Promise<{ readonly process: ChildProcess; readonly services: Served }> {
  const child = spawn(process.execPath, ["--import", TSX, join(HERE, "serve-services.ts"), state, ...ports, String(PACE_MS)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const services = await new Promise<Served>((resolve, reject) => {
    let printed = "";
    child.stdout?.on("data", (chunk) => {
      printed += chunk;
      if (printed.includes("\n")) resolve(served.parse(JSON.parse(printed)));
    });
    child.once("close", (code) => reject(new Error(`the services ended with ${code}`)));
  });
  return { process: child, services };
}

async function kill(child: ChildProcess, signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.kill(signal);
  await gone;
}

test("the sandbox killed while a restore runs, and started again: the worker goes on to one cluster and one entry a step", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-outage-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(HERE, "../dist"), join(folder, "dist"), { recursive: true });
  writeFileSync(join(folder, "holdfast.yml"), CONFIG);
  const state = join(folder, "state");
  const first = await serve(state, ["0", "0"]);
  cleanups.push(() => kill(first.process));
  const { services } = first;

  const requestId = randomUUID();
  const inputs = {
    cluster: "app-prod",
    target: "restored",
    snapshot: "",
    time: new Date().toISOString(),
    reason: "To go on through an outage",
    request_id: requestId,
  };
  const worker = (): WorkerProcess =>
    startProcess(join(folder, "dist/restore.mjs"), folder, {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      GITHUB_API_URL: services.github,
      GITHUB_REPOSITORY: "acme/holdfast",
      GITHUB_TOKEN: services.token,
      AWS_ENDPOINT_URL_RDS: services.aws,
      AWS_ACCESS_KEY_ID: services.developer.accessKeyId,
      AWS_SECRET_ACCESS_KEY: services.developer.secretAccessKey,
      PGSSLMODE: "disable",
      DATABASE_USER: services.master.user,
      DATABASE_PASSWORD: services.master.password,
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    });
  const rds = new RDSClient({ region: "eu-west-1", endpoint: services.aws, credentials: services.developer });
  cleanups.push(() => rds.destroy());
  const restored = async () =>
    ((await rds.send(new DescribeDBClustersCommand({}))).DBClusters ?? []).filter((each) => each.DBClusterIdentifier !== "app-prod");

  const running = worker();
  cleanups.push(() => running.kill());
  while ((await restored())[0]?.Status !== "creating") await pause(50);
  await kill(first.process);
  const second = await serve(state, [new URL(services.github).port, new URL(services.aws).port]);
  // Ended gently, so that its PostgreSQL ends with it.
  cleanups.push(() => kill(second.process, "SIGTERM"));

  const { code, printed } = await running.done;
  expect(code, printed).toBe(0);
  const again = await worker().done;
  expect(again.code, again.printed).toBe(0);

  const branch = openBranch(connectGitHub({ token: services.token, apiUrl: services.github, repository: "acme/holdfast" }), "ledger");
  const files = await branch.files((await branch.head()) ?? "");
  const verdict = verify(await Promise.all(files.map(async ({ path, sha }) => ({ path, text: await branch.read(sha) }))));
  expect(verdict).toMatchObject({ ok: true });
  expect(verdict.entries.map((entry) => entry.kind)).toEqual(RESTORE_KINDS);
  expect((await restored()).map((each) => [each.Status, each.DBClusterMembers?.length])).toEqual([["available", 1]]);
});

/** A world whose GitHub kills a PostgreSQL process at the moment an entry is to be written. */
async function worldThatKills(step: string) {
  const requestId = randomUUID();
  let victim: (() => number | undefined) | undefined;
  let killed = 0;
  const github: Intercept = (request) => {
    if (entryIdsIn(request).includes(entryId(requestId, step)) && killed === 0) {
      const pid = victim?.();
      if (pid !== undefined) {
        killed = pid;
        process.kill(pid, "SIGKILL");
      }
    }
    return undefined;
  };
  const world = await openWorkerWorld({ github });
  cleanups.push(() => world.close());
  return {
    world,
    requestId,
    killed: () => killed,
    aim(cluster: string) {
      victim = () => world.aws.pidOf(cluster);
    },
    kinds: async () => (await world.entries()).filter((entry) => entry.data.requestId === requestId).map((entry) => entry.kind),
  };
}

test.each([
  ["before the connection is made", "instance-available"],
  ["after the connection was made", "connected"],
])("PostgreSQL of the restored cluster killed %s: one cluster, at once or when asked again", async (_when, step) => {
  const { world, requestId, killed, aim, kinds } = await worldThatKills(step);
  aim("restored");
  const inputs = {
    cluster: "app-prod",
    target: "restored",
    snapshot: "",
    time: new Date().toISOString(),
    reason: "To lose its database on the way",
    request_id: requestId,
  };
  const met = await world.run("restore", inputs);
  expect(killed()).toBeGreaterThan(0);
  if (met.code !== 0) {
    expect(met.printed).toContain("What exists now");
    expect((await kinds()).at(-1)).toBe("restore.failed");
    const again = await world.run("restore", inputs);
    expect(again.code, again.printed).toBe(0);
  }
  expect((await kinds()).filter((kind) => kind !== "restore.failed")).toEqual(RESTORE_KINDS);
  expect(await world.clusterIds()).toEqual(["app-prod", "restored"]);
});

test("PostgreSQL of the live cluster killed while a snapshot is accepted: taken all the same, or its failure explained", async () => {
  const { world, requestId, killed, aim, kinds } = await worldThatKills("requested");
  aim("app-prod");
  const inputs = {
    cluster: "app-prod",
    reason: "To lose its database on the way",
    request_id: requestId,
    trigger: "manual",
    app_version: "1",
  };
  const met = await world.run("snapshot", inputs);
  expect(killed()).toBeGreaterThan(0);
  expect(await world.snapshotIds()).toHaveLength(1);
  const ended = await kinds();
  if (met.code === 0) expect(ended).toEqual(SNAPSHOT_STEPS.map((step) => step.kind));
  else {
    expect(ended.at(-1)).toBe("snapshot.failed");
    expect(met.printed).toContain("What exists now");
  }
  // What a failure leaves does not keep the next request from its snapshot.
  const next = await world.run("snapshot", { ...inputs, request_id: randomUUID() });
  expect(next.code, next.printed).toBe(0);
});
