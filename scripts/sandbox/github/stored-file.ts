import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** JSON that survives a kill at any moment: written beside the old file, then renamed over it. Synchronous, so writers never interleave. */
export function writeStored(file: string, value: unknown, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.partial`, `${JSON.stringify(value)}\n`, { mode });
  renameSync(`${file}.partial`, file);
}

export function readStored<T>(file: string, fallback: T): T {
  if (!existsSync(file)) return fallback;
  const stored: T = JSON.parse(readFileSync(file, "utf8"));
  return stored;
}
