/** What every kind of step is given, hands back, and writes to the log around its work. */
import type { Scope } from "./evaluate.ts";
import type { ProcessResult } from "./run-process.ts";
import type { Frame, Session } from "./session.ts";

export interface StepCall {
  readonly session: Session;
  readonly frame: Frame;
  readonly scope: Scope;
  /** The `env` context of this step. */
  readonly env: Readonly<Record<string, string>>;
  /** The part of it that was written on this step and on those around it; GITHUB_ENV never changes that. */
  readonly ownEnv: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface WorkResult {
  readonly ok: boolean;
  readonly outputs: Readonly<Record<string, string>>;
}

export function logInputs(
  session: Session,
  title: string,
  sections: Readonly<Record<string, Readonly<Record<string, string>>>>,
  body: readonly string[] = [],
): void {
  session.log(`##[group]${title}`, ...body);
  for (const [section, values] of Object.entries(sections)) {
    const entries = Object.entries(values);
    if (entries.length > 0) session.log(`${section}:`, ...entries.map(([name, value]) => `  ${name}: ${value}`));
  }
  session.log("##[endgroup]");
}

/** Says what is wrong besides an ordinary exit code; true when nothing is. */
export function logProblems(session: Session, { exit, problems }: ProcessResult): boolean {
  for (const problem of problems) session.annotate("error", problem);
  if (typeof exit === "string") session.annotate("error", `The process was ended by ${exit}.`);
  return problems.length === 0 && typeof exit !== "string";
}

export function logProcess(session: Session, result: ProcessResult): boolean {
  const clean = logProblems(session, result);
  if (typeof result.exit === "number" && result.exit !== 0) session.annotate("error", `Process completed with exit code ${result.exit}.`);
  return clean && result.exit === 0;
}
