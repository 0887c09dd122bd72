import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PostgresEvent } from "./incarnation.ts";
import { type Postgres, type PostgresOptions, startPostgres, TimeRefusedError } from "./postgres.ts";

const master = { user: "holdfast_admin", password: "for one test run" };
let folder: string;
let state: string;
let events: PostgresEvent[];
let running: Postgres[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-postgres-"));
  await chmod(folder, 0o755);
  state = path.join(folder, "state");
  events = [];
  running = [];
});

afterEach(async () => {
  for (const each of running) await each.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<PostgresOptions> = {}): Promise<Postgres> {
  const postgres = await startPostgres({ state, onEvent: (event) => events.push(event), ...options });
  running.push(postgres);
  return postgres;
}

async function stop(postgres: Postgres): Promise<void> {
  running = running.filter((each) => each !== postgres);
  await postgres.close();
}

async function query(postgres: Postgres, id: string, sql: string): Promise<unknown[]> {
  await postgres.open(id, id);
  const client = new pg.Client({ host: "127.0.0.1", port: await postgres.portOf(id), database: "app", ...master });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const kinds = () => events.map(({ kind }) => kind);

test("recovery gives exactly the commits up to the time, and refuses a time it cannot give", async () => {
  const postgres = await start();
  await postgres.create("a", "app", master);
  await query(postgres, "a", "create table t (n int)");
  const commit = async (n: number) => {
    await query(postgres, "a", `insert into t values (${n})`);
    const [row] = await query(postgres, "a", `select pg_xact_commit_timestamp(xmin) as at from t where n = ${n}`);
    const at: unknown = Object.values(row ?? {})[0];
    if (!(at instanceof Date)) throw new Error("No commit time");
    return at;
  };
  await commit(1);
  const second = await commit(2);
  const third = await commit(3);
  // A Date is cut to milliseconds: the next one is the first that certainly includes the commit.
  const time = await postgres.resolveTime("a", new Date(second.getTime() + 1), 0);
  expect(time.getTime()).toBeLessThan(third.getTime());
  await postgres.restoreToTime("a", time, "b");
  expect(await query(postgres, "b", "select array_agg(n order by n) as all from t")).toEqual([{ all: [1, 2] }]);

  const range = postgres.restorable("a");
  if (!range) throw new Error("No restorable range");
  await expect(postgres.resolveTime("a", new Date(range.earliest.getTime() - 1), 0)).rejects.toThrow(TimeRefusedError);
  await expect(postgres.resolveTime("a", new Date(Date.now() + 60_000), 0)).rejects.toThrow(TimeRefusedError);
  await expect(postgres.resolveTime("a", new Date(), 60_000)).rejects.toThrow(TimeRefusedError);
  // The restored cluster has a range, an archive and a future of its own.
  await query(postgres, "b", "insert into t values (4)");
  await postgres.restoreToTime("b", await postgres.resolveTime("b", "latest", 0), "c");
  expect(await query(postgres, "c", "select array_agg(n order by n) as all from t")).toEqual([{ all: [1, 2, 4] }]);
});

test("a snapshot outlives its cluster, and a restored master user is no superuser", async () => {
  const postgres = await start();
  await postgres.create("a", "app", master);
  await query(postgres, "a", "create table t as select generate_series(1, 500) as n");
  const snapshot = await postgres.takeSnapshot("a", "kept");
  expect(snapshot.bytes).toBeGreaterThan(20_000_000);
  await postgres.shut("a");
  await postgres.remove("a");
  await stop(postgres);
  const again = await start();
  await again.restoreSnapshot("kept", "b");
  await Promise.all([again.open("b", "b"), again.open("b", "b")]);
  expect(await query(again, "b", "select count(*)::int from t")).toEqual([{ count: 500 }]);
  await expect(query(again, "b", "alter system set work_mem = '1MB'")).rejects.toThrow("permission denied");
  await expect(query(again, "b", "copy (select 1) to program 'true'")).rejects.toThrow("must be superuser");
  await query(again, "b", "set session_replication_role = replica");
});

test("a server and a restore that a kill of this process interrupted are found again", async () => {
  const home = path.join(state, "postgres");
  const script = `
    import { readdirSync, writeSync } from "node:fs";
    import { startPostgres } from ${JSON.stringify(fileURLToPath(new URL("postgres.ts", import.meta.url)))};
    const clusters = ${JSON.stringify(path.join(home, "clusters"))};
    const postgres = await startPostgres({ state: ${JSON.stringify(state)} });
    await postgres.create("a", "app", ${JSON.stringify(master)});
    await postgres.takeSnapshot("a", "whole");
    void postgres.takeSnapshot("a", "half");
    void postgres.restoreSnapshot("whole", "unfinished");
    // From inside, because whoever watches from outside may look too late.
    setInterval(() => {
      if (readdirSync(clusters).length < 2) return;
      writeSync(1, String(postgres.pidOf("a")));
      process.kill(process.pid, "SIGKILL");
    }, 1);
  `;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const [, killedBy] = await once(child, "close");
  expect(killedBy).toBe("SIGKILL");
  const pid = Number(printed);

  const postgres = await start();
  expect(kinds()).toEqual(["adopted"]);
  expect(postgres.pidOf("a")).toBe(pid);
  expect(await readdir(path.join(home, "clusters"))).toEqual(["a"]);
  expect(await readdir(path.join(home, "snapshots"))).toEqual(["whole"]);
  await postgres.restoreSnapshot("whole", "b");
  expect(await query(postgres, "b", "select 1 as one")).toEqual([{ one: 1 }]);
  process.kill(pid, "SIGKILL");
  await expect.poll(kinds).toContain("restarted");
  expect(postgres.pidOf("a")).not.toBe(pid);
});

test("a second sandbox on the same folder is refused", async () => {
  await start();
  await expect(startPostgres({ state })).rejects.toThrow(`Process ${process.pid} already runs a sandbox on this state folder`);
});

test("an endpoint whose port was taken says so, a server takes another", async () => {
  const postgres = await start();
  await postgres.create("a", "app", master);
  const endpoint = await postgres.portOf("a");
  const record: { port: number } = JSON.parse(await readFile(path.join(state, "postgres", "clusters", "a", "cluster.json"), "utf8"));
  await stop(postgres);
  const strangers = [createServer(), createServer()];
  const [first, second] = strangers;
  first?.listen(record.port, "127.0.0.1");
  second?.listen(endpoint, "127.0.0.1");
  try {
    const again = await start();
    await expect(again.open("a", "a")).rejects.toThrow(`Port ${endpoint}, kept for cluster a, is taken`);
    second?.close();
    await expect.poll(() => query(again, "a", "select 1 as one").catch(() => [])).toEqual([{ one: 1 }]);
  } finally {
    for (const stranger of strangers) stranger.close();
  }
});

test("the archive is cut behind a new base backup", async () => {
  const postgres = await start({ fenceEvery: 20, segmentsPerBase: 3 });
  await postgres.create("a", "app", master);
  const first = postgres.restorable("a")?.earliest;
  await query(postgres, "a", "create table t (n int)");
  await expect
    .poll(async () => {
      await query(postgres, "a", "insert into t values (1)");
      return postgres.restorable("a")?.earliest.getTime();
    })
    .toBeGreaterThan(first?.getTime() ?? Number.POSITIVE_INFINITY);
  const [count] = await query(postgres, "a", "select count(*)::int from t");
  await postgres.restoreToTime("a", await postgres.resolveTime("a", "latest", 0), "b");
  expect(await query(postgres, "b", "select count(*)::int from t")).toEqual([count]);
});

test("without an archive the end of the range stands still", async () => {
  const postgres = await start({ fenceEvery: 50, archivePatience: 2_000 });
  await postgres.create("a", "app", master);
  const archive = path.join(state, "postgres", "clusters", "a", "archive");
  events.splice(0);
  await expect.poll(() => postgres.restorable("a")?.latest.getTime()).toBeGreaterThan(postgres.restorable("a")?.earliest.getTime() ?? 0);
  const told = postgres.restorable("a")?.latest.getTime();
  await rename(archive, `${archive}-away`);
  await query(postgres, "a", "create table t (n int)");
  await expect.poll(kinds).toContain("archive-stuck");
  const latest = postgres.restorable("a")?.latest;
  expect(latest?.getTime()).toBeGreaterThanOrEqual(told ?? Number.POSITIVE_INFINITY);
  await query(postgres, "a", "insert into t values (1)");
  expect(postgres.restorable("a")?.latest).toEqual(latest);
  await expect(postgres.resolveTime("a", new Date(), 0)).rejects.toThrow(TimeRefusedError);
});

test.runIf(process.getuid?.() === 0)(
  "below a directory that only root may enter, the data lie elsewhere and go with their link",
  async () => {
    const closed = path.join(folder, "closed");
    await mkdir(closed, { mode: 0o700 });
    state = path.join(closed, "state");
    const postgres = await start();
    await postgres.create("a", "app", master);
    expect(postgres.home.startsWith(closed)).toBe(false);
    const { home } = postgres;
    await stop(postgres);
    expect((await stat(path.join(state, "postgres", "clusters", "a"))).isDirectory()).toBe(true);
    await rm(state, { recursive: true });
    const fresh = await start();
    expect(await readdir(path.join(home, "clusters"))).toEqual([]);
    await stop(fresh);
    await rm(home, { recursive: true });
  },
);
