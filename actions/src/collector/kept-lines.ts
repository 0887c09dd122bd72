/**
 * The lines as they came, kept under a folder: one series of files a source, each named for when it was begun, bounded in size and age. They are
 * written before they are judged and hold whatever the application logged, secrets too, so nobody but their owner may read them.
 */
import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Line } from "../detection/event.ts";

export interface KeptPlace {
  readonly file: string;
  readonly size: number;
}

export interface KeptLines {
  /** Appends a source's lines and says where they end. */
  keep(source: string, lines: readonly Line[]): Promise<KeptPlace>;
  /** Takes up a source's file where it was left; what was kept behind that will be read, and kept, again. */
  resume(source: string, place: KeptPlace): Promise<void>;
  close(): Promise<void>;
}

export interface KeptLimits {
  readonly fileBytes: number;
  readonly fileAgeMs: number;
  /** Of all files of one source. */
  readonly totalBytes: number;
  readonly totalAgeMs: number;
}

const DAY_MS = 86_400_000;
// A week covers a long weekend before somebody looks; half a gigabyte is some three million lines of one container.
export const KEPT_LIMITS: KeptLimits = {
  fileBytes: 64 * 1024 ** 2,
  fileAgeMs: DAY_MS,
  totalBytes: 512 * 1024 ** 2,
  totalAgeMs: 7 * DAY_MS,
};

interface OpenFile {
  readonly handle: FileHandle;
  readonly file: string;
  readonly begunAt: number;
  size: number;
}

export async function openKeptLines(folder: string, now: () => number, limits: KeptLimits = KEPT_LIMITS): Promise<KeptLines> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const current = new Map<string, OpenFile>();

  const begin = async (source: string): Promise<OpenFile> => {
    const begunAt = now();
    const file = `${fileName(source)}-${new Date(begunAt).toISOString().replace(/[-:]/g, "")}.log`;
    const handle = await open(join(folder, file), "a", 0o600);
    const begun = { handle, file, begunAt, size: (await handle.stat()).size };
    current.set(source, begun);
    await removeOld(folder, fileName(source), file, begunAt, limits);
    return begun;
  };
  const end = async (source: string): Promise<void> => {
    await current.get(source)?.handle.close();
    current.delete(source);
  };

  return {
    async keep(source, lines) {
      let to = current.get(source);
      if (to !== undefined && (to.size >= limits.fileBytes || now() - to.begunAt >= limits.fileAgeMs)) {
        await end(source);
        to = undefined;
      }
      to ??= await begin(source);
      const bytes = Buffer.from(lines.map(format).join(""));
      await to.handle.appendFile(bytes);
      to.size += bytes.length;
      return { file: to.file, size: to.size };
    },
    async resume(source, { file, size }) {
      const path = join(folder, file);
      const facts = await stat(path).catch(() => null);
      if (facts === null || facts.size < size) return;
      await truncate(path, size);
      current.set(source, { handle: await open(path, "a", 0o600), file, begunAt: begunAtOf(file) ?? now(), size });
    },
    async close() {
      for (const source of [...current.keys()]) await end(source);
    },
  };
}

/** As `docker logs --timestamps` prints it where there is a stamp, so that a line that has no time of its own can be replayed. */
function format({ stamp, text }: Line): string {
  return stamp === null ? `${text}\n` : `${new Date(stamp).toISOString()} ${text}\n`;
}

// Long enough to recognise a container; what is left out or longer is told apart by the digest.
const NAME_LENGTH = 80;

/** A name that is safe in a folder; two sources never share it. */
function fileName(source: string): string {
  const safe = source.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^[._-]+/, "");
  if (safe === source && safe.length <= NAME_LENGTH) return safe;
  return `${safe.slice(-NAME_LENGTH)}-${createHash("sha256").update(source).digest("hex").slice(0, 8)}`;
}

const BEGUN = /-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2}\.\d{3})Z\.log$/;

function begunAtOf(file: string): number | null {
  const match = BEGUN.exec(file);
  return match === null ? null : Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`);
}

async function removeOld(folder: string, prefix: string, living: string, now: number, limits: KeptLimits): Promise<void> {
  const ours = (await readdir(folder)).filter((file) => file !== living && file.replace(BEGUN, "") === prefix && begunAtOf(file) !== null);
  let total = 0;
  for (const file of ours.toSorted().reverse()) {
    total += (await stat(join(folder, file)).catch(() => ({ size: 0 }))).size;
    // The living file may grow to its own limit, which is set aside here.
    if (total > limits.totalBytes - limits.fileBytes || now - (begunAtOf(file) ?? 0) > limits.totalAgeMs)
      await rm(join(folder, file), { force: true });
  }
}
