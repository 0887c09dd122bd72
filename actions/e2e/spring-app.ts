/** The example application of docs/examples/spring, built by Maven from the repository that this machine has and run for real. */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { until } from "../../scripts/testing/patience.ts";

const folder = fileURLToPath(new URL("../../docs/examples/spring", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache/holdfast", import.meta.url));
const runFlyway = fileURLToPath(new URL("RunFlyway.java", import.meta.url));
const run = promisify(execFile);

export interface Spring {
  readonly jar: string;
  /** What it is made of, Flyway among it. */
  readonly libraries: string;
}

/** The example as a jar, kept from run to run; or why this machine cannot have one. */
export async function installSpring(): Promise<Spring | { readonly lacking: string }> {
  const home = path.join(cache, `spring-${(await digestOfFolder()).slice(0, 16)}`);
  const built = { jar: path.join(home, "users.jar"), libraries: path.join(home, "BOOT-INF", "lib") };
  if (existsSync(built.jar)) return built;
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(`${home}-`);
  try {
    await cp(folder, path.join(partial, "source"), { recursive: true, filter: (each) => path.basename(each) !== "target" });
    await run("mvn", ["-B", "-q", "-ntp", "package"], { cwd: path.join(partial, "source") });
    await rename(path.join(partial, "source", "target", "users.jar"), path.join(partial, "users.jar"));
    await run("jar", ["xf", "users.jar", "BOOT-INF/lib"], { cwd: partial });
    await rm(path.join(partial, "source"), { recursive: true });
    // Moved into place whole, so that a run that is killed leaves nothing that looks complete.
    await rename(partial, home);
    return built;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    const lacking = lackingIn(error);
    if (lacking !== null) return { lacking };
    // Another worker was faster.
    if (existsSync(built.jar)) return built;
    throw error;
  }
}

async function digestOfFolder(): Promise<string> {
  const digest = createHash("sha256");
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile())
    .map((each) => path.relative(folder, path.join(each.parentPath, each.name)))
    .filter((name) => name === "pom.xml" || name.startsWith("src"));
  for (const name of names.toSorted()) digest.update(name).update(await readFile(path.join(folder, name)));
  return digest.digest("hex");
}

/** Only what a machine may lack: a version that the repository does not know is the example's own fault and fails the test. */
export function lackingIn(error: unknown): string | null {
  const said = `${error} ${typeof error === "object" && error !== null && "stdout" in error ? error.stdout : ""}`;
  if (/ENOENT|JAVA_HOME|No compiler is provided/.test(said)) return "Maven or a JDK is not installed";
  if (/release version 17 not supported/.test(said)) return "the JDK is older than 17";
  if (/Unknown host|UnknownHostException|Connection refused|Connection timed out|Connect timed out|Network is unreachable/.test(said))
    return "no Maven repository is reachable";
  return null;
}

/** Flyway itself, of the version that the example uses; what it answered to each command. */
export async function flyway(
  { libraries }: Spring,
  address: string,
  user: { readonly user: string; readonly password: string },
  directory: string,
  ...commands: readonly ("migrate" | "validate" | "info")[]
): Promise<readonly string[]> {
  const args = ["-cp", path.join(libraries, "*"), runFlyway, address, user.user, user.password, directory, ...commands];
  const { stdout } = await run("java", args);
  return stdout.split("\n").flatMap((line) => (line.startsWith("== ") ? [line.slice(3).trim()] : []));
}

export interface SpringApp {
  readonly url: string;
  /** What it printed, both streams as a container would have them. */
  readonly log: string;
  stop(): Promise<void>;
}

export interface SpringSetting {
  readonly spring: Spring;
  readonly state: string;
  /** As JDBC writes it. */
  readonly database: string;
  readonly user: { readonly user: string; readonly password: string };
}

/** Behind one proxy, so that a client can come from any address. Throws with what it printed where it does not start. */
export async function startSpring({ spring, state, database, user }: SpringSetting): Promise<SpringApp> {
  const log = path.join(state, "spring.log");
  const child = spawn("java", ["-jar", spring.jar, "--server.port=0"], {
    env: environment(database, user),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const file = createWriteStream(log, { flags: "a" });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  let over = false;
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => {
      over = true;
      file.end(resolve);
    });
  });
  const port = await until("the Spring example answers", async () => {
    const said = await readFile(log, "utf8").catch(() => "");
    if (over) throw new Error(`The Spring example ended with ${child.exitCode}:\n${said}`);
    return /Started App in /.test(said) ? (/Tomcat started on port (\d+)/.exec(said)?.[1] ?? null) : null;
  });
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    async stop() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}

export async function createSpringAdmin({ spring, database, user }: SpringSetting, name: string, password: string): Promise<void> {
  const running = run("java", ["-jar", spring.jar, "create-admin", name], { env: environment(database, user) });
  running.child.stdin?.end(`${password}\n`);
  await running;
}

function environment(database: string, { user, password }: SpringSetting["user"]): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    TZ: "UTC",
    DATABASE_URL: database,
    DATABASE_USER: user,
    DATABASE_PASSWORD: password,
    FORWARD_HEADERS: "native",
  };
}
