/** The example application of docs/examples/flask, installed from the index that this machine has and run for real. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const folder = fileURLToPath(new URL("../../docs/examples/flask", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache/holdfast", import.meta.url));
const pipOptions = ["--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "30", "-r"];
const run = promisify(execFile);

export interface Python {
  readonly python: string;
}

/** A virtual environment with the example's requirements, kept from run to run; or why this machine cannot have one. */
export async function installFlask(): Promise<Python | { readonly lacking: string }> {
  const pins = createHash("sha256");
  for (const name of ["requirements.txt", "requirements-postgresql.txt", "requirements-migrations.txt"])
    pins.update(await readFile(path.join(folder, name)));
  const home = path.join(cache, `flask-${pins.digest("hex").slice(0, 16)}`);
  const python = path.join(home, "bin", "python");
  if (existsSync(python)) return { python };
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(`${home}-`);
  try {
    await run("python3", ["-m", "venv", partial]);
    await run(path.join(partial, "bin", "python"), [
      "-m",
      "pip",
      "install",
      ...pipOptions,
      path.join(folder, "requirements-migrations.txt"),
    ]);
    // Moved into place whole, so that a run that is killed leaves nothing that looks complete.
    await rename(partial, home);
    return { python };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    const lacking = lackingIn(error);
    if (lacking !== null) return { lacking };
    // Another worker was faster.
    if (existsSync(python)) return { python };
    throw error;
  }
}

/** Only what a machine may lack: a pin that an index does not know is the example's own fault and fails the test. */
function lackingIn(error: unknown): string | null {
  const said = String(error);
  if (/ENOENT/.test(said)) return "python3 is not installed";
  if (/ensurepip is not available|No module named (venv|pip)/.test(said)) return "python3 has no venv or pip";
  if (/from versions: none|NewConnectionError|ConnectTimeout|Read timed out|name resolution/.test(said))
    return "no package index is reachable";
  return null;
}

export interface FlaskApp {
  readonly url: string;
  /** What it printed, both streams as a container would have them. */
  readonly log: string;
  stop(): Promise<void>;
}

export interface FlaskSetting {
  readonly python: string;
  readonly state: string;
  readonly server: "werkzeug" | "gunicorn";
  /** As SQLAlchemy writes it. */
  readonly database: string;
}

/** Behind one proxy, so that a client can come from any address. */
export async function startFlask({ python, state, server, database }: FlaskSetting): Promise<FlaskApp> {
  const port = await freePort();
  const log = path.join(state, `${server}.log`);
  const env = environment(database);
  const args =
    server === "werkzeug"
      ? ["-m", "flask", "run", "--port", String(port)]
      : ["-m", "gunicorn", "app:create_app()", "--access-logfile", "-", "--bind", `127.0.0.1:${port}`];
  const child = spawn(python, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const file = createWriteStream(log, { flags: "a" });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const closed = new Promise<void>((resolve) => child.once("close", () => file.end(resolve)));
  const url = `http://127.0.0.1:${port}`;
  await answering(url, child, log);
  return {
    url,
    log,
    async stop() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}

/** Alembic itself, on the database of an address as SQLAlchemy writes it; what it printed. */
export async function alembic(python: string, database: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(python, ["-m", "alembic", "-c", path.join(folder, "alembic.ini"), ...args], {
    env: environment(database),
  });
  return `${stdout}${stderr}`;
}

export async function createAdmin({ python, database }: FlaskSetting, name: string, password: string): Promise<void> {
  const running = run(python, ["-m", "flask", "create-admin", name], { cwd: folder, env: environment(database) });
  running.child.stdin?.end(`${password}\n`);
  await running;
}

function environment(database: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    // As in a container: the development server writes local time without a zone.
    TZ: "UTC",
    PYTHONDONTWRITEBYTECODE: "1",
    // A busy machine must not stretch a minute's worth of logins over two.
    PASSWORD_METHOD: "pbkdf2:sha256:1000",
    SECRET_KEY: randomBytes(16).toString("hex"),
    DATABASE_URL: database,
    TRUSTED_PROXIES: "1",
  };
}

async function answering(url: string, child: ChildProcess, log: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The Flask example ended with ${child.exitCode}:\n${await readFile(log, "utf8")}`);
    const up = await fetch(`${url}/logout`, { method: "POST" }).then(
      () => true,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

/** One person's session with the application, from one address. */
export class Visitor {
  readonly #url: string;
  readonly #ip: string;
  #cookie = "";

  constructor(app: FlaskApp, ip: string) {
    this.#url = app.url;
    this.#ip = ip;
  }

  /** What proves who it is, for a program that acts in its name. */
  get cookie(): string {
    return this.#cookie;
  }

  async send(method: string, where: string, body?: unknown): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await fetch(this.#url + where, {
      method,
      headers: { "content-type": "application/json", "x-forwarded-for": this.#ip, cookie: this.#cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    this.#cookie = answer.headers.getSetCookie().at(-1)?.split(";")[0] ?? this.#cookie;
    return { status: answer.status, text: await answer.text() };
  }

  /** For what has to go as expected before anything after it makes sense. */
  async must(status: number, method: string, where: string, body?: unknown): Promise<string> {
    const answer = await this.send(method, where, body);
    if (answer.status !== status) throw new Error(`${method} ${where} answered ${answer.status}, not ${status}: ${answer.text}`);
    return answer.text;
  }

  login(status: number, name: string, password: string): Promise<string> {
    return this.must(status, "POST", "/login", { name, password });
  }
}
