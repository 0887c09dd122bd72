import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Alert, alertSchema } from "../src/domain/index.ts";

const COMMAND = fileURLToPath(new URL("../bin/holdfast.js", import.meta.url));

/** A folder in which the built collector runs as people run it, is ended or killed, and begins again. */
export interface CollectorPlace {
  readonly folder: string;
  start(args?: readonly string[], env?: Readonly<Record<string, string>>): RunningCollector;
  /** Every whole line of alerts.jsonl. */
  alerts(): readonly Alert[];
  opened(): readonly string[];
  close(): Promise<void>;
}

export interface RunningCollector {
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code and what it printed. */
  end(): Promise<{ readonly code: number | null; readonly printed: string }>;
  readonly done: Promise<{ readonly code: number | null; readonly printed: string }>;
}

export function openCollectorPlace(config: string): CollectorPlace {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-collector-"));
  writeFileSync(join(folder, "holdfast.yml"), config);
  mkdirSync(join(folder, "app"));
  const file = join(folder, "alerts", "alerts.jsonl");
  const running = new Set<ChildProcess>();

  const alerts = (): readonly Alert[] => {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    return text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => alertSchema.parse(JSON.parse(line)));
  };
  return {
    folder,
    start(args = [], env = {}) {
      const child = spawn(process.execPath, [COMMAND, "collect", ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH ?? "", ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      running.add(child);
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk) => {
          printed += chunk;
        });
      }
      const done = new Promise<{ code: number | null; printed: string }>((resolve) =>
        child.once("close", (code) => {
          running.delete(child);
          resolve({ code, printed });
        }),
      );
      return {
        done,
        async kill() {
          child.kill("SIGKILL");
          await done;
        },
        async end() {
          child.kill("SIGTERM");
          return done;
        },
      };
    },
    alerts,
    opened: () => alerts().flatMap((alert) => (alert.transition === "opened" ? [alert.key] : [])),
    async close() {
      for (const child of running) child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not come within ${limitMs / 1000} s`);
    await pause(25);
  }
}

/** Five failed logins from an address of its own, as a JSON logger writes them: exactly one alert. */
export function failedLogins(ip: string, at = Date.now()): readonly string[] {
  return Array.from({ length: 5 }, (_, index) =>
    JSON.stringify({
      event: "auth.login_failed",
      // Of accounts that are used once: the rule about accounts is not meant.
      user: `${ip}-${index}`,
      ip,
      level: "warning",
      timestamp: new Date(at + index).toISOString(),
    }),
  );
}
