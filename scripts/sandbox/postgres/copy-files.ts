import { constants, copyFile, mkdir, readdir, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { isCode } from "./engine.ts";
import { giveTo, type Owner } from "./owner.ts";

/** Directories whose content is rebuilt or replayed: a copy keeps them, empty (PostgreSQL manual, "Making a base backup"). */
const emptied = new Set(["pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"]);
const skipped = /^(postmaster\.(pid|opts)|backup_label.*|tablespace_map.*|pg_internal\.init.*|pgsql_tmp.*|.*\.signal)$/;
/** libuv runs four file operations at a time; a few more keep its queue filled. */
const concurrency = 8;

/**
 * Copies a data directory, running or not, without its WAL. Written here because fs.cp ends at the first file that vanishes, and in a
 * running cluster files do. global/pg_control goes last, as the manual asks. Returns the bytes copied.
 */
export async function copyDataDirectory(from: string, to: string, owner: Owner | undefined): Promise<number> {
  const files: string[] = [];
  await collect(from, to, "", files, owner);
  const control = path.join("global", "pg_control");
  const bytes = await copyAll(
    from,
    to,
    files.filter((file) => file !== control),
    owner,
  );
  return bytes + (await copyAll(from, to, [control], owner));
}

async function collect(from: string, to: string, relative: string, files: string[], owner: Owner | undefined): Promise<void> {
  const target = path.join(to, relative);
  await mkdir(target, { recursive: true, mode: 0o700 });
  await giveTo(owner, target);
  if (emptied.has(relative)) {
    if (relative !== "pg_wal") return;
    const status = path.join(target, "archive_status");
    await mkdir(status, { mode: 0o700 });
    return giveTo(owner, status);
  }
  for (const entry of await readdir(path.join(from, relative), { withFileTypes: true })) {
    const child = path.join(relative, entry.name);
    if (skipped.test(entry.name)) continue;
    if (entry.isSymbolicLink())
      throw new Error(`${path.join(from, child)} is a link: tablespaces outside of the data directory are not served`);
    if (entry.isDirectory()) await collect(from, to, child, files, owner);
    else files.push(child);
  }
}

/** Left free beside a copy: WAL and temporary files of the servers on the same disk, which a full one would bring down. */
const reserve = 64 * 1024 * 1024;

export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes + reserve) return;
  const megabytes = (count: number) => `${Math.ceil(count / 1024 / 1024)} MiB`;
  throw new Error(
    `The disk that holds ${folder} has ${megabytes(free)} free and ${megabytes(bytes + reserve)} are needed: free some space, or delete old snapshots and clusters`,
  );
}

/** Copies named files, whichever of them still exist, cloning blocks where the file system can. Never hard links: postgres recycles segments in place. */
export async function copyAll(from: string, to: string, files: readonly string[], owner: Owner | undefined): Promise<number> {
  let next = 0;
  let bytes = 0;
  const worker = async () => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      const target = path.join(to, file);
      try {
        await copyFile(path.join(from, file), target, constants.COPYFILE_FICLONE);
      } catch (error) {
        if (isCode(error, "ENOENT")) continue;
        if (isCode(error, "ENOSPC"))
          throw new Error(`The disk that holds ${to} is full: free some space, or delete old snapshots and clusters`, { cause: error });
        throw error;
      }
      await giveTo(owner, target);
      const { size } = await stat(target);
      bytes += size;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return bytes;
}
