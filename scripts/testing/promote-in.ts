/** What a sandbox's GitHub remembers once `main` is promoted, made in one folder and copied to others: the same commit installed and built again proves nothing more. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSandbox } from "../sandbox/sandbox.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GITHUB = "github";

/** Makes the folder `state`. */
export async function promoteIn(state: string): Promise<void> {
  const sandbox = await startSandbox({ state, checkout: ROOT });
  try {
    await sandbox.promote();
  } finally {
    await sandbox.close();
  }
}

/** The repository with its runs alone: a database belongs to one world, as does the port that is kept for it. */
export async function copyPromoted(from: string, to: string): Promise<void> {
  await cp(join(from, GITHUB), join(to, GITHUB), { recursive: true });
}
