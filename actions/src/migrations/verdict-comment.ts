/**
 * Verdicts as a comment under a pull request. Whoever wrote the SQL may be anybody: all of it stands in code blocks and code spans, where GitHub makes no markup,
 * link, mention or reference of it.
 */
import { codeBlock, codeSpan, redact, shorten, VERDICTS, type VerdictWord } from "../domain/index.ts";
import type { JudgedStatement } from "./lint-sql.ts";
import { worstOf } from "./verdict.ts";

export type JudgedFile =
  | { readonly path: string; readonly statements: readonly JudgedStatement[] }
  /** It could not be judged, and why. */
  | { readonly path: string; readonly problem: string };

// GitHub takes 65,536 characters; the rest is for what stands around the files.
const LIMIT = 60_000;
const STATEMENT_WIDTH = 300;

/** The worst verdict of all statements; safe where there are none. */
export function worstIn(files: readonly JudgedFile[]): VerdictWord {
  const verdicts = files.flatMap((file) => ("statements" in file ? file.statements.map(({ verdict }) => verdict) : []));
  return VERDICTS.find((each) => verdicts.includes(each)) ?? "safe";
}

export function composeComment(files: readonly JudgedFile[], head: string, unlisted: number): string {
  const unread = files.filter((file) => "problem" in file).length;
  const title =
    unread > 0 ? `${unread} of ${files.length} SQL files cannot be judged` : `Worst of ${files.length} SQL files: ${worstIn(files)}`;
  const lines = [`### ${title}`, "", `Judged at ${codeSpan(head)}, without asking a database.`, ""];
  let size = 0;
  let left = 0;
  for (const file of files) {
    const part = describeFile(file);
    size += part.length;
    if (size > LIMIT) left += 1;
    else lines.push(part);
  }
  if (left > 0) lines.push(`${left} files more are not shown here: \`npx --no-install holdfast lint\` judges them.`);
  if (unlisted > 0) lines.push(`${unlisted} changed files were not looked at: GitHub lists no more.`);
  return lines.join("\n");
}

function describeFile(file: JudgedFile): string {
  if ("problem" in file) return `**${codeSpan(file.path)}** cannot be judged.\n\n${codeBlock(redact(file.problem))}\n`;
  const telling = file.statements.filter(({ findings }) => findings.length > 0);
  const verdict = VERDICTS.find((each) => file.statements.some((statement) => statement.verdict === each)) ?? "safe";
  const head = `**${codeSpan(file.path)}**: ${verdict}, ${file.statements.length} statements`;
  return telling.length === 0 ? `${head}\n` : `${head}\n\n${codeBlock(telling.map(describe).join("\n"))}\n`;
}

function describe({ line, statement, findings }: JudgedStatement): string {
  const shown = shorten(redact(statement.replace(/\s+/g, " ")), STATEMENT_WIDTH);
  const said = findings.map(({ id, message, saferWay, allowedBecause }) =>
    allowedBecause === undefined ? `  ${id}: ${message}\n    ${saferWay}` : `  ${id}, let pass: ${allowedBecause}`,
  );
  return [`line ${line}, ${worstOf(findings)}: ${shown}`, ...said].join("\n");
}
