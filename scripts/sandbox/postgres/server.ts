import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile, readlink, rm } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Engine, isCode } from "./engine.ts";
import { markLog, type ServerLog } from "./server-log.ts";
import { type Login, withSession } from "./session.ts";

/** One running postgres. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  readonly adopted: boolean;
  /** Resolves when the process is gone, whoever ended it. */
  readonly gone: Promise<void>;
  stop(): Promise<void>;
}

export interface StartRequest {
  readonly engine: Engine;
  readonly data: string;
  readonly log: ServerLog;
  readonly port: number;
  readonly login: Omit<Login, "port">;
  /** Replaying WAL takes as long as the WAL is long; an ordinary start is over in a second, on a machine that is not busy. */
  readonly patience?: number;
}

/** Another process listens on the port that postgres was told to use: the caller chooses another. */
export class PortTakenError extends Error {}

export async function startServer(request: StartRequest): Promise<Server> {
  const { engine, data, log } = request;
  const saidSince = await markLog(log);
  // A file, not a pipe: the server outlives a killed parent and would stall or die on a pipe that nobody reads.
  const output = await open(log.startup, "a", 0o600);
  let child: ChildProcess;
  let gone: Promise<void>;
  try {
    // A session of its own keeps a terminal's Ctrl-C from reaching the server before we have stopped using it.
    const identity = engine.owner ? { uid: engine.owner.uid, gid: engine.owner.gid } : {};
    child = spawn(engine.postgres, ["-D", data], {
      ...identity,
      cwd: data,
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
      env: { LC_ALL: "C", TZ: "UTC", PATH: process.env.PATH },
    });
    // Before anything is awaited: a program that cannot be started says so at once, and unheard that would end the sandbox.
    gone = endOf(child);
  } finally {
    await output.close();
  }
  child.unref();
  const { pid } = child;
  let ended = pid === undefined;
  void gone.then(() => {
    ended = true;
  });
  const ready = await waitReady(request, () => ended);
  if (!ready || pid === undefined) {
    const said = await saidSince();
    if (!ended && pid !== undefined) signal(pid, "SIGQUIT");
    if (/could not bind|could not create any TCP/.test(said)) throw new PortTakenError(`Port ${request.port} is taken`);
    throw new Error(startFailure(said, data, log));
  }
  return { pid, port: request.port, adopted: false, gone, stop: () => stopProcess(pid, gone) };
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}

/** A server that survived the kill of its parent, found by the pid file it left. */
export async function adoptServer(request: Omit<StartRequest, "port">): Promise<Server | undefined> {
  const found = await readPidFile(request.data);
  if (!found) return undefined;
  if (!(await isServerOf(found.pid, request.data))) {
    await rm(path.join(request.data, "postmaster.pid"), { force: true });
    return undefined;
  }
  if (!(await waitReady({ ...request, port: found.port }, () => !isAlive(found.pid)))) {
    if (!(await isServerOf(found.pid, request.data))) return undefined;
    throw new Error(
      `PostgreSQL process ${found.pid} in ${request.data} runs but does not answer on port ${found.port}: end it with "kill ${found.pid}" and start again`,
    );
  }
  const gone = watchProcess(found.pid, request.data);
  return { pid: found.pid, port: found.port, adopted: true, gone, stop: () => stopProcess(found.pid, gone) };
}

/** Ends whatever server still runs in a data directory that is about to be removed. */
export async function endSurvivor(data: string): Promise<void> {
  const found = await readPidFile(data);
  if (found && (await isServerOf(found.pid, data))) await stopProcess(found.pid, watchProcess(found.pid, data), "SIGQUIT");
}

async function waitReady(request: StartRequest, ended: () => boolean): Promise<boolean> {
  const deadline = Date.now() + (request.patience ?? 120_000);
  while (!ended() && Date.now() < deadline) {
    try {
      const { rows } = await withSession(
        { ...request.login, port: request.port },
        (client) =>
          client.query<{ ready: boolean }>("select not pg_is_in_recovery() and current_setting('data_directory') = $1 as ready", [
            request.data,
          ]),
        // A stranger on the port may accept and say nothing; a server on a busy machine may need a second.
        2_000,
      );
      if (rows[0]?.ready) return true;
    } catch {
      // Refused or still starting up: both pass, or the process ends.
    }
    await pause(25);
  }
  return false;
}

async function readPidFile(data: string): Promise<{ pid: number; port: number } | undefined> {
  try {
    // Line 1 is the pid, line 4 the port.
    const lines = (await readFile(path.join(data, "postmaster.pid"), "utf8")).split("\n");
    return { pid: Number(lines[0]), port: Number(lines[3]) };
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** A pid may belong to a stranger by now. Where the system tells a process's directory, it decides; elsewhere the server's own answer does. */
async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  return (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === data;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

/** For a process that is not our child. One that is dead and not yet reaped by its parent has no directory any more, and counts as gone. */
async function watchProcess(pid: number, data: string): Promise<void> {
  while (await isServerOf(pid, data)) await pause(50, undefined, { ref: false });
}

/** Fast shutdown, then an immediate one. 10 s is far above what a checkpoint of a demo database takes. */
async function stopProcess(pid: number, gone: Promise<void>, first: NodeJS.Signals = "SIGINT"): Promise<void> {
  signal(pid, first);
  const calm = new AbortController();
  const late = await Promise.race([gone.then(() => false), pause(10_000, true, { signal: calm.signal }).catch(() => false)]);
  calm.abort();
  if (late) signal(pid, "SIGQUIT");
  await gone;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isCode(error, "ESRCH")) throw error;
  }
}

function startFailure(said: string, data: string, log: ServerLog): string {
  const fatal = said.split("\n").filter((line) => /FATAL|PANIC|error while loading|No space left/.test(line));
  const why = fatal.at(-1) ?? said.trim().split("\n").at(-1) ?? "it said nothing";
  const advice = /No space left/.test(said) ? " Free some disk space and start again." : "";
  return `PostgreSQL in ${data} did not start: ${why}.${advice} Its log is ${log.startup}, then ${log.folder}`;
}

/**
 * A free port, asked for by name, so that the same name gets the same one again. Below the ephemeral range (32768 on Linux, 49152
 * elsewhere), so that no outgoing connection sits on it when a cluster comes back.
 */
export async function freePort(seed: string, taken: ReadonlySet<number>): Promise<number> {
  let hash = 0;
  for (const character of seed) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  for (let step = 0; step < 200; step++) {
    const port = 20_000 + ((hash + step * 7) % 10_000);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error("None of 200 ports between 20000 and 29999 is free on 127.0.0.1: stop what listens there and start again");
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
