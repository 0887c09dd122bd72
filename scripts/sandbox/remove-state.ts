import { access, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Wipes a state folder. A folder that does not look like one of ours is left alone, because the path may be a slip. */
export async function removeState(state: string): Promise<void> {
  const names = await readdir(state).catch(() => []);
  if (names.length === 0) return;
  const ours = await access(join(state, "rds")).then(
    () => true,
    () => false,
  );
  if (!ours)
    throw new Error(
      `${state} does not look like a sandbox's state folder (no rds in it), so it was not wiped; empty it by hand or choose another`,
    );
  await rm(state, { recursive: true });
}
