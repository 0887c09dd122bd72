import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

export interface LedgerCheck {
  readonly entries: number;
  readonly ok: boolean;
  /** What verify-ledger said. */
  readonly said: string;
}

/** Puts branch `ledger` into a folder and has the promoted command line itself, bundle and all, verify it. */
export async function checkLedger(gitDir: string, ledgerDir: string, toolDir: string): Promise<LedgerCheck> {
  await extract(gitDir, "ledger", ledgerDir);
  await extract(gitDir, "production", toolDir);
  try {
    const said = execFileSync(process.execPath, [join(toolDir, "actions/dist/holdfast.mjs"), "verify-ledger", ledgerDir], {
      encoding: "utf8",
    }).trim();
    return { ok: true, said, entries: Number(/(\d+) entries/.exec(said)?.[1] ?? Number.NaN) };
  } catch (error) {
    return { ok: false, entries: 0, said: error instanceof Error && "stdout" in error ? String(error.stdout).trim() : String(error) };
  }
}

async function extract(gitDir: string, branch: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const archive = execFileSync("git", ["--git-dir", gitDir, "archive", branch], { maxBuffer: 1 << 28 });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
}
