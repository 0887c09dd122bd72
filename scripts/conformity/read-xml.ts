import { XMLParser } from "fast-xml-parser";
import { isObject } from "./described.ts";
import type { Shape } from "./rds-shapes.ts";

/** An XML answer read by its shape: typed values, and every place where the two disagree. */

export type Value = string | number | boolean | Date | readonly Value[] | { readonly [name: string]: Value };
export type Values = Readonly<Record<string, Value>>;

const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false });
// The query protocol writes times in ISO 8601, UTC.
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

export function parseXml(text: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = parser.parse(text);
  return isObject(parsed) ? parsed : {};
}

export function readShape(shape: Shape, value: unknown, path: string, problems: string[]): Value | undefined {
  if (shape.kind === "structure") return readStructure(shape, value, path, problems);
  if (shape.kind === "list") {
    if (value === "") return [];
    const strangers = isObject(value) ? Object.keys(value).filter((name) => name !== shape.element) : [];
    if (!isObject(value) || strangers.length > 0) {
      problems.push(
        `${path}: a list of <${shape.element}>, not ${isObject(value) ? `<${strangers.join(">, <")}>` : JSON.stringify(value)}`,
      );
      return undefined;
    }
    const given: unknown = value[shape.element];
    const items: readonly unknown[] = Array.isArray(given) ? given : [given];
    return items.flatMap((item, index) => readShape(shape.item(), item, `${path}.${index}`, problems) ?? []);
  }
  if (typeof value !== "string") {
    problems.push(`${path}: one ${shape.kind}, not ${JSON.stringify(value)}`);
    return undefined;
  }
  return readText(shape.kind, value, path, problems);
}

export function readText(kind: "text" | "number" | "boolean" | "time", text: string, path: string, problems: string[]): Value | undefined {
  if (kind === "text") return text;
  if (kind === "number" && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (kind === "time" && TIME.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text);
  problems.push(`${path}: ${JSON.stringify(text)} is no ${kind}`);
  return undefined;
}

function readStructure(
  shape: Shape & { readonly kind: "structure" },
  value: unknown,
  path: string,
  problems: string[],
): Values | undefined {
  if (value !== "" && !isObject(value)) {
    problems.push(`${path}: a structure, not ${JSON.stringify(value)}`);
    return undefined;
  }
  const given = isObject(value) ? Object.entries(value).filter(([name]) => !name.startsWith("@_")) : [];
  const read: Record<string, Value> = {};
  for (const [name, item] of given) {
    const member = shape.members.get(name);
    if (member === undefined) {
      problems.push(`${path}.${name} is unknown to RDS`);
      continue;
    }
    const result = readShape(member(), item, `${path}.${name}`, problems);
    if (result !== undefined) read[name] = result;
  }
  for (const name of shape.required) if (!(name in read)) problems.push(`${path}.${name} is missing`);
  return read;
}
