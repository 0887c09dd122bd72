import { rename, writeFile } from "node:fs/promises";

/** Replaces a file in one step: a kill leaves the old content or the new, never half of it. */
export async function replaceFile(file: string, content: string, mode = 0o600): Promise<void> {
  await writeFile(`${file}.partial`, content, { mode });
  await rename(`${file}.partial`, file);
}
