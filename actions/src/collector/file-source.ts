/** Follows a log file by name through growth, rotation (rename and create, copy and truncate) and absence. */
import { type FileHandle, open, stat } from "node:fs/promises";
import * as z from "zod/mini";
import { parse } from "../domain/index.ts";
import { beginsAlike, olderGenerations, readHead } from "./file-generations.ts";
import type { Batch, Json, Source } from "./source.ts";
import { splitLines } from "./split-lines.ts";
import { type FileWatch, watchFile } from "./watch-file.ts";

const cursorSchema = z.object({
  inode: z.int(),
  /** Bytes whose lines have been dealt with; always the beginning of a line. */
  offset: z.int(),
  /** The number of the last line dealt with. */
  line: z.int(),
  /** How the file begins, base64. */
  head: z.string(),
});
type Cursor = z.output<typeof cursorSchema>;

export interface FileSourceOptions {
  readonly path: string;
  readonly app: string | null;
  readonly cluster: string | null;
  /** False: to the end and no further. */
  readonly follow: boolean;
}

// Chunks of this size stay in the processor's cache and cost no measurable time per line.
const CHUNK_BYTES = 64 * 1024;
// A program that was told to open its log again may still write a little into the old one.
const GRACE_MS = 1_000;

export function fileSource({ path, app, cluster, follow }: FileSourceOptions): Source {
  return {
    key: `file:${path}`,
    name: path,
    app,
    cluster,
    async *read(remembered, signal) {
      let cursor = remembered === null ? null : parse(cursorSchema, remembered, `the cursor of ${path}`);
      // Whether the file at the cursor was read to an end that nothing can follow.
      let complete = false;
      const watch = watchFile(path, signal);
      try {
        while (!signal.aborted) {
          const notes: string[] = [];
          // Opened before the others are looked for: what is rotated away meanwhile is then found missing here, and looked for again.
          const handle = await openIfThere(path);
          try {
            const head = handle === null ? null : await readHead(handle);
            if (cursor !== null) {
              const { files, found } = await olderGenerations(path, cursor, cursor.offset);
              const before: Cursor = cursor;
              for (const [index, { path: file, inode }] of files.entries()) {
                const from: Cursor = index === 0 ? { ...before, inode } : cursor;
                for await (const batch of readToEnd(path, file, from, notes)) {
                  cursor = batch.place;
                  yield batch;
                }
              }
              if (!found && !complete) notes.push(`${path} is not the file it was, and the rest of that one is gone: lines may be lost`);
              if (cursor !== before) {
                complete = true;
                continue;
              }
            }
            complete = false;
            if (handle === null || head === null) {
              if (!follow) throw new Error(`${path} is not there`);
              await watch.changed();
              continue;
            }
            const read = readFile(path, handle, cursor, notes, head, follow ? { watch, signal } : null);
            for (;;) {
              const next = await read.next();
              if (next.done === true) {
                complete = next.value === "complete";
                break;
              }
              cursor = next.value.place;
              yield next.value;
            }
          } finally {
            await handle?.close();
          }
          if (!follow) return;
        }
      } finally {
        watch.close();
      }
    },
  };
}

interface FileBatch extends Batch {
  readonly place: Cursor;
}

async function* readToEnd(name: string, file: string, cursor: Cursor | null, notes: string[]): AsyncGenerator<FileBatch> {
  const handle = await openIfThere(file);
  if (handle === null) return;
  try {
    yield* readFile(name, handle, cursor, notes, await readHead(handle), null);
  } finally {
    await handle.close();
  }
}

/** One file from where the cursor stands in it, or from its beginning where the cursor is another file's. */
async function* readFile(
  name: string,
  handle: FileHandle,
  cursor: Cursor | null,
  notes: string[],
  begins: Buffer,
  following: { readonly watch: FileWatch; readonly signal: AbortSignal } | null,
): AsyncGenerator<FileBatch, "complete" | "truncated" | "stopped"> {
  const { ino, size } = await handle.stat();
  let head = begins;
  const same = cursor !== null && cursor.inode === ino && beginsAlike(head, Buffer.from(cursor.head, "base64"));
  const known = same && cursor.offset <= size;
  let position = known ? cursor.offset : 0;
  let line = known ? cursor.line : 0;
  const lines = splitLines();
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let replacedSince: number | null = null;

  const batch = (texts: readonly string[]): FileBatch => {
    const place = { inode: ino, offset: position - lines.unfinished, line: line + texts.length, head: head.toString("base64") };
    const lost = lines.takeCut();
    if (lost > 0) notes.push(`${name}: ${lost} lines were too long and lost their end`);
    const numbered = texts.map((text, index) => ({ text, source: name, number: line + index + 1, stamp: null }));
    line = place.line;
    return { lines: numbered, cursor: { ...place } satisfies Json, place, lost, notes: notes.splice(0) };
  };

  for (;;) {
    // The head is read beside the data: data of a file that was truncated and has grown again must not be taken for the old one's.
    const [now, { bytesRead }] = await Promise.all([readHead(handle), handle.read(chunk, 0, CHUNK_BYTES, position)]);
    if (!beginsAlike(now, head) || (bytesRead === 0 && (await handle.stat()).size < position)) {
      return "truncated";
    }
    head = now;
    if (bytesRead > 0) {
      position += bytesRead;
      const texts = lines.push(chunk.subarray(0, bytesRead));
      if (texts.length > 0 || notes.length > 0) yield batch(texts);
      continue;
    }
    if (following !== null && !following.signal.aborted) {
      if ((await inodeOf(name)) === ino) {
        replacedSince = null;
        await following.watch.changed();
        continue;
      }
      replacedSince ??= Date.now();
      if (Date.now() - replacedSince < GRACE_MS) {
        await following.watch.changed();
        continue;
      }
    }
    // Stopped while it is still being written: the unfinished line is read whole next time.
    if (following?.signal.aborted) return "stopped";
    const rest = lines.takeRest();
    if (rest !== null || notes.length > 0) yield batch(rest === null ? [] : [rest]);
    return "complete";
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

async function inodeOf(path: string): Promise<number | null> {
  const facts = await stat(path).catch(() => null);
  return facts?.ino ?? null;
}
