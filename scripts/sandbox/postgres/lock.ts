import { readFile, rm, writeFile } from "node:fs/promises";
import { isCode } from "./engine.ts";

/**
 * Keeps a second sandbox off a state folder, where it would take the first one's unfinished work for a kill's leftovers. Returns what
 * gives the folder free again.
 */
export async function lockFolder(file: string): Promise<() => Promise<void>> {
  const mine = await identityOf(process.pid);
  for (;;) {
    try {
      await writeFile(file, mine, { flag: "wx", mode: 0o600 });
      return () => rm(file, { force: true });
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
    const holder = await readFile(file, "utf8").catch(() => "");
    const pid = Number(holder.split(" ")[0]);
    if (Number.isInteger(pid) && pid > 0 && (await isRunning(pid)) && (await identityOf(pid)) === holder) {
      throw new Error(
        `Process ${pid} already runs a sandbox on this state folder: stop it first, or remove ${file} if it is something else`,
      );
    }
    await rm(file, { force: true });
  }
}

/** The pid, and on Linux when its process began, because a pid is given to strangers in time. */
async function identityOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // Field 22; the second, a name in parentheses, may hold spaces.
  const began = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return began === undefined ? String(pid) : `${pid} ${began}`;
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}
