/** Executes one step: its condition, its work, its deadline, and what its end means for the steps after it. */
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseUses } from "./check-supported.ts";
import { evaluateBoolean, evaluateCondition, evaluateMapping, evaluateNumber, evaluateText, type Scope } from "./evaluate.ts";
import { runLocalAction } from "./run-local-action.ts";
import { runStepProcess } from "./run-process.ts";
import { runRemoteAction } from "./run-remote-action.ts";
import { type Frame, type Session, type StepResult, scopeOf, stepEnv } from "./session.ts";
import { logInputs, logProcess, type StepCall, type WorkResult } from "./step-call.ts";
import type { Step } from "./workflow.ts";

export function stepTitle(step: Step, scope: Scope | null): string {
  const { name, work } = step;
  if (name !== null) return scope === null ? sourceOf(name) : evaluateText(name, scope);
  if (work.kind === "uses") return `Run ${work.uses}`;
  const script = scope === null ? sourceOf(work.script) : evaluateText(work.script, scope);
  return `Run ${script.trim().split("\n")[0] ?? ""}`;
}

function sourceOf(token: NonNullable<Step["name"]>): string {
  return token.assertScalar("value").toString();
}

async function runScript(call: StepCall, step: Step & { readonly work: { readonly kind: "run" } }): Promise<WorkResult> {
  const { session, frame, scope, env, signal } = call;
  const script = evaluateText(step.work.script, scope);
  // GitHub adds pipefail only where the author names bash; a script that leans on it without saying so must behave here as it does there.
  const named = step.work.shell !== null || session.defaults.shell !== null;
  const flags = named ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"];
  logInputs(session, stepTitle({ ...step, name: null }, scope), { env }, [
    ...script.trimEnd().split("\n"),
    `shell: bash ${flags.join(" ")} {0}`,
  ]);
  mkdirSync(session.temp, { recursive: true });
  const file = join(session.temp, `${randomUUID()}.sh`);
  writeFileSync(file, script);
  const folder = step.work.workingDirectory ?? session.defaults.workingDirectory;
  const result = await runStepProcess(session, {
    command: "bash",
    args: [...flags, file],
    cwd: resolve(session.workspace, folder === null ? "." : evaluateText(folder, scope)),
    env,
    inputs: {},
    actionPath: frame.actionPath,
    signal,
  });
  return { ok: signal.aborted || logProcess(session, result), outputs: result.outputs };
}

function work(call: StepCall, step: Step): Promise<WorkResult> {
  const { work: todo } = step;
  if (todo.kind === "run") return runScript(call, { ...step, work: todo });
  const uses = parseUses(todo.uses);
  const given = evaluateMapping(todo.with, call.scope);
  if (uses?.kind === "local") return runLocalAction(call, uses.path, given, runStep);
  if (uses?.kind === "remote") return runRemoteAction(call, uses.name, given);
  throw new Error(`${todo.uses} is neither ./folder nor owner/name@commit`);
}

function skipped(): StepResult {
  return { outputs: {}, outcome: "skipped", conclusion: "skipped" };
}

/** `began` is told once the condition holds, with the step's evaluated name. */
export async function runStep(
  session: Session,
  frame: Frame,
  step: Step,
  signal: AbortSignal,
  began: (title: string) => Promise<void>,
): Promise<StepResult> {
  const outer = scopeOf(session, frame, stepEnv(session, frame));
  const result = await attempt(session, frame, step, outer, signal, began);
  if (step.id !== null) frame.results.set(step.id, result);
  if (result.conclusion === "failure") frame.failed = true;
  return result;
}

async function attempt(
  session: Session,
  frame: Frame,
  step: Step,
  outer: Scope,
  signal: AbortSignal,
  began: (title: string) => Promise<void>,
): Promise<StepResult> {
  let forgiving = false;
  let timedOut = false;
  const stop = new AbortController();
  const follow = (): void => stop.abort();
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  let timer: NodeJS.Timeout | undefined;
  let outputs: Readonly<Record<string, string>> = {};
  let ok = false;
  try {
    if (!evaluateCondition(step.condition, outer)) return skipped();
    const ownEnv = { ...frame.env, ...evaluateMapping(step.env, outer) };
    const env = { ...Object.fromEntries(session.env), ...ownEnv };
    const scope = scopeOf(session, frame, env);
    const title = stepTitle(step, scope);
    await began(title);
    forgiving = step.continueOnError !== null && evaluateBoolean(step.continueOnError, scope);
    const minutes = step.timeoutMinutes === null ? null : evaluateNumber(step.timeoutMinutes, scope);
    if (minutes !== null) {
      timer = setTimeout(() => {
        timedOut = true;
        stop.abort();
      }, minutes * session.settings.minute);
    }
    const fault = session.settings.intercept?.({ runId: session.run.id, attempt: session.run.attempt, job: session.job.id, step: title });
    if (fault !== undefined) throw new Error(fault.fail);
    ({ ok, outputs } = await work({ session, frame, scope, env, ownEnv, signal: stop.signal }, step));
    if (timedOut) throw new Error(`The action '${title}' has timed out after ${minutes} minutes.`);
  } catch (error) {
    if (!signal.aborted) session.annotate("error", error instanceof Error ? error.message : String(error));
    ok = false;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", follow);
  }
  if (signal.aborted) {
    if (frame.outer === null) session.log("##[error]The operation was canceled.");
    return { outputs, outcome: "cancelled", conclusion: "cancelled" };
  }
  const outcome = ok ? "success" : "failure";
  return { outputs, outcome, conclusion: forgiving ? "success" : outcome };
}
