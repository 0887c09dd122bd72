/** `alerts.jsonl`: one line a transition, in order, each once. It follows the journal, which knows what belongs where in it. */
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { Alert } from "../domain/index.ts";

export const ALERT_FILE = "alerts.jsonl";

export interface AlertFile {
  readonly path: string;
  /** Bytes written so far: where the next line will begin. */
  readonly size: number;
  /** Readers see the lines before this returns, and a power cut loses none of them after it. */
  append(alerts: readonly Alert[]): Promise<void>;
  close(): Promise<void>;
}

/** What the journal says was found, and where in the file it begins. */
export interface Written {
  readonly alerts: readonly Alert[];
  readonly alertsAt: number;
}

/**
 * Opens the file and completes it: what the journal has and the file lacks, because the process ended between the two, is written now, over a
 * torn line if there is one.
 */
export async function openAlertFile(folder: string, journaled: readonly Written[], note: (text: string) => void): Promise<AlertFile> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, ALERT_FILE);
  const handle = await open(path, "a+", 0o640);
  let size = (await handle.stat()).size;
  for (const { alerts, alertsAt } of journaled.filter((each) => each.alerts.length > 0)) {
    const bytes = format(alerts);
    if (size >= alertsAt + bytes.length) continue;
    if (size < alertsAt) {
      // Somebody moved or emptied the file: the alerts still belong into it, behind whatever is there.
      note(`${path} is shorter than it was; it was moved or changed by somebody else`);
      await handle.appendFile(bytes);
    } else {
      await handle.truncate(alertsAt);
      await handle.appendFile(bytes);
    }
    size = (await handle.stat()).size;
  }
  size = await cutTornLine(handle, size, path, note);
  await handle.datasync();
  return {
    path,
    get size() {
      return size;
    },
    async append(alerts) {
      const bytes = format(alerts);
      await handle.appendFile(bytes);
      size += bytes.length;
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}

function format(alerts: readonly Alert[]): Buffer {
  return Buffer.from(alerts.map((alert) => `${JSON.stringify(alert)}\n`).join(""));
}

/** A line that somebody else left unfinished would swallow the next alert. */
async function cutTornLine(handle: FileHandle, size: number, path: string, note: (text: string) => void): Promise<number> {
  let end = size;
  const piece = Buffer.alloc(1);
  while (end > 0) {
    await handle.read(piece, 0, 1, end - 1);
    if (piece[0] === 0x0a) break;
    end -= 1;
  }
  if (end < size) {
    note(`${path} ended in the middle of a line; the unfinished ${size - end} bytes were cut off`);
    await handle.truncate(end);
  }
  return end;
}
