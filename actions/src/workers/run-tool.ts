/**
 * Runs a team's own tool, which executes the team's code: in a process that is given none of this one's environment, with a time limit and a
 * bounded output, and where the machine allows it without a network and without sight of other processes.
 */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { redact, shorten } from "../domain/index.ts";

export interface ToolCall {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly network: "needed" | "taken away";
  readonly limitMs: number;
}

export type ToolEnd =
  /** `isolated`: the network was taken away. */
  | { readonly ok: true; readonly output: string; readonly isolated: boolean }
  | { readonly ok: false; readonly problem: string; readonly said: string };

// Rendered SQL of more than this is a dump.
const OUTPUT_LIMIT = 16 * 1024 * 1024;
// Enough for the end of a traceback.
const SAID_LIMIT = 64 * 1024;
const SHOWN_LINES = 12;
const SHOWN_CHARACTERS = 1_500;

export async function runTool({ command, environment, network, limitMs }: ToolCall): Promise<ToolEnd> {
  const [name = ""] = command;
  const shown = command.join(" ");
  const search = process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin";
  if (!(await isThere(name, search))) return { ok: false, problem: `\`${name}\` is not there: \`${shown}\` cannot be called`, said: "" };
  const home = await mkdtemp(path.join(tmpdir(), "holdfast-tool-"));
  const given = { LANG: "C.UTF-8", ...environment, PATH: search, HOME: home };
  try {
    const around = network === "needed" ? null : await wayAround(given, limitMs);
    const [file = name, ...args] = [...(around ?? []), ...command];
    const ended = await watch(file, args, given, limitMs);
    if (ended.reason !== null) return { ok: false, problem: `\`${shown}\` ${ended.reason}`, said: ended.said };
    return { ok: true, output: ended.output, isolated: around !== null };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** The last lines that a tool wrote, without what looks like a secret. */
export function lastLines(said: string): string {
  const lines = said.split("\n").filter((line) => /[^\s^~]/.test(line));
  const kept = redact(lines.slice(-SHOWN_LINES).join("\n"));
  return kept.length <= SHOWN_CHARACTERS ? kept : `… ${kept.slice(-SHOWN_CHARACTERS)}`;
}

async function isThere(name: string, search: string): Promise<boolean> {
  const places = name.includes("/") ? [name] : search.split(path.delimiter).map((folder) => path.join(folder, name));
  for (const place of places) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

const ALONE = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** How the network can be taken away here; null where nothing that is tried may do it. */
async function wayAround(given: Readonly<Record<string, string>>, limitMs: number): Promise<readonly string[] | null> {
  if (process.platform !== "linux") return null;
  const own = { uid: String(process.getuid?.() ?? 0), gid: String(process.getgid?.() ?? 0) };
  const ways = [
    ["unshare", "--user", "--map-current-user", ...ALONE, "--"],
    // Where users may not make namespaces, as on GitHub's machines, but may become root without a password. `env` because sudo hands on none of it,
    // `timeout` because nobody may end a process of root's.
    [
      ...[
        "sudo",
        "-n",
        "unshare",
        ...ALONE,
        "--",
        "setpriv",
        "--reuid",
        own.uid,
        "--regid",
        own.gid,
        "--clear-groups",
        "--no-new-privs",
        "--",
      ],
      ...["timeout", "-s", "KILL", String(Math.ceil(limitMs / 1000)), "env", "-i"],
      ...Object.entries(given).map(([name, value]) => `${name}=${value}`),
    ],
  ];
  for (const way of ways) {
    const [file = "", ...args] = [...way, "true"];
    if ((await watch(file, args, given, limitMs)).reason === null) return way;
  }
  return null;
}

interface Watched {
  readonly output: string;
  readonly said: string;
  /** Why it is no success, as the end of a sentence. */
  readonly reason: string | null;
}

function watch(file: string, args: readonly string[], env: Readonly<Record<string, string>>, limitMs: number): Promise<Watched> {
  return new Promise((resolve) => {
    // A group of its own, so that nothing that it starts outlives it.
    const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const output: Buffer[] = [];
    let size = 0;
    let said = "";
    let stopped: string | null = null;
    const stop = (why: string) => {
      stopped ??= why;
      end(child.pid);
    };
    const timer = setTimeout(() => stop(`was not over after ${Math.round(limitMs / 1000)} s`), limitMs);
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > OUTPUT_LIMIT) stop(`wrote more than ${OUTPUT_LIMIT} bytes`);
      else output.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-SAID_LIMIT);
    });
    const finish = (reason: string | null) => {
      clearTimeout(timer);
      end(child.pid);
      resolve({ output: Buffer.concat(output).toString("utf8"), said, reason: stopped ?? reason });
    };
    child.once("error", (error) => finish(`could not be started: ${shorten(error.message, 200)}`));
    child.once("close", (code, signal) => finish(code === 0 ? null : `ended with ${code === null ? signal : `status ${code}`}`));
  });
}

function end(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is over already, or it is root's and ends by its own limit.
  }
}
