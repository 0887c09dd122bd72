/** What the engine must still know about its runs after the sandbox was killed: which jobs it had made and how far each was. Nothing secret is in it. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Conclusion, RunStatus, StepRecord } from "../github/engine-seam.ts";

export interface JournalJob {
  readonly id: number;
  readonly key: string;
  readonly status: RunStatus;
  readonly conclusion: Conclusion | null;
  readonly steps: readonly StepRecord[];
  /** What later jobs may read of it; there once it is completed. */
  readonly outputs: Readonly<Record<string, string>>;
}

export interface Journal {
  read(runId: number, attempt: number): readonly JournalJob[];
  write(runId: number, attempt: number, jobs: readonly JournalJob[]): void;
  remove(runId: number): void;
}

export function createJournal(folder: string): Journal {
  mkdirSync(folder, { recursive: true });
  const file = (runId: number): string => join(folder, `${runId}.json`);
  return {
    read(runId, attempt) {
      let text: string;
      try {
        text = readFileSync(file(runId), "utf8");
      } catch {
        return [];
      }
      // Written by this file alone and renamed when whole.
      const stored: { attempt: number; jobs: readonly JournalJob[] } = JSON.parse(text);
      return stored.attempt === attempt ? stored.jobs : [];
    },
    write(runId, attempt, jobs) {
      writeFileSync(`${file(runId)}.partial`, JSON.stringify({ attempt, jobs }));
      renameSync(`${file(runId)}.partial`, file(runId));
    },
    remove: (runId) => rmSync(file(runId), { force: true }),
  };
}
