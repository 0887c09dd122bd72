import * as sdk from "@aws-sdk/client-rds";
import { isObject } from "./described.ts";

/** What the AWS SDK itself knows of RDS: the inputs and outputs of its actions, and the codes of its errors. */

export type Shape =
  | { readonly kind: "text" | "number" | "boolean" | "time" }
  | { readonly kind: "list"; readonly element: string; readonly item: () => Shape }
  | { readonly kind: "structure"; readonly members: ReadonlyMap<string, () => Shape>; readonly required: readonly string[] };

export interface Action {
  readonly input: Shape;
  /** Null where the action answers with nothing. */
  readonly output: Shape | null;
}

/** The SDK's own numbers for its static schemas (@smithy/types, schema/sentinels and schema/static-schemas). */
const KIND = { simple: 0, list: 1, structure: 3, operation: 9, error: -3 } as const;
const SIMPLE = { 0: "text", 1: "number", 2: "boolean", 4: "time", 5: "time" } as const;
const LIST_OF = 64;

const exported: Readonly<Record<string, unknown>> = sdk;

function resolved(reference: unknown): unknown {
  if (typeof reference === "function") return resolved(Reflect.apply(reference, undefined, []));
  // A member with traits of its own: [schema, traits].
  return Array.isArray(reference) && reference.length === 2 ? resolved(reference[0]) : reference;
}

function traitOf(reference: unknown, name: string): unknown {
  const traits: unknown = Array.isArray(reference) && reference.length === 2 ? reference[1] : undefined;
  return isObject(traits) ? traits[name] : undefined;
}

function simple(number: number): Shape {
  for (const [key, kind] of Object.entries(SIMPLE)) if (Number(key) === number) return { kind };
  if (number >= LIST_OF && number < 2 * LIST_OF) return { kind: "list", element: "member", item: () => simple(number - LIST_OF) };
  throw new Error(`The SDK describes something as ${number}, which RDS did not use before`);
}

function shapeOf(reference: unknown): Shape {
  const schema = resolved(reference);
  if (typeof schema === "number") return simple(schema);
  if (!Array.isArray(schema)) throw new Error(`The SDK describes something as ${String(schema)}, which RDS did not use before`);
  const [kind, , name, , fourth, fifth, required = 0]: readonly unknown[] = schema;
  if (kind === KIND.simple) return shapeOf(fourth);
  if (kind === KIND.list) {
    const element = traitOf(fourth, "xmlName");
    return { kind: "list", element: typeof element === "string" ? element : "member", item: () => shapeOf(fourth) };
  }
  if (kind === KIND.structure && Array.isArray(fourth) && Array.isArray(fifth)) {
    const names = fourth.map(String);
    const members = new Map(names.map((member, index) => [member, () => shapeOf(fifth[index])]));
    return { kind: "structure", members, required: names.slice(0, Number(required)) };
  }
  throw new Error(`The SDK's schema of ${String(name)} is of a kind that RDS did not use before`);
}

export function actionOf(name: string): Action | null {
  const schema = exported[`${name}$`];
  if (!Array.isArray(schema) || schema[0] !== KIND.operation) return null;
  const output = resolved(schema[5]);
  return { input: shapeOf(schema[4]), output: output === "unit" ? null : shapeOf(output) };
}

/** The status that belongs to each error code. */
export const ERROR_STATUSES: ReadonlyMap<string, number> = new Map(
  Object.values(exported).flatMap((schema): readonly [string, number][] => {
    if (!Array.isArray(schema) || schema[0] !== KIND.error) return [];
    const [, , name, traits]: readonly unknown[] = schema;
    const query = isObject(traits) ? traits.awsQueryError : undefined;
    const [code = name, status = isObject(traits) ? traits.httpError : undefined] = Array.isArray(query) ? query : [];
    return typeof code === "string" && typeof status === "number" ? [[code, status]] : [];
  }),
);
