/**
 * What a sandbox's GitHub remembers once `main` is promoted, made once in a run of the tests and copied to every suite that wants it: installing and
 * building the same commit again proves nothing more. Promotion itself is proven where it is what a suite is about.
 */
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inject } from "vitest";
import { copyPromoted, promoteIn } from "./promote-in.ts";
import type {} from "./shared-folder.ts";

/** Makes or fills the folder `to`, to be used as a sandbox's state. Whichever suite comes first makes the original; the others wait for it. */
export async function copyPromotedState(to: string): Promise<void> {
  const folder = inject("sharedFolder");
  const original = join(folder, "promoted");
  const [done, failed] = [join(folder, "promoted.done"), join(folder, "promoted.failed")];
  if (await isFirst(join(folder, "promoted.lock"))) {
    await promoteIn(original).then(
      () => writeFile(done, ""),
      (error: unknown) => writeFile(failed, String(error)),
    );
  }
  while (!(await exists(done))) {
    if (await exists(failed)) throw new Error(`main could not be promoted: ${await readFile(failed, "utf8")}`);
    await pause(100);
  }
  await copyPromoted(original, to);
}

async function isFirst(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
