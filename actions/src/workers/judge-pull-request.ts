/** Judges the SQL files that a pull request changes and tells it under the pull request. It reads texts and runs none of them; nothing is recorded in the ledger. */
import { InvalidInput, type LintRequest, VERDICTS } from "../domain/index.ts";
import type { ChangedFile, PullRequestChanges } from "../github/pull-requests.ts";
import { lintSql } from "../migrations/lint-sql.ts";
import { loadParser } from "../migrations/parser.ts";
import { composeComment, type JudgedFile, worstIn } from "../migrations/verdict-comment.ts";

export interface PullRequestWork {
  readonly changes: (number: number) => Promise<PullRequestChanges>;
  /** Null for a file that is too large. */
  readonly read: (blob: string, limit: number) => Promise<string | null>;
  /** False where it may not be said there. */
  readonly comment: (number: number, body: string | null) => Promise<boolean>;
}

export interface JudgedPullRequest {
  /** Null where no SQL file is changed. */
  readonly body: string | null;
  readonly commented: boolean;
  /** Why the check fails; null where it does not. */
  readonly problem: string | null;
}

// A migration is written by hand; what is larger is a dump.
const BYTES_LIMIT = 16 * 1024 * 1024;

export async function judgePullRequest({ pullRequest, directory, failOn }: LintRequest, work: PullRequestWork): Promise<JudgedPullRequest> {
  const { head, files, unlisted } = await work.changes(pullRequest);
  const asked = files.filter(({ path }) => path.endsWith(".sql") && (directory === "" || path.startsWith(`${directory}/`)));
  await loadParser();
  const judged: JudgedFile[] = [];
  for (const file of asked) judged.push(await judge(file, work));
  const body = judged.length === 0 ? null : composeComment(judged, head, unlisted);
  const commented = await work.comment(pullRequest, body);
  return { body, commented, problem: problemOf(judged, failOn) };
}

async function judge({ path, blob }: ChangedFile, { read }: PullRequestWork): Promise<JudgedFile> {
  const text = await read(blob, BYTES_LIMIT);
  if (text === null) return { path, problem: `It has more than ${BYTES_LIMIT} bytes: split it, or load data by other means.` };
  try {
    return { path, statements: lintSql(path, text) };
  } catch (error) {
    if (error instanceof InvalidInput) return { path, problem: error.message };
    throw error;
  }
}

function problemOf(judged: readonly JudgedFile[], failOn: LintRequest["failOn"]): string | null {
  const unread = judged.filter((file) => "problem" in file).length;
  if (unread > 0) return `${unread} files cannot be judged.`;
  const worst = worstIn(judged);
  if (failOn === null || VERDICTS.indexOf(worst) > VERDICTS.indexOf(failOn)) return null;
  return `The worst verdict is ${worst}, and ${failOn} fails the check.`;
}
