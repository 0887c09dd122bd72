/** Says of a workflow or action file everything that keeps the sandbox from executing it: what GitHub's parser refuses and what lies outside `supported.ts`. */
import { data, type Expr } from "@actions/expressions";
import { Binary, ContextAccess, FunctionCall, Grouping, IndexAccess, Literal, Logical, Unary } from "@actions/expressions/ast";
import { isBasicExpression, isMapping, isSequence, isString } from "@actions/workflow-parser";
import { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";
import { parseExpression } from "./evaluate.ts";
import {
  ACTION_RUNTIMES,
  ACTION_SHAPE,
  CONTEXT_PROPERTIES,
  EVENT_PROPERTIES,
  isRemoteAction,
  REMOTE_ACTIONS,
  SHELLS,
  type Shape,
  WORKFLOW_SHAPE,
} from "./supported.ts";
import { child, entriesOf, itemsOf, type Parsed, parseActionFile, parseWorkflowFile, textOf } from "./workflow.ts";

export interface Problem {
  readonly file: string;
  readonly line: number;
  /** Where in the file, for example `jobs.restore.strategy`. */
  readonly key: string;
  readonly message: string;
  /** `syntax`: GitHub would refuse it too. `unsupported`: only the sandbox does. */
  readonly kind: "syntax" | "unsupported";
}

type Complain = (token: TemplateToken | null, key: string, message: string) => void;

export function isActionFile(path: string): boolean {
  return /(^|\/)action\.ya?ml$/.test(path);
}

export function formatProblem({ file, line, key, message }: Problem): string {
  return `${file} line ${line}: ${key === "" ? "" : `${key}: `}${message}`;
}

/** `uses:` taken apart; null for anything but `./folder` and `owner/name@commit`. */
export function parseUses(uses: string): { kind: "local"; path: string } | { kind: "remote"; name: string; version: string } | null {
  if (uses.startsWith("./")) return { kind: "local", path: uses };
  const [, name, version] = /^([\w.-]+\/[\w.-]+)@(.+)$/.exec(uses) ?? [];
  return name === undefined || version === undefined ? null : { kind: "remote", name, version };
}

function checkShape(token: TemplateToken, shape: Shape, key: string, complain: Complain): void {
  if (shape === "leaf") return;
  if ("list" in shape) {
    itemsOf(token).forEach((item, index) => {
      checkShape(item, shape.list, `${key}[${index}]`, complain);
    });
    return;
  }
  if (isMapping(token)) {
    for (const { key: name, value } of token) {
      const path = key === "" ? name.toString() : `${key}.${name.toString()}`;
      const inner = "each" in shape ? shape.each : shape.keys[name.toString()];
      if (inner === undefined) complain(name, path, "is outside of what the sandbox supports");
      else checkShape(value, inner, path, complain);
    }
    return;
  }
  const text = textOf(token);
  if (text === "") return;
  if ("keys" in shape && shape.insteadOf === "value" && token.isScalar) return;
  if ("keys" in shape && shape.insteadOf === "key" && (isString(token) || isSequence(token))) {
    for (const word of itemsOf(token)) {
      if (shape.keys[textOf(word) ?? ""] === undefined) complain(word, `${key}.${textOf(word)}`, "is outside of what the sandbox supports");
    }
    return;
  }
  complain(token, key, "must be written as a mapping for the sandbox");
}

function checkStep(step: TemplateToken, key: string, complain: Complain): void {
  const shell = child(step, "shell");
  if (shell !== null) checkShell(shell, `${key}.shell`, complain);
  const uses = child(step, "uses");
  if (uses === null) return;
  const text = textOf(uses) ?? "";
  const parsed = parseUses(text);
  if (parsed === null || (parsed.kind === "local" && parsed.path.split("/").includes(".."))) {
    complain(uses, `${key}.uses`, `${text} is neither ./folder nor owner/name@commit`);
    return;
  }
  if (parsed.kind === "local") return;
  if (!isRemoteAction(parsed.name)) {
    complain(uses, `${key}.uses`, `${parsed.name} has no stand-in; supported are ${Object.keys(REMOTE_ACTIONS).join(", ")}`);
    return;
  }
  if (!/^[0-9a-f]{40}$/.test(parsed.version)) {
    complain(uses, `${key}.uses`, `${parsed.name} must be pinned by a commit of 40 hex digits, got ${parsed.version}`);
  }
  const allowed: readonly string[] = REMOTE_ACTIONS[parsed.name];
  for (const [input, value] of entriesOf(child(step, "with"))) {
    if (!allowed.includes(input))
      complain(value, `${key}.with.${input}`, `is not honoured by the stand-in; supported are ${allowed.join(", ")}`);
  }
}

function checkShell(token: TemplateToken, key: string, complain: Complain): void {
  const shell = textOf(token);
  if (!SHELLS.some((known) => known === shell))
    complain(token, key, `shell ${shell ?? "from an expression"} is not supported; only ${SHELLS.join(", ")} is`);
}

function childrenOf(expr: Expr): readonly Expr[] {
  if (expr instanceof Binary) return [expr.left, expr.right];
  if (expr instanceof Unary) return [expr.expr];
  if (expr instanceof Logical || expr instanceof FunctionCall) return expr.args;
  if (expr instanceof Grouping) return [expr.group];
  if (expr instanceof IndexAccess) return [expr.expr, expr.index];
  return [];
}

/** `github.event.inputs` as `["github", "event", "inputs"]`; null when anything but a context and plain names is in it. */
function pathOf(expr: Expr): readonly string[] | null {
  if (expr instanceof ContextAccess) return [expr.name.lexeme.toLowerCase()];
  if (!(expr instanceof IndexAccess && expr.index instanceof Literal && expr.index.literal instanceof data.StringData)) return null;
  const before = pathOf(expr.expr);
  return before === null ? null : [...before, expr.index.literal.value];
}

function checkProperties(expr: Expr, report: (message: string) => void): void {
  const [context, property, deeper, ...rest] = pathOf(expr) ?? [];
  if (context !== undefined && property !== undefined && rest.length === 0) {
    const known: readonly string[] | undefined = Object.entries(CONTEXT_PROPERTIES).find(([name]) => name === context)?.[1];
    if (deeper === undefined && known !== undefined && !known.includes(property))
      report(`${context}.${property} is not provided by the sandbox`);
    if (context === "github" && property === "event" && deeper !== undefined && !EVENT_PROPERTIES.some((name) => name === deeper)) {
      report(`github.event.${deeper} is not provided by the sandbox`);
    }
  }
  for (const inner of childrenOf(expr)) checkProperties(inner, report);
}

function mentions(expr: Expr, context: string): boolean {
  if (expr instanceof ContextAccess) return expr.name.lexeme.toLowerCase() === context;
  return childrenOf(expr).some((inner) => mentions(inner, context));
}

function checkExpressions(root: TemplateToken, complain: Complain): void {
  for (const [, token] of TemplateToken.traverse(root, true)) {
    const condition = token.definition?.key === "job-if" || token.definition?.key === "step-if";
    if (token.isExpression && !isBasicExpression(token)) complain(token, "", "directives such as insert are not supported");
    const texts = isBasicExpression(token)
      ? (token.originalExpressions ?? [token]).map((original) => original.expression)
      : condition && isString(token)
        ? [token.value]
        : [];
    if (isBasicExpression(token) && token.blockScalarHeader === undefined && token.source?.includes("\n") === true) {
      complain(token, "", "an expression in a value of several lines needs a block (| or >)");
    }
    for (const text of texts) {
      try {
        const expr = parseExpression(text);
        checkProperties(expr, (message) => {
          complain(token, "", message);
        });
        // A title is made before the run has a repository to ask for its variables.
        if (token.definition?.key === "run-name" && mentions(expr, "vars")) complain(token, "run-name", "vars are not supported here");
      } catch (error) {
        complain(token, "", `${text}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

function checkRunDefaults(token: TemplateToken | null, key: string, complain: Complain): void {
  const shell = child(child(token, "run"), "shell");
  if (shell !== null) checkShell(shell, `${key}.defaults.run.shell`, complain);
}

function checkWorkflow(root: TemplateToken, complain: Complain): void {
  checkShape(root, WORKFLOW_SHAPE, "", complain);
  checkRunDefaults(root === null ? null : child(root, "defaults"), "", complain);
  for (const [id, job] of entriesOf(child(root, "jobs"))) {
    checkRunDefaults(child(job, "defaults"), `jobs.${id}`, complain);
    itemsOf(child(job, "steps")).forEach((step, index) => {
      checkStep(step, `jobs.${id}.steps[${index}]`, complain);
    });
  }
}

function checkAction(root: TemplateToken, complain: Complain): void {
  checkShape(root, ACTION_SHAPE, "", complain);
  const using = child(child(root, "runs"), "using");
  if (!ACTION_RUNTIMES.some((known) => known === textOf(using))) {
    complain(using, "runs.using", `${textOf(using)} is not supported; only ${ACTION_RUNTIMES.join(", ")} are`);
  }
  itemsOf(child(child(root, "runs"), "steps")).forEach((step, index) => {
    checkStep(step, `runs.steps[${index}]`, complain);
  });
}

/** Problems of a file that has been parsed already. */
export function problemsOf(parsed: Parsed, file: string): readonly Problem[] {
  const problems: Problem[] = parsed.problems.map(({ line, message }) => ({ file, line, key: "", message, kind: "syntax" }));
  const complain: Complain = (token, key, message) => {
    problems.push({ file, line: token?.line ?? 1, key, message, kind: "unsupported" });
  };
  if (parsed.root !== null) {
    if (isActionFile(file)) checkAction(parsed.root, complain);
    else checkWorkflow(parsed.root, complain);
    if (parsed.problems.length === 0) checkExpressions(parsed.root, complain);
  }
  return problems;
}

export function checkSupported(yamlText: string, fileName: string): readonly Problem[] {
  return problemsOf(isActionFile(fileName) ? parseActionFile(yamlText, fileName) : parseWorkflowFile(yamlText, fileName), fileName);
}
