/** Says of a workflow or action file everything that keeps the sandbox from executing it: what GitHub's parser refuses and what lies outside `supported.ts`. */
import { isMapping, isSequence, isString } from "@actions/workflow-parser";
import type { TemplateToken } from "@actions/workflow-parser/templates/tokens/template-token";
import { type Complain, checkExpressions } from "./check-expressions.ts";
import { ACTION_RUNTIMES, ACTION_SHAPE, isRemoteAction, REMOTE_ACTIONS, SHELLS, type Shape, WORKFLOW_SHAPE } from "./supported.ts";
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

function isActionFile(path: string): boolean {
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

function checkRunDefaults(token: TemplateToken | null, key: string, complain: Complain): void {
  const shell = child(child(token, "run"), "shell");
  if (shell !== null) checkShell(shell, `${key}.defaults.run.shell`, complain);
}

function checkWorkflow(root: TemplateToken, complain: Complain): void {
  checkShape(root, WORKFLOW_SHAPE, "", complain);
  checkRunDefaults(child(root, "defaults"), "", complain);
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
