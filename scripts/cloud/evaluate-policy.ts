/**
 * IAM's evaluation, as far as our policies use it: an explicit Deny wins, then an Allow is needed, and within a boundary an Allow of the boundary
 * too. An operator or a form that is not known here throws: a policy must not be trusted because its tester did not understand it.
 * (AWS, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators".)
 */
import type { Statement } from "./policies.ts";

export interface Ask {
  readonly action: string;
  /** What the call touches; each of them must be allowed. */
  readonly resources: readonly string[];
  /** Condition keys of the request; a list for keys with several values. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export type Answer = "allowed" | "denied";

export function evaluate(ask: Ask, identity: readonly Statement[], boundary?: readonly Statement[]): Answer {
  const allowed = ask.resources.every((resource) => {
    const one = { ...ask, resource };
    const all = [...identity, ...(boundary ?? [])];
    if (all.some((statement) => statement.Effect === "Deny" && applies(statement, one))) return false;
    const allows = (statements: readonly Statement[]) =>
      statements.some((statement) => statement.Effect === "Allow" && applies(statement, one));
    return allows(identity) && (boundary === undefined || allows(boundary));
  });
  return allowed && ask.resources.length > 0 ? "allowed" : "denied";
}

/** Whether a trust policy admits a token with these claims. */
export function admits(trust: readonly Statement[], issuer: string, claims: Readonly<Record<string, string>>): boolean {
  const context = Object.fromEntries(Object.entries(claims).map(([claim, value]) => [`${issuer}:${claim}`, value]));
  const one = { action: "sts:AssumeRoleWithWebIdentity", resource: "", context };
  const matches = (effect: Statement["Effect"]) => trust.some((statement) => statement.Effect === effect && applies(statement, one, true));
  return !matches("Deny") && matches("Allow");
}

interface One {
  readonly action: string;
  readonly resource: string;
  readonly context?: Ask["context"];
}

function applies({ Action, Resource, Condition = {} }: Statement, { action, resource, context = {} }: One, trust = false): boolean {
  // Actions are compared whatever their case, resources exactly.
  if (![Action].flat().some((pattern) => like(pattern.toLowerCase(), action.toLowerCase()))) return false;
  if (!trust && !(Resource ?? []).some((pattern) => like(pattern, resource))) return false;
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => holds(operator, context[key], [expected].flat())),
  );
}

function holds(operator: string, given: string | readonly string[] | undefined, expected: readonly string[]): boolean {
  const values = given === undefined ? [] : [given].flat();
  switch (operator) {
    case "Null":
      return expected.includes(String(values.length === 0));
    case "StringEquals":
      return values.some((value) => expected.includes(value));
    case "StringLike":
      return values.some((value) => expected.some((pattern) => like(pattern, value)));
    case "Bool":
      return values.some((value) => expected.includes(value));
    // True also of a request that has no value at all, as at AWS.
    case "ForAllValues:StringEquals":
      return values.every((value) => expected.includes(value));
    case "ForAllValues:StringLike":
      return values.every((value) => expected.some((pattern) => like(pattern, value)));
    default:
      throw new Error(`the evaluator does not know the condition operator ${operator}`);
  }
}

function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}
