import { readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Somebody else works with this folder. */
export class AlreadyRunning extends Error {
  override readonly name = "AlreadyRunning";
}

/**
 * Two collectors on one state would each undo what the other remembers. The lock names the process and when it began, because a process id is
 * soon another's, in a container always the same one's.
 */
export async function takeLock(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "lock");
  const own = await identityOf(process.pid);
  for (;;) {
    try {
      await writeFile(path, own, { flag: "wx" });
      return () => unlink(path).catch(() => {});
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = await readFile(path, "utf8").catch(() => "");
    const pid = Number.parseInt(holder, 10);
    if (Number.isInteger(pid) && isAlive(pid) && (await identityOf(pid)) === holder)
      throw new AlreadyRunning(`another collector (process ${pid}) uses ${folder}; stop it, or give this one a --state of its own`);
    await unlink(path).catch(() => {});
  }
}

async function identityOf(pid: number): Promise<string> {
  // The 22nd field: when the process began, in ticks since boot. Elsewhere than on Linux the id alone must do.
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const began = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  return `${pid} ${began}\n`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
