/** New lines of an instance's log files since last time: a cursor a file, moved only past lines that are whole. */
import * as z from "zod/mini";
import { BEGINNING, type DatabaseLogs, type LogFile } from "./database-logs.ts";

const cursorSchema = z.object({
  /** Where the portion begins that holds the next line. */
  marker: z.string(),
  /** Lines of that portion that were read already. */
  skip: z.int(),
  /** Lines of the file that were read already. */
  lines: z.int(),
  /** The file's size when it was read to its end; null where it was not. */
  size: z.nullable(z.int()),
});

/** By file. It holds places, and nothing of what the log says. */
export const logCursorsSchema = z.record(z.string(), cursorSchema);
export type LogCursors = z.output<typeof logCursorsSchema>;
type Cursor = LogCursors[string];

export interface LogLine {
  readonly file: string;
  /** From 1, in its file. */
  readonly number: number;
  readonly text: string;
}

export interface LogReading {
  readonly lines: readonly LogLine[];
  /** Of the files that still exist. */
  readonly cursors: LogCursors;
  /** Whether more was there than one pass may read; the next goes on. */
  readonly behind: boolean;
}

const NEW: Cursor = { marker: BEGINNING, skip: 0, lines: 0, size: null };

/** Reads at most about `limit` characters. Files not matching `wanted` are left alone. */
export async function readLogLines(
  logs: DatabaseLogs,
  instance: string,
  {
    cursors,
    since,
    wanted,
    limit,
  }: { readonly cursors: LogCursors; readonly since: Date; readonly wanted: RegExp; readonly limit: number },
): Promise<LogReading> {
  const files = (await logs.files(instance, since)).filter(({ name }) => wanted.test(name));
  const lines: LogLine[] = [];
  const next: Record<string, Cursor> = {};
  let left = limit;
  let behind = false;
  for (const file of files) {
    const cursor = cursors[file.name] ?? NEW;
    next[file.name] = cursor;
    if (cursor.size === file.size) continue;
    if (left <= 0) {
      behind = true;
      continue;
    }
    const read = await readFile(logs, instance, file, cursor, left);
    lines.push(...read.lines);
    if (read.cursor === null) delete next[file.name];
    else next[file.name] = read.cursor;
    left -= read.characters;
    behind ||= read.behind;
  }
  return { lines, cursors: next, behind };
}

interface FileReading {
  readonly lines: readonly LogLine[];
  /** Null: the file was deleted while it was read. */
  readonly cursor: Cursor | null;
  readonly characters: number;
  readonly behind: boolean;
}

async function readFile(logs: DatabaseLogs, instance: string, file: LogFile, from: Cursor, limit: number): Promise<FileReading> {
  const lines: LogLine[] = [];
  let characters = 0;
  let { marker, skip, lines: count } = from;
  for (;;) {
    const portion = await logs.portion(instance, file.name, marker);
    if (portion === null) return { lines, cursor: null, characters, behind: false };
    characters += portion.text.length;
    const whole = portion.text.split("\n");
    // What stands behind the last newline is a line that is still being written.
    const rest = whole.pop() ?? "";
    if (portion.pending && rest !== "") whole.push(rest);
    for (const text of whole.slice(skip)) {
      count += 1;
      lines.push({ file: file.name, number: count, text: text.replace(/\r$/, "") });
    }
    if (!portion.pending && rest !== "")
      return { lines, cursor: { marker, skip: whole.length, lines: count, size: null }, characters, behind: false };
    ({ marker } = portion);
    skip = 0;
    if (!portion.pending) return { lines, cursor: { marker, skip, lines: count, size: file.size }, characters, behind: false };
    if (characters >= limit) return { lines, cursor: { marker, skip, lines: count, size: null }, characters, behind: true };
  }
}
