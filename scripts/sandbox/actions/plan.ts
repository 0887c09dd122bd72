/** What a workflow file says about itself without being run. */

import type { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";
import { type DispatchInput, type EventName, type RunRecord, UnsupportedWorkflow, type WorkflowPlan } from "../github/engine-seam.ts";
import { formatProblem, problemsOf } from "./check-supported.ts";
import { evaluateText, type Json } from "./evaluate.ts";
import {
  child,
  entriesOf,
  itemsOf,
  type LocalAction,
  parseActionFile,
  parseWorkflowFile,
  readLocalAction,
  readWorkflow,
  textOf,
  type Workflow,
} from "./workflow.ts";

const EVENTS = ["workflow_dispatch", "schedule", "push"] as const satisfies readonly EventName[];
const INPUT_TYPES = ["string", "boolean", "choice", "number", "environment"] as const satisfies readonly DispatchInput["type"][];

/** Throws Error with the parser's words, or UnsupportedWorkflow naming every line outside of the subset. */
export function loadWorkflow(text: string, path: string): Workflow {
  const parsed = parseWorkflowFile(text, path);
  refuseProblems(problemsOf(parsed, path));
  return readWorkflow(parsed, path);
}

export function loadLocalAction(text: string, path: string): LocalAction {
  const parsed = parseActionFile(text, path);
  refuseProblems(problemsOf(parsed, path));
  return readLocalAction(parsed, path);
}

function refuseProblems(problems: ReturnType<typeof problemsOf>): void {
  const syntax = problems.filter(({ kind }) => kind === "syntax");
  if (syntax.length > 0) throw new Error(`Invalid workflow file: ${syntax.map(formatProblem).join("\n")}`);
  if (problems.length > 0) throw new UnsupportedWorkflow(`The sandbox does not execute this: ${problems.map(formatProblem).join("\n")}`);
}

function scalarOf(token: TemplateToken | null, type: DispatchInput["type"]): string | boolean | number | null {
  const text = textOf(token);
  if (text === null) return null;
  if (type === "boolean") return text === "true";
  return type === "number" ? Number(text) : text;
}

function readInput(name: string, token: TemplateToken): DispatchInput {
  const type = INPUT_TYPES.find((known) => known === textOf(child(token, "type"))) ?? "string";
  return {
    name,
    type,
    required: textOf(child(token, "required")) === "true",
    default: scalarOf(child(token, "default"), type),
    options: itemsOf(child(token, "options")).map((option) => textOf(option) ?? ""),
  };
}

export function planWorkflow(text: string, path: string): WorkflowPlan {
  const { name, on } = loadWorkflow(text, path);
  const words = entriesOf(on).length > 0 ? entriesOf(on).map(([key]) => key) : itemsOf(on).map((item) => textOf(item));
  const events = EVENTS.filter((event) => words.includes(event));
  const push = child(on, "push");
  const list = (key: string) => itemsOf(child(push, key)).map((item) => textOf(item) ?? "");
  return {
    name,
    events,
    dispatchInputs: entriesOf(child(child(on, "workflow_dispatch"), "inputs")).map(([input, token]) => readInput(input, token)),
    crons: itemsOf(child(on, "schedule")).map((item) => textOf(child(item, "cron")) ?? ""),
    push: events.includes("push") ? { branches: list("branches"), paths: list("paths") } : null,
  };
}

/** GitHub's default title of a dispatched or scheduled run is the workflow's name. */
export function titleOf(
  text: string,
  path: string,
  run: Omit<RunRecord, "title" | "workflowName">,
  github: (workflow: string) => Json,
): string {
  const { name, runName } = loadWorkflow(text, path);
  if (runName === null) return name;
  const title = evaluateText(runName, { contexts: { github: github(name), inputs: run.inputs } }).trim();
  return title === "" ? name : title;
}
