import { readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { exists } from "./engine.ts";

/** Segments of 1 MiB (initdb --wal-segsize=1) make a switch cheap: a demo archive of 4 MiB instead of 48. */
export const segmentMegabytes = 1;
/** A healthy archiver needs milliseconds, and seconds where many processes share a disk. */
const archivePatience = 30_000;
const segmentsPerLog = 0x1_0000_0000 / (segmentMegabytes * 1024 * 1024);
const segmentName = /^[0-9A-F]{24}$/;
const historyName = /^[0-9A-F]{8}\.history$/;

/** Waits until a segment has reached the archive. The archiver may rest for 60 s after a failure, so a longer silence is told, not waited for. */
export async function waitForSegment(archive: string, segment: string, patience = archivePatience, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    signal?.throwIfAborted();
    if (await exists(path.join(archive, segment))) return;
    if (Date.now() > deadline)
      throw new Error(
        `WAL segment ${segment} did not reach ${archive} within ${patience / 1000} s: see pg_stat_archiver and the server's log beside it`,
      );
    await pause(10);
  }
}

/**
 * The files of an archive from one segment to another, in order, with every timeline history. A gap is an error here, because
 * PostgreSQL would report it as a recovery target that was not reached, which hides the cause.
 */
export async function segmentsBetween(archive: string, first: string, last: string): Promise<string[]> {
  const names = await readdir(archive);
  const wanted = names
    .filter((name) => segmentName.test(name) && position(name) >= position(first) && position(name) <= position(last))
    .sort();
  const positions = new Set(wanted.map(position));
  for (let at = position(first); at <= position(last); at++) {
    if (!positions.has(at))
      throw new Error(`The archive ${archive} has a gap: segment number ${at} between ${first} and ${last} is missing`);
  }
  return [...names.filter((name) => historyName.test(name)), ...wanted];
}

/** Segments of the archive that come before the given one and that no later restore can need. */
export async function segmentsBefore(archive: string, first: string): Promise<string[]> {
  return (await readdir(archive)).filter((name) => segmentName.test(name) && position(name) < position(first));
}

function position(segment: string): number {
  return Number.parseInt(segment.slice(8, 16), 16) * segmentsPerLog + Number.parseInt(segment.slice(16), 16);
}
