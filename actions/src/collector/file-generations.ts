/** A log file under one name is several files over time. This finds the ones that still hold unread lines after a rotation. */
import { type FileHandle, open, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

// Enough to tell two log files apart: a time stamp with milliseconds and some text.
const FINGERPRINT_BYTES = 256;

/** Which file it was and how it began: an inode alone is given to the next file once the first is deleted. */
export interface FileIdentity {
  readonly inode: number;
  /** The first bytes, base64. */
  readonly head: string;
}

export async function readHead(handle: FileHandle): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(FINGERPRINT_BYTES), 0, FINGERPRINT_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

/** Whether a file that begins with `head` may be the one that once began with `remembered`: it may have grown since. */
export function beginsAlike(head: Buffer, remembered: Buffer): boolean {
  return head.length >= remembered.length && head.subarray(0, remembered.length).equals(remembered);
}

export interface Generation {
  readonly path: string;
  readonly inode: number;
}

export interface OlderGenerations {
  /** Files to read before the one under the name, oldest first; the first of them is the remembered one, or its copy. */
  readonly files: readonly Generation[];
  /** Whether the remembered file is still there, under its name or another. */
  readonly found: boolean;
}

/** Looks for the remembered file, read up to `offset`, beside `path`, and for what was rotated away after it. */
export async function olderGenerations(path: string, remembered: FileIdentity, offset: number): Promise<OlderGenerations> {
  const head = Buffer.from(remembered.head, "base64");
  const living = await identify(path);
  if (living?.inode === remembered.inode && living.size >= offset && beginsAlike(living.head, head)) return { files: [], found: true };
  const rotated = await rotatedFiles(path);
  // A copy (logrotate's copytruncate) has another inode but begins alike; two short beginnings prove nothing.
  const index = rotated.findLastIndex(
    (each) => each.size >= offset && beginsAlike(each.head, head) && (each.inode === remembered.inode || head.length >= TELLING_BYTES),
  );
  return index === -1 ? { files: [], found: false } : { files: rotated.slice(index), found: true };
}

interface Facts extends Generation {
  readonly size: number;
  readonly changedAt: number;
  readonly head: Buffer;
}

async function identify(path: string): Promise<Facts | null> {
  let handle: FileHandle;
  try {
    handle = await open(path);
  } catch {
    return null;
  }
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) return null;
    return { path, inode: facts.ino, size: facts.size, changedAt: facts.mtimeMs, head: await readHead(handle) };
  } finally {
    await handle.close();
  }
}

// Two dates and some words; below this, two different logs may well begin with the same banner.
const TELLING_BYTES = 64;
const COMPRESSED = /\.(gz|bz2|xz|zst|lz4|zip)$/;

/** `app.log.1`, `app.log-20261120`: oldest first by when they were last written. */
async function rotatedFiles(path: string): Promise<readonly Facts[]> {
  const folder = dirname(path);
  const name = basename(path);
  const names = await readdir(folder).catch(() => []);
  const found: Facts[] = [];
  for (const each of names) {
    if (!each.startsWith(name) || !/^[.-]/.test(each.slice(name.length)) || COMPRESSED.test(each)) continue;
    const facts = await identify(join(folder, each));
    if (facts !== null) found.push(facts);
  }
  return found.toSorted((a, b) => a.changedAt - b.changedAt);
}
