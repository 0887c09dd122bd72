import { execFileSync } from "node:child_process";

export interface LedgerEntry {
  readonly id: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the ledger holds of one request, as anybody with a clone of the branch would read it. */
export function entriesOf(gitDir: string, requestId: string): readonly LedgerEntry[] {
  const archive = execFileSync("git", ["--git-dir", gitDir, "archive", "ledger"], { maxBuffer: 1 << 28 });
  const text = execFileSync("tar", ["-x", "-O", "--wildcards", "*.jsonl"], { input: archive, maxBuffer: 1 << 28, encoding: "utf8" });
  const entries: readonly LedgerEntry[] = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return entries.filter((entry) => entry.id.startsWith(`${requestId}:`));
}
