import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { isCode } from "./engine.ts";

/** Where a server writes: what it says before its own log collector runs, and the hourly files of that. */
export interface ServerLog {
  readonly startup: string;
  readonly folder: string;
}

export interface LogFile {
  readonly name: string;
  readonly size: number;
  readonly writtenAt: Date;
}

/** Aurora's `rds.log_retention_period` unless changed: 4,320 minutes. */
const retention = 4_320 * 60_000;
/** Aurora lets old files go early where space is short; about two days of the demo's statements. */
const retainedBytes = 256 * 1024 * 1024;

/** The files of the log collector, oldest first: their names hold the time they begin at. */
export async function logFilesIn(folder: string): Promise<readonly LogFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    // A server that was adopted from before there was a log collector.
    if (isCode(error, "ENOENT")) return [];
    throw error;
  });
  const found = await Promise.all(names.sort().map((name) => logFile(folder, name)));
  return found.flatMap((each) => each ?? []);
}

/** Nothing where the file has gone, as old ones do at any moment. */
export async function logFile(folder: string, name: string): Promise<LogFile | undefined> {
  try {
    const { size, mtime } = await stat(path.join(folder, name));
    return { name, size, writtenAt: mtime };
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

export async function readBytes(file: string, start: number, length: number): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Lets go of what is past its retention, never of the newest file. */
export async function removeOldLogs(folder: string, now: Date): Promise<void> {
  const [, ...older] = [...(await logFilesIn(folder))].reverse();
  let bytes = 0;
  for (const { name, size, writtenAt } of older) {
    bytes += size;
    if (bytes > retainedBytes || now.getTime() - writtenAt.getTime() > retention) await rm(path.join(folder, name), { force: true });
  }
}

/** Remembers how far a log reaches; the function it returns gives what was written since. */
export async function markLog(log: ServerLog): Promise<() => Promise<string>> {
  const { size: startupSize } = (await logFile(path.dirname(log.startup), path.basename(log.startup))) ?? { size: 0 };
  const before = new Map((await logFilesIn(log.folder)).map(({ name, size }) => [name, size]));
  const since = async (file: string, from: number) => (await readFile(file)).subarray(from).toString();
  return async () => {
    const files = await logFilesIn(log.folder);
    const collected = await Promise.all(files.map(({ name }) => since(path.join(log.folder, name), before.get(name) ?? 0)));
    return [await since(log.startup, startupSize), ...collected].join("");
  };
}
