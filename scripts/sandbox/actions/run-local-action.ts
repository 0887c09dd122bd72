/** Actions of the repository itself: a program for Node.js, or a composite of further steps. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { evaluateText } from "./evaluate.ts";
import { loadLocalAction } from "./plan.ts";
import { runStepProcess } from "./run-process.ts";
import { depthOf, type Frame, type Session, type StepResult, scopeOf, stepEnv } from "./session.ts";
import { logInputs, logProblems, type StepCall, type WorkResult } from "./step-call.ts";
import type { LocalAction, Step } from "./workflow.ts";

export type RunStep = (
  session: Session,
  frame: Frame,
  step: Step,
  signal: AbortSignal,
  began: (title: string) => Promise<void>,
) => Promise<StepResult>;

/** GitHub's limit for actions inside actions. */
const MAX_DEPTH = 10;

function readAction(session: Session, path: string): { readonly action: LocalAction; readonly folder: string } {
  const folder = resolve(session.workspace, path);
  const file = join(path, "action.yml");
  let text: string;
  try {
    text = readFileSync(join(folder, "action.yml"), "utf8");
  } catch {
    throw new Error(`Can't find 'action.yml' under '${folder}'. Did you forget to run actions/checkout before running your local action?`);
  }
  return { action: loadLocalAction(text, file), folder };
}

function resolveInputs(call: StepCall, action: LocalAction, given: Readonly<Record<string, string>>): Record<string, string> {
  const known = new Map(action.inputs.map(({ name }) => [name.toLowerCase(), name]));
  const unexpected = Object.keys(given).filter((name) => !known.has(name.toLowerCase()));
  if (unexpected.length > 0) {
    const valid = [...known.values()].map((name) => `'${name}'`).join(", ");
    call.session.annotate(
      "warning",
      `Unexpected input(s) ${unexpected.map((name) => `'${name}'`).join(", ")}, valid inputs are [${valid}]`,
    );
  }
  const lower = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const inputs = Object.fromEntries(
    action.inputs.map(({ name, default: fallback }) => [
      name,
      lower.get(name.toLowerCase()) ?? (fallback === null ? "" : evaluateText(fallback, call.scope)),
    ]),
  );
  return { ...inputs, ...Object.fromEntries(unexpected.map((name) => [name, given[name] ?? ""])) };
}

async function runNode(call: StepCall, action: LocalAction, folder: string, inputs: Readonly<Record<string, string>>): Promise<WorkResult> {
  const { session, env, signal } = call;
  const result = await runStepProcess(session, {
    command: process.execPath,
    args: [resolve(folder, action.runs.main ?? "")],
    cwd: session.workspace,
    env,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`, value])),
    actionPath: folder,
    signal,
  });
  // The program has told its own error; a bare exit code after it would hide the real one among the annotations.
  const clean = logProblems(session, result);
  return { ok: signal.aborted || (clean && result.exit === 0), outputs: result.outputs };
}

async function runComposite(
  call: StepCall,
  action: LocalAction,
  folder: string,
  inputs: Readonly<Record<string, string>>,
  runStep: RunStep,
): Promise<WorkResult> {
  const { session, ownEnv, signal, frame: outer } = call;
  if (depthOf(outer) >= MAX_DEPTH) throw new Error(`Composite action depth exceeded max depth ${MAX_DEPTH}`);
  const frame: Frame = { inputs: { ...inputs }, actionPath: folder, env: ownEnv, results: new Map(), failed: false, outer };
  for (const step of action.runs.steps) {
    if (signal.aborted) break;
    await runStep(session, frame, step, signal, () => Promise.resolve());
  }
  const scope = scopeOf(session, frame, stepEnv(session, frame));
  const outputs = Object.fromEntries(action.outputs.map(({ name, value }) => [name, value === null ? "" : evaluateText(value, scope)]));
  return { ok: !frame.failed, outputs };
}

export function runLocalAction(
  call: StepCall,
  path: string,
  given: Readonly<Record<string, string>>,
  runStep: RunStep,
): Promise<WorkResult> {
  const { action, folder } = readAction(call.session, path);
  const inputs = resolveInputs(call, action, given);
  logInputs(call.session, `Run ${path}`, { with: inputs, env: call.env });
  const { using } = action.runs;
  if (using === "composite") return runComposite(call, action, folder, inputs, runStep);
  call.session.log(`Using ${process.version} for an action that asks for ${using} (${dirname(process.execPath)})`);
  return runNode(call, action, folder, inputs);
}
