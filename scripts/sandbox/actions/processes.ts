/** Children of the runner: each in a process group of its own, remembered on disk so that a later life of the sandbox can end what a killed one left. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Grace {
  /** Milliseconds from SIGINT to SIGTERM. */
  readonly interrupt: number;
  /** Milliseconds from SIGTERM to the end of the whole group. */
  readonly terminate: number;
}

/** What GitHub's runner gives a process that is told to stop. */
export const GITHUB_GRACE: Grace = { interrupt: 7500, terminate: 2500 };

/** A daemon that a step left behind may hold its output open for ever; the step ends this long after its own process did. */
const OUTPUT_GRACE_MS = 1000;

/** A child begins only when its number is on disk; if the sandbox dies before that, the gate closes and nothing has been started. */
const GATE = 'read -r _ || exit 1; exec "$@" < /dev/null';

interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The job it belongs to. */
  readonly owner: string;
  /** Asks it to stop: SIGINT, then SIGTERM to the process itself, at last SIGKILL to its whole group. */
  readonly signal: AbortSignal;
  readonly grace: Grace;
  onLine(line: string): void;
}

export interface Processes {
  /** Resolves with the exit code, or the name of the signal that ended it. */
  run(request: ProcessRequest): Promise<number | NodeJS.Signals>;
  /** Ends what a job left behind, with no grace. */
  kill(owner: string): void;
  /** Ends everything and starts nothing more. */
  close(): void;
  /** Ends groups of processes started by a former life of the sandbox. */
  killOrphans(): void;
}

function groupExists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

/** A process number is used again after a while; together with its start time it names one process only. */
function startedAt(pid: number): string | null {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return null;
  }
}

export function createProcesses(folder: string): Processes {
  mkdirSync(folder, { recursive: true });
  const mine = new Map<number, string>();
  let closed = false;

  const killOwned = (owner: string): void => {
    for (const [pid, itsOwner] of mine) {
      if (owner !== itsOwner) continue;
      signalQuietly(-pid, "SIGKILL");
      mine.delete(pid);
      rmSync(join(folder, String(pid)), { force: true });
    }
  };

  const forget = (pid: number): void => {
    // Background children of a step live on until the job ends, so the group is remembered as long as it has members.
    if (groupExists(pid)) return;
    mine.delete(pid);
    rmSync(join(folder, String(pid)), { force: true });
  };

  const stopSlowly = (child: ChildProcess, pid: number, grace: Grace): (() => void) => {
    signalQuietly(pid, "SIGINT");
    const timers = [
      setTimeout(() => signalQuietly(pid, "SIGTERM"), grace.interrupt),
      setTimeout(() => signalQuietly(-pid, "SIGKILL"), grace.interrupt + grace.terminate),
    ];
    return () => {
      for (const timer of timers) clearTimeout(timer);
      if (child.exitCode !== null || child.signalCode !== null) signalQuietly(-pid, "SIGKILL");
    };
  };

  return {
    run({ command, args, cwd, env, owner, signal, grace, onLine }) {
      // Otherwise the system would blame the program for the folder that is missing.
      if (!existsSync(cwd)) return Promise.reject(new Error(`the working directory ${cwd} does not exist`));
      if (closed) return Promise.reject(new Error("the runner is closed"));
      return new Promise((resolve, reject) => {
        const child = spawn("/bin/sh", ["-c", GATE, "sh", command, ...args], { cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
        const { pid, stdin, stdout, stderr } = child;
        if (pid === undefined) {
          child.once("error", reject);
          return;
        }
        mine.set(pid, owner);
        writeFileSync(join(folder, String(pid)), startedAt(pid) ?? "");
        // The child may have been killed at the gate.
        stdin.on("error", () => {});
        stdin.end("\n");
        const readers = [stdout, stderr].map((stream) => {
          const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
          reader.on("line", onLine);
          stream.once("close", () => reader.close());
          return new Promise<void>((closed) => reader.once("close", closed));
        });
        let finishStopping: (() => void) | null = null;
        const stop = (): void => {
          finishStopping = stopSlowly(child, pid, grace);
        };
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop, { once: true });
        child.once("exit", (code, endedBy) => {
          signal.removeEventListener("abort", stop);
          finishStopping?.();
          const patience = setTimeout(() => {
            stdout.destroy();
            stderr.destroy();
          }, OUTPUT_GRACE_MS);
          void Promise.all(readers).then(() => {
            clearTimeout(patience);
            forget(pid);
            resolve(code ?? endedBy ?? "SIGKILL");
          });
        });
      });
    },
    kill: killOwned,
    close() {
      closed = true;
      for (const owner of new Set(mine.values())) killOwned(owner);
    },
    killOrphans() {
      for (const name of readdirSync(folder)) {
        const pid = Number(name);
        if (mine.has(pid)) continue;
        const started = startedAt(pid);
        const known = readFileSync(join(folder, name), "utf8");
        // The leader may be gone while its children run on; a leader with another start time is a stranger.
        if (started === null || started === known) signalQuietly(-pid, "SIGKILL");
        rmSync(join(folder, name), { force: true });
      }
    },
  };
}
