import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { strictSchema } from "./close-schema.ts";
import { isObject } from "./described.ts";

/** GitHub's own description of the operations in use, as questions: which operation is this request, and what is wrong with that value? */

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly wrong: (text: string) => readonly string[];
}

export interface Operation {
  /** `GET /repos/{owner}/{repo}` */
  readonly key: string;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly required: boolean; readonly wrong: (value: unknown) => readonly string[] } | null;
  /** By status; null where the answer has no JSON body. */
  readonly answers: ReadonlyMap<number, ((value: unknown) => readonly string[]) | null>;
}

export interface Matched {
  readonly operation: Operation;
  readonly pathValues: ReadonlyMap<string, string>;
}

export interface Description {
  readonly source: string;
  match(method: string, path: string): Matched | null;
  /** GitHub's forms of an error, any of which may answer any request. */
  readonly wrongError: (value: unknown) => readonly string[];
}

/** GitHub's own bots write commits as `41898282+github-actions[bot]@users.noreply.github.com`, which no stricter form of an address allows. */
const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]+(\[bot\])?@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

let loaded: Description | null = null;

export function githubDescription(): Description {
  loaded ??= load();
  return loaded;
}

function load(): Description {
  const file: unknown = JSON.parse(readFileSync(fileURLToPath(new URL("./github-openapi.json", import.meta.url)), "utf8"));
  if (!isObject(file) || !isObject(file.operations) || !isObject(file.schemas) || typeof file.source !== "string")
    throw new Error("github-openapi.json is not what generate-openapi.ts writes");
  const { schemas, operations, source } = file;
  const ajv = new Ajv2020({ allErrors: true, strict: false, logger: false, verbose: true });
  formats.default(ajv);
  ajv.addFormat("email", EMAIL);
  const lenient = new Ajv2020({ allErrors: true, strict: false, logger: false, coerceTypes: "array" });
  formats.default(lenient);
  // Compiled when first asked: most operations of the list are never part of one record.
  const checker = (schema: unknown, by: Ajv2020 = ajv) => {
    let compiled: ValidateFunction | null = null;
    return (value: unknown): readonly string[] => {
      compiled ??= by.compile(strictSchema(schema, schemas));
      return compiled(value) ? [] : told(compiled.errors ?? []);
    };
  };
  const parameter = (raw: unknown): Parameter => {
    if (!isObject(raw) || typeof raw.name !== "string") throw new Error("a parameter without a name in github-openapi.json");
    const wrong = checker({ type: "object", properties: { value: raw.schema } }, lenient);
    return {
      name: raw.name,
      in: raw.in === "path" || raw.in === "query" ? raw.in : "header",
      required: raw.required === true,
      wrong: (text) => wrong({ value: text }),
    };
  };
  const all = Object.entries(operations).map(([key, raw]) => {
    if (!isObject(raw) || !Array.isArray(raw.parameters) || !isObject(raw.responses))
      throw new Error(`${key} in github-openapi.json is incomplete`);
    const answers = Object.entries(raw.responses).map(([status, answer]): [number, ((value: unknown) => readonly string[]) | null] => {
      const schema = jsonSchemaOf(answer);
      return [Number(status), schema === undefined ? null : checker(schema)];
    });
    const { requestBody } = raw;
    const operation: Operation = {
      key,
      parameters: raw.parameters.map(parameter),
      body: isObject(requestBody) ? { required: requestBody.required === true, wrong: checker(jsonSchemaOf(requestBody)) } : null,
      answers: new Map(answers),
    };
    const manySegments = raw.parameters.flatMap((each: unknown) =>
      isObject(each) && each["x-multi-segment"] === true && typeof each.name === "string" ? [each.name] : [],
    );
    return { operation, ...templateOf(key, manySegments) };
  });
  all.sort((left, right) => right.literals - left.literals);

  return {
    source,
    match(method, path) {
      for (const { operation, pattern } of all) {
        const found = operation.key.startsWith(`${method} `) ? pattern.exec(path) : null;
        if (found !== null)
          return {
            operation,
            pathValues: new Map(Object.entries(found.groups ?? {}).map(([name, text = ""]) => [name, decodeURIComponent(text)])),
          };
      }
      return null;
    },
    wrongError: checker({
      anyOf: ["basic-error", "validation-error", "validation-error-simple"].map((name) => ({ $ref: `#/components/schemas/${name}` })),
    }),
  };
}

function jsonSchemaOf(body: unknown): unknown {
  if (!isObject(body) || !isObject(body.content)) return undefined;
  const json = body.content["application/json"];
  return isObject(json) ? json.schema : undefined;
}

function templateOf(key: string, manySegments: readonly string[]): { readonly pattern: RegExp; readonly literals: number } {
  const path = key.slice(key.indexOf(" ") + 1);
  // The root of a repository's files has a path of no segments, with or without its slash.
  const source = path
    .replaceAll(".", "\\.")
    // The root of a repository's files has a path of no segments, with or without its slash.
    .replace(/\/\{path\}$/, "(?:/(?<path>.*))?")
    .replace(/\{(\w+)\}/g, (_, name) => `(?<${name}>${manySegments.includes(name) ? ".+" : "[^/]+"})`);
  return { pattern: new RegExp(`^${source}$`), literals: path.split("/").filter((part) => !part.startsWith("{")).length };
}

const UNEVALUATED = "unevaluatedProperties";

function told(errors: readonly ErrorObject[]): readonly string[] {
  // A value that fails one check counts as unknown to those around it as well; only the innermost finding says something.
  const telling = errors.filter(
    (error) =>
      error.keyword !== UNEVALUATED ||
      !errors.some(
        (other) =>
          other.instancePath.startsWith(`${error.instancePath}/`) ||
          (other.keyword !== UNEVALUATED && other.instancePath === error.instancePath),
      ),
  );
  const lines = telling.map(({ instancePath, message = "is wrong", params, data }) => {
    const extra = "unevaluatedProperty" in params ? ` (${params.unevaluatedProperty})` : "";
    const value = data === undefined || (typeof data === "object" && data !== null) ? "" : `: ${JSON.stringify(data)}`;
    return `${instancePath || "/"} ${message}${extra}${value}`;
  });
  return [...new Set(lines)];
}
