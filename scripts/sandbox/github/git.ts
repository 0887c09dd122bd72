import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** Git plumbing on one bare repository. Reads go through one long-lived `cat-file --batch`; everything else is one process per call. */

export interface GitObject {
  readonly sha: string;
  readonly type: "blob" | "tree" | "commit" | "tag";
  readonly content: Buffer;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

export class GitFailure extends Error {
  override readonly name = "GitFailure";
  readonly code: number | null;

  constructor(args: readonly string[], code: number | null, stderr: string) {
    super(`git ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
    this.code = code;
  }
}

export interface Git {
  readonly dir: string;
  /** Any object a revision expression names (`refs/heads/main`, `<sha>:path`, `<sha>^{tree}`), or null. */
  read(expression: string): Promise<GitObject | null>;
  run(args: readonly string[], options?: RunOptions): Promise<Buffer>;
  text(args: readonly string[], options?: RunOptions): Promise<string>;
  close(): Promise<void>;
}

// Nothing of the person's own git setup may change what the sandbox stores (signing, autocrlf, hooks, global ignores).
// No fsync: a killed process loses nothing that the kernel already has.
const settings = ["-c", "core.fsync=none", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "commit.gpgSign=false"];

function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
  return {
    ...own,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_LITERAL_PATHSPECS: "1",
    LC_ALL: "C",
    ...extra,
  };
}

const objectTypes = ["blob", "tree", "commit", "tag"] as const;

export function openGit(dir: string): Git {
  let reader: BatchReader | null = null;

  const run = (args: readonly string[], options: RunOptions = {}): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const child = spawn("git", [...settings, `--git-dir=${dir}`, ...(options.args ?? []), ...args], { env: environment(options.env) });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
      child.on("error", reject);
      // A process that refuses its input early closes the pipe; its exit code says why.
      child.stdin.on("error", () => undefined);
      child.on("close", (code) =>
        code === 0 ? resolve(Buffer.concat(out)) : reject(new GitFailure(args, code, Buffer.concat(err).toString())),
      );
      child.stdin.end(options.input ?? "");
    });

  return {
    dir,
    run,
    text: async (args, options) => (await run(args, options)).toString().trim(),
    read(expression) {
      // A line break would smuggle a second question into the batch and shift every later answer.
      if (/[\r\n\0]/.test(expression)) return Promise.resolve(null);
      if (reader === null || reader.ended()) {
        reader = openBatch(spawn("git", [...settings, `--git-dir=${dir}`, "cat-file", "--batch"], { env: environment() }));
      }
      return reader.ask(expression);
    },
    async close() {
      await reader?.close();
    },
  };
}

interface BatchReader {
  ask(expression: string): Promise<GitObject | null>;
  ended(): boolean;
  close(): Promise<void>;
}

function openBatch(child: ChildProcessWithoutNullStreams): BatchReader {
  const waiting: { resolve(found: GitObject | null): void; reject(reason: Error): void }[] = [];
  let pending: Buffer = Buffer.alloc(0);
  let ended = false;
  const gone = new Promise<void>((resolve) => child.on("close", () => resolve()));

  const drain = () => {
    for (;;) {
      const end = pending.indexOf(10);
      if (end === -1) return;
      const header = pending.subarray(0, end).toString();
      const match = /^([0-9a-f]{40}) (\w+) (\d+)$/.exec(header);
      if (match === null) {
        pending = pending.subarray(end + 1);
        waiting.shift()?.resolve(null);
        continue;
      }
      const [, sha = "", name = "", digits = "0"] = match;
      const size = Number(digits);
      if (pending.length < end + size + 2) return;
      const content = Buffer.from(pending.subarray(end + 1, end + 1 + size));
      pending = pending.subarray(end + size + 2);
      const type = objectTypes.find((known) => known === name);
      waiting.shift()?.resolve(type === undefined ? null : { sha, type, content });
    }
  };
  child.stdout.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    drain();
  });
  child.stdin.on("error", () => undefined);
  child.stderr.on("data", () => undefined);
  const fail = () => {
    ended = true;
    for (const { reject } of waiting.splice(0)) reject(new Error("git cat-file ended before it answered"));
  };
  child.on("error", fail);
  child.on("close", fail);

  return {
    ask: (expression) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${expression}\n`);
      }),
    ended: () => ended,
    async close() {
      child.stdin.end();
      await gone;
    },
  };
}
