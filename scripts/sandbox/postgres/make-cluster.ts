import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { takeBaseBackup } from "./base-backup.ts";
import { copyAll, copyDataDirectory, requireSpace } from "./copy-files.ts";
import type { Engine } from "./engine.ts";
import type { Base, Incarnation } from "./incarnation.ts";
import { giveTo, type Owner } from "./owner.ts";
import { endSurvivor } from "./server.ts";
import { withSession } from "./session.ts";
import type { Recovery } from "./settings.ts";
import { segmentMegabytes } from "./wal.ts";

export interface Master {
  readonly user: string;
  readonly password: string;
}

/** A consistent copy of a data directory and the WAL that its recovery needs. */
export interface Source {
  readonly base: string;
  readonly wal: string;
  readonly segments: readonly string[];
  /** What a restore of it takes on disk. */
  readonly bytes: number;
}

/** A new, empty cluster with a master user who, as on Aurora, is no superuser. */
export async function createCluster(made: Incarnation, engine: Engine, admin: Master, database: string, master: Master): Promise<void> {
  await prepareFolders(made, engine.owner);
  await runInitdb(made, engine, admin);
  await made.start();
  await withSession({ ...made.login, database: "postgres" }, async (client) => {
    // The log would tell the master's password to everyone who may read logs, and what the service does itself is no user's doing.
    await client.query("set log_statement = 'none'");
    await client.query(`alter role ${pg.escapeIdentifier(admin.user)} set log_statement = 'none'`);
    const user = pg.escapeIdentifier(master.user);
    await client.query("create role rds_superuser nologin in role pg_monitor, pg_signal_backend, pg_checkpoint");
    await client.query("grant set on parameter session_replication_role, log_statement to rds_superuser");
    await client.query(`create role ${user} login createdb createrole in role rds_superuser password ${pg.escapeLiteral(master.password)}`);
    await client.query(`create database ${pg.escapeIdentifier(database)} owner ${user}`);
  });
  // On Aurora the master may create it and run its checks; here only a superuser may.
  await withSession({ ...made.login, database }, async (client) => {
    await client.query("create extension amcheck");
    await client.query("grant execute on function bt_index_check(regclass), bt_index_check(regclass, boolean) to rds_superuser");
  });
  await finish(made);
}

/** A cluster recovered from a copy: promoted, out of recovery, and with a base backup of its own. */
export async function restoreCluster(made: Incarnation, engine: Engine, source: Source, recovery: Recovery): Promise<void> {
  await prepareFolders(made, engine.owner);
  // Twice the copy: the new cluster begins with a base backup of its own.
  await requireSpace(made.folder, 2 * source.bytes);
  await copyDataDirectory(source.base, made.data, engine.owner);
  await copyAll(source.base, made.data, ["backup_label"], engine.owner);
  await copyAll(source.wal, path.join(made.data, "pg_wal"), source.segments, engine.owner);
  await made.start(recovery);
  await finish(made);
}

export async function addBase(made: Incarnation, kept: readonly Base[]): Promise<void> {
  const name = String(Number(kept.at(-1)?.name ?? 0) + 1);
  const base = await takeBaseBackup(made.login, made.data, made.archive, path.join(made.folder, "bases", name));
  await made.keep([...kept, { name, ...base }]);
}

async function finish(made: Incarnation): Promise<void> {
  await addBase(made, []);
  await made.fence();
}

async function prepareFolders(made: Incarnation, owner: Owner | undefined): Promise<void> {
  await endSurvivor(made.data);
  await rm(made.folder, { recursive: true, force: true });
  await mkdir(made.folder, { recursive: true, mode: 0o711 });
  await mkdir(made.data, { mode: 0o700 });
  await mkdir(made.archive, { mode: 0o700 });
  await giveTo(owner, made.data, made.archive);
}

async function runInitdb(made: Incarnation, engine: Engine, admin: Master): Promise<void> {
  const secret = path.join(made.folder, "initdb-password");
  await writeFile(secret, admin.password, { mode: 0o600 });
  await giveTo(engine.owner, secret);
  const options = [
    "-A",
    "scram-sha-256",
    "-E",
    "UTF8",
    "--locale=C",
    `--wal-segsize=${segmentMegabytes}`,
    "--data-checksums",
    "--no-sync",
    "--no-instructions",
  ];
  try {
    const { code, said } = await run(engine, ["-D", made.data, "-U", admin.user, "--pwfile", secret, ...options]);
    if (code !== 0) throw new Error(`initdb in ${made.data} failed (exit ${code}): ${said.trim().split("\n").slice(-3).join(" ")}`);
  } finally {
    await rm(secret, { force: true });
  }
}

function run(engine: Engine, args: readonly string[]): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(engine.initdb, args, {
      ...engine.owner,
      stdio: ["ignore", "ignore", "pipe"],
      env: { LC_ALL: "C", TZ: "UTC", PATH: process.env.PATH },
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, said }));
  });
}
