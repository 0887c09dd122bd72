/** A workflow file or local action as the engine sees it: GitHub's parser has read it, what may hold an expression is still its token. */
import { isBasicExpression, isMapping, isSequence, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { parseAction } from "@actions/workflow-parser/actions/action-parser";
import { convertConcurrency } from "@actions/workflow-parser/model/converter/concurrency";
import { convertOn } from "@actions/workflow-parser/model/converter/events";
import { convertToIfCondition } from "@actions/workflow-parser/model/converter/if-condition";
import { convertJobs } from "@actions/workflow-parser/model/converter/jobs";
import type { TemplateContext } from "@actions/workflow-parser/templates/template-context";
import type { MappingToken } from "@actions/workflow-parser/templates/tokens/mapping-token";
import type { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";

export interface RunDefaults {
  readonly shell: TemplateToken | null;
  readonly workingDirectory: TemplateToken | null;
}

export interface Step {
  readonly id: string | null;
  readonly name: TemplateToken | null;
  /** Holds a status function always, as GitHub adds `success()` where the author wrote none. */
  readonly condition: string;
  readonly env: TemplateToken | null;
  readonly continueOnError: TemplateToken | null;
  readonly timeoutMinutes: TemplateToken | null;
  readonly work:
    | {
        readonly kind: "run";
        readonly script: TemplateToken;
        readonly shell: TemplateToken | null;
        readonly workingDirectory: TemplateToken | null;
      }
    | { readonly kind: "uses"; readonly uses: string; readonly with: TemplateToken | null };
}

export interface Job {
  readonly id: string;
  readonly name: TemplateToken | null;
  readonly runsOn: TemplateToken | null;
  readonly needs: readonly string[];
  readonly condition: string;
  readonly environment: TemplateToken | null;
  readonly permissions: Readonly<Record<string, string>> | null;
  readonly outputs: TemplateToken | null;
  readonly env: TemplateToken | null;
  readonly defaults: RunDefaults;
  readonly timeoutMinutes: TemplateToken | null;
  readonly concurrency: TemplateToken | null;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly name: string;
  readonly runName: TemplateToken | null;
  readonly on: TemplateToken;
  readonly permissions: Readonly<Record<string, string>> | null;
  readonly env: TemplateToken | null;
  readonly defaults: RunDefaults;
  readonly concurrency: TemplateToken | null;
  readonly jobs: readonly Job[];
}

export interface LocalAction {
  readonly inputs: readonly { readonly name: string; readonly default: TemplateToken | null }[];
  readonly outputs: readonly { readonly name: string; readonly value: TemplateToken | null }[];
  readonly runs: { readonly using: string; readonly main: string | null; readonly steps: readonly Step[] };
}

interface SyntaxProblem {
  readonly line: number;
  readonly message: string;
}

export interface Parsed {
  readonly root: TemplateToken | null;
  readonly context: TemplateContext;
  readonly problems: readonly SyntaxProblem[];
}

function problemsOf(context: TemplateContext): readonly SyntaxProblem[] {
  return context.errors.getErrors().map((error) => ({ line: error.range?.start.line ?? 1, message: error.rawMessage }));
}

/** GitHub's schema first, then the rules that only its conversion knows: cron, needs without circles, conditions, concurrency. */
export function parseWorkflowFile(text: string, path: string): Parsed {
  const { context, value } = parseWorkflow({ name: path, content: text }, new NoOperationTraceWriter());
  if (value !== undefined && isMapping(value) && problemsOf(context).length === 0) {
    for (const { key, value: part } of value) {
      try {
        if (key.toString() === "on") convertOn(context, part);
        if (key.toString() === "jobs") convertJobs(context, part);
      } catch (error) {
        context.error(part, error);
      }
    }
  }
  if (problemsOf(context).length === 0) {
    const root = value ?? null;
    for (const token of [child(root, "concurrency"), ...entriesOf(child(root, "jobs")).map(([, job]) => child(job, "concurrency"))]) {
      if (token !== null) checkConcurrency(context, token);
    }
  }
  return { root: value ?? null, context, problems: problemsOf(context) };
}

/** GitHub refuses the combination; its published parser does not know that yet. */
function checkConcurrency(context: TemplateContext, token: TemplateToken): void {
  const { queue, cancelInProgress } = convertConcurrency(context, token);
  if (queue === "max" && cancelInProgress === true) context.error(token, "'queue: max' cannot be combined with 'cancel-in-progress: true'");
}

export function parseActionFile(text: string, path: string): Parsed {
  const { context, value } = parseAction({ name: path, content: text }, new NoOperationTraceWriter());
  return { root: value ?? null, context, problems: problemsOf(context) };
}

export function child(token: TemplateToken | null, key: string): TemplateToken | null {
  return token !== null && isMapping(token) ? (token.find(key) ?? null) : null;
}

export function textOf(token: TemplateToken | null): string | null {
  return token === null || isBasicExpression(token) || !token.isScalar ? null : token.assertScalar("value").toString();
}

export function entriesOf(token: TemplateToken | null): readonly (readonly [string, TemplateToken])[] {
  return token !== null && isMapping(token) ? [...token].map(({ key, value }) => [key.toString(), value] as const) : [];
}

export function itemsOf(token: TemplateToken | null): readonly TemplateToken[] {
  if (token === null) return [];
  return isSequence(token) ? [...token] : [token];
}

/** A `permissions:` of nothing (`{}`) is not the same as none written. */
function permissionsOf(token: TemplateToken | null): Readonly<Record<string, string>> | null {
  if (token === null) return null;
  return Object.fromEntries(entriesOf(token).map(([scope, level]) => [scope, textOf(level) ?? "none"]));
}

function defaultsOf(token: TemplateToken | null): RunDefaults {
  const run = child(token, "run");
  return { shell: child(run, "shell"), workingDirectory: child(run, "working-directory") };
}

function conditionOf(context: TemplateContext, token: TemplateToken | null): string {
  return token === null ? "success()" : (convertToIfCondition(context, token)?.expression ?? "success()");
}

function readStep(context: TemplateContext, token: TemplateToken): Step {
  const script = child(token, "run");
  return {
    id: textOf(child(token, "id")),
    name: child(token, "name"),
    condition: conditionOf(context, child(token, "if")),
    env: child(token, "env"),
    continueOnError: child(token, "continue-on-error"),
    timeoutMinutes: child(token, "timeout-minutes"),
    work:
      script === null
        ? { kind: "uses", uses: textOf(child(token, "uses")) ?? "", with: child(token, "with") }
        : { kind: "run", script, shell: child(token, "shell"), workingDirectory: child(token, "working-directory") },
  };
}

function readJob(context: TemplateContext, id: string, token: TemplateToken): Job {
  return {
    id,
    name: child(token, "name"),
    runsOn: child(token, "runs-on"),
    needs: itemsOf(child(token, "needs")).map((need) => textOf(need) ?? ""),
    condition: conditionOf(context, child(token, "if")),
    environment: child(token, "environment"),
    permissions: permissionsOf(child(token, "permissions")),
    outputs: child(token, "outputs"),
    env: child(token, "env"),
    defaults: defaultsOf(child(token, "defaults")),
    timeoutMinutes: child(token, "timeout-minutes"),
    concurrency: child(token, "concurrency"),
    steps: itemsOf(child(token, "steps")).map((step) => readStep(context, step)),
  };
}

function mappingOf({ root, problems }: Parsed, path: string): MappingToken {
  if (root === null || problems.length > 0 || !isMapping(root)) {
    const words = problems.map(({ line, message }) => `line ${line}: ${message}`).join("\n");
    throw new Error(`${path} is not valid: ${words || "it is empty"}`);
  }
  return root;
}

export function readWorkflow(parsed: Parsed, path: string): Workflow {
  const root = mappingOf(parsed, path);
  return {
    name: textOf(child(root, "name")) ?? path,
    runName: child(root, "run-name"),
    on: child(root, "on") ?? root,
    permissions: permissionsOf(child(root, "permissions")),
    env: child(root, "env"),
    defaults: defaultsOf(child(root, "defaults")),
    concurrency: child(root, "concurrency"),
    jobs: entriesOf(child(root, "jobs")).map(([id, job]) => readJob(parsed.context, id, job)),
  };
}

export function readLocalAction(parsed: Parsed, path: string): LocalAction {
  const root = mappingOf(parsed, path);
  const runs = child(root, "runs");
  return {
    inputs: entriesOf(child(root, "inputs")).map(([name, input]) => ({ name, default: child(input, "default") })),
    outputs: entriesOf(child(root, "outputs")).map(([name, output]) => ({ name, value: child(output, "value") })),
    runs: {
      using: textOf(child(runs, "using")) ?? "",
      main: textOf(child(runs, "main")),
      steps: itemsOf(child(runs, "steps")).map((step) => readStep(parsed.context, step)),
    },
  };
}
