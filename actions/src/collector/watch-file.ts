import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Tells when a file may have changed: at once where the system says so, and every so often because it may not. */
export interface FileWatch {
  /** Resolves at the first change since the last call, at the latest after the polling interval or when aborted. */
  changed(): Promise<void>;
  close(): void;
}

// Where the system tells nothing (network file systems, some bind mounts), an alert waits this much longer.
export const POLL_MS = 250;

export function watchFile(path: string, signal: AbortSignal, pollMs = POLL_MS): FileWatch {
  const folder = dirname(path);
  const name = basename(path);
  let watcher: FSWatcher | null = null;
  let dirty = false;
  let wake: () => void = () => {};

  const note = (): void => {
    dirty = true;
    wake();
  };
  // The folder is watched, not the file: a rotation puts another file under the name, and it may not be there yet.
  const begin = (): void => {
    try {
      watcher = watch(folder, (_event, changed) => {
        if (changed === null || changed === name) note();
      });
      watcher.once("error", end);
    } catch {
      // No such folder yet, or no watches left: the next poll tries again.
      watcher = null;
    }
  };
  const end = (): void => {
    watcher?.close();
    watcher = null;
  };

  begin();
  return {
    async changed() {
      if (!dirty && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, pollMs);
          signal.addEventListener("abort", done, { once: true });
          wake = done;
          function done(): void {
            clearTimeout(timer);
            signal.removeEventListener("abort", done);
            resolve();
          }
        });
      }
      dirty = false;
      if (watcher === null && !signal.aborted) begin();
    },
    close: end,
  };
}
