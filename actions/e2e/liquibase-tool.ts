/** Liquibase from the Maven repository that this machine has, kept from run to run; or why this machine cannot have it. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { lackingIn } from "./spring-app.ts";

const cache = fileURLToPath(new URL("../../node_modules/.cache/holdfast", import.meta.url));
const run = promisify(execFile);

// The last of the open-source ones, and what its command line needs besides.
const ARTIFACTS = [
  "org.liquibase:liquibase-core:4.33.0",
  "info.picocli:picocli:4.7.7",
  "org.yaml:snakeyaml:2.4",
  "org.postgresql:postgresql:42.7.11",
];

export async function installLiquibase(): Promise<{ readonly libraries: string } | { readonly lacking: string }> {
  const home = path.join(cache, "liquibase-4.33.0");
  const libraries = path.join(home, "lib");
  if (existsSync(libraries)) return { libraries };
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(`${home}-`);
  try {
    const dependencies = ARTIFACTS.map((each) => each.split(":")).map(
      ([group, artifact, version]) =>
        `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
    );
    const project = "<modelVersion>4.0.0</modelVersion><groupId>holdfast</groupId><artifactId>liquibase</artifactId><version>1</version>";
    await writeFile(path.join(partial, "pom.xml"), `<project>${project}<dependencies>${dependencies.join("")}</dependencies></project>\n`);
    await run("mvn", ["-B", "-q", "-ntp", "dependency:copy-dependencies", "-DoutputDirectory=lib"], { cwd: partial });
    await rename(partial, home);
    return { libraries };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    const lacking = lackingIn(error);
    if (lacking !== null) return { lacking };
    // Another worker was faster.
    if (existsSync(libraries)) return { libraries };
    throw error;
  }
}

/** The command with its own options, as `holdfast.yml` would name it. */
export function liquibaseCommand(libraries: string, changelog: string, searchPath: string): readonly string[] {
  const main = "liquibase.integration.commandline.LiquibaseCommandLine";
  return ["java", "-cp", path.join(libraries, "*"), main, `--search-path=${searchPath}`, `--changelog-file=${changelog}`];
}

/** Liquibase itself, on a database; what it printed. */
export async function liquibase(
  command: readonly string[],
  address: string,
  user: { readonly user: string; readonly password: string },
  verb: string,
): Promise<string> {
  const [file = "", ...args] = command;
  const options = [`--url=${address}`, `--username=${user.user}`, `--password=${user.password}`, "--show-banner=false"];
  const { stdout, stderr } = await run(file, [...args, ...options, verb]);
  return `${stdout}${stderr}`;
}
