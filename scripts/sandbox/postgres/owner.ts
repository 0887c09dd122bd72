import { createHash } from "node:crypto";
import { chmod, lchown, lstat, mkdir, readdir, readFile, readlink, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";

/** The unprivileged user that PostgreSQL runs as when this process is root. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Names the link that leads to a folder, by which a folder without one is known. */
const originFile = "origin";
/** Where data goes when the state folder lies below a directory that only root may enter. */
const reachableRoots = ["/var/lib/holdfast", "/tmp/holdfast"];

export async function unprivilegedOwner(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  // initdb looks its own user up by name, so an arbitrary uid will not do.
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  for (const name of ["nobody", "postgres"]) {
    const fields = passwd
      .split("\n")
      .find((line) => line.startsWith(`${name}:`))
      ?.split(":");
    // macOS writes nobody as -2.
    if (fields) return { uid: Number(fields[2]) >>> 0, gid: Number(fields[3]) >>> 0 };
  }
  throw new Error("PostgreSQL refuses to run as root and /etc/passwd has neither nobody nor postgres: run this as an ordinary user");
}

export async function reachableBy(target: string, owner: Owner | undefined): Promise<boolean> {
  if (!owner) return true;
  for (let directory = await realpath(target); ; directory = path.dirname(directory)) {
    const { uid, gid, mode } = await stat(directory);
    const enter = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & enter) === 0) return false;
    if (directory === path.dirname(directory)) return true;
  }
}

/**
 * The folder that holds clusters, archives and snapshots: `postgres` below the state folder, or, where a parent of that is closed to
 * the unprivileged user, a link there to a folder that is open. `survivor` is told of a folder whose state was wiped, before it goes.
 */
export async function prepareHome(state: string, owner: Owner | undefined, survivor: (home: string) => Promise<void>): Promise<string> {
  const home = path.join(state, "postgres");
  await mkdir(state, { recursive: true });
  if (owner) await chmod(state, (await stat(state)).mode | 0o011);
  if (!(await reachableBy(state, owner))) await linkElsewhere(home, survivor);
  await mkdir(home, { recursive: true });
  const real = await realpath(home);
  if (owner) {
    await chmod(real, 0o711);
    if (!(await reachableBy(real, owner)))
      throw new Error(`${real} cannot be entered by uid ${owner.uid}: choose a state folder outside of closed directories`);
  }
  return real;
}

async function linkElsewhere(home: string, survivor: (home: string) => Promise<void>): Promise<void> {
  const root = await firstCreatable(reachableRoots);
  await sweep(root, survivor);
  if (await lstat(home).catch(() => undefined)) return;
  const open = path.join(root, createHash("sha256").update(home).digest("hex").slice(0, 16));
  await mkdir(open, { mode: 0o711 });
  await writeFile(path.join(open, originFile), home);
  await symlink(open, home, "dir");
}

/** Removes what belonged to state folders that were wiped since, and with them the link. */
async function sweep(root: string, survivor: (home: string) => Promise<void>): Promise<void> {
  for (const name of await readdir(root)) {
    const folder = path.join(root, name);
    const origin = await readFile(path.join(folder, originFile), "utf8").catch(() => undefined);
    if (origin === undefined || (await readlink(origin).catch(() => undefined)) === folder) continue;
    await survivor(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

async function firstCreatable(candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) {
    try {
      await mkdir(candidate, { recursive: true, mode: 0o755 });
      if ((await stat(candidate)).uid === process.getuid?.()) return candidate;
    } catch {
      // The next candidate may be writable.
    }
  }
  throw new Error(`Neither of ${candidates.join(", ")} can be created: choose a state folder outside of closed directories`);
}

/** Names a copy of a file's package by size and time, so that an upgrade is copied anew. */
export async function fileStamp(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  return createHash("sha256").update(`${file}:${size}:${mtimeMs}`).digest("hex").slice(0, 12);
}

export async function giveTo(owner: Owner | undefined, ...files: readonly string[]): Promise<void> {
  if (owner) await Promise.all(files.map((file) => lchown(file, owner.uid, owner.gid)));
}
