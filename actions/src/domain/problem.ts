/**
 * One way to say that input is not acceptable: every problem at once, each with its path, the value found and what is allowed.
 * Everything that comes from outside (files, inputs, answers, records) becomes a typed value here or not at all.
 */
import * as z from "zod/mini";
import { HIDDEN_CHARACTERS, showHidden } from "./visible.ts";

// zod/mini ships without messages; ours must say what is allowed.
z.config(z.locales.en());

export interface Problem {
  /** Where, in the words of the document: `clusters[0].region`. Empty for the document itself. */
  readonly path: string;
  /** The value found, shortened and with control characters shown. */
  readonly found: string;
  readonly allowed: string;
}

/** Input from a person or a file that does not hold; its message lists every problem, one a line. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
  readonly problems: readonly Problem[];

  constructor(what: string, problems: readonly Problem[]) {
    super(`${what} is not valid:\n${problems.map(formatProblem).join("\n")}`);
    this.problems = problems;
  }
}

export function formatProblem(problem: Problem): string {
  return `  ${problem.path === "" ? "(whole)" : problem.path}: found ${problem.found}; allowed: ${problem.allowed}`;
}

/**
 * Parses `value`, or throws InvalidInput naming `what` and every problem.
 */
export function parse<Schema extends z.ZodMiniType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  throw new InvalidInput(
    what,
    result.error.issues.flatMap((issue) => problemsOf(issue, value)),
  );
}

function problemsOf(issue: z.core.$ZodIssue, root: unknown): Problem[] {
  const path = formatPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: path === "" ? key : `${path}.${key}`, found: "an unknown key", allowed: issue.message }));
  }
  return [{ path, found: showValue(valueAt(root, issue.path)), allowed: issue.message }];
}

export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined), root);
}

// Long enough to recognise a value, short enough that a pasted file does not fill a log.
const SHOWN = 80;

/** A value as it may stand in an error: JSON, at most 80 characters, control and bidirectional characters escaped. */
export function showValue(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = (JSON.stringify(value) ?? String(value)).replace(HIDDEN_CHARACTERS, showHidden);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text;
}
