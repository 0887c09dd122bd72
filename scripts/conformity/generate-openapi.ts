/**
 * Cuts GitHub's OpenAPI description (npm package @octokit/openapi, too large to install with everything else) down to the operations of
 * operations.ts and the schemas they reach:
 *
 *     npm install --prefix FOLDER @octokit/openapi
 *     npx tsx scripts/conformity/generate-openapi.ts FOLDER/node_modules/@octokit/openapi
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isObject } from "./described.ts";
import { OPERATIONS } from "./operations.ts";

type Json = Readonly<Record<string, unknown>>;

const OUTPUT = fileURLToPath(new URL("./github-openapi.json", import.meta.url));
/** Prose and examples: they constrain nothing and are most of the weight. */
const PROSE = ["description", "summary", "example", "examples", "externalDocs", "tags", "title", "deprecated", "default", "discriminator"];

/** Also errors that GitHub gives everywhere without naming them in each operation. */
const ALWAYS = ["basic-error", "validation-error", "validation-error-simple"];

function objectAt(value: unknown, path: string): Json {
  if (!isObject(value)) throw new Error(`GitHub's description has no ${path}`);
  return value;
}

function trimmed(value: unknown, names = false): unknown {
  if (Array.isArray(value)) return value.map((item) => trimmed(item));
  if (!isObject(value)) return value;
  // Below `properties` the keys are GitHub's own member names, where `description` is no prose.
  const kept = Object.entries(value).filter(
    ([key]) => names || !(PROSE.includes(key) || (key.startsWith("x-") && key !== "x-multi-segment")),
  );
  return Object.fromEntries(kept.map(([key, item]) => [key, trimmed(item, key === "properties" && !names)]));
}

function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  return Object.values(value)
    .flatMap(referencesIn)
    .concat(typeof value.$ref === "string" ? [value.$ref] : []);
}

function generate(folder: string): string {
  const { version } = objectAt(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")), "package.json");
  const whole = objectAt(JSON.parse(readFileSync(join(folder, "generated/api.github.com.json"), "utf8")), "root");
  const paths = objectAt(whole.paths, "paths");
  const components = objectAt(whole.components, "components");
  const schemas = objectAt(components.schemas, "components.schemas");

  const inlined = (value: unknown): Json => {
    const object = objectAt(value, "parameter or response");
    const [, kind, name] = typeof object.$ref === "string" ? (/^#\/components\/(parameters|responses)\/(.+)$/.exec(object.$ref) ?? []) : [];
    return kind === undefined || name === undefined ? object : objectAt(objectAt(components[kind], kind)[name], `${kind}/${name}`);
  };
  const operation = (key: string): Json => {
    const [method = "", path = ""] = key.split(" ");
    const found = objectAt(objectAt(paths[path], path)[method.toLowerCase()], key);
    const parameters = Array.isArray(found.parameters) ? found.parameters.map(inlined) : [];
    const responses = Object.entries(objectAt(found.responses, `responses of ${key}`)).map(([status, response]) => {
      const { content } = inlined(response);
      return [status, content === undefined ? {} : { content }];
    });
    const { requestBody } = found;
    return { parameters, ...(requestBody === undefined ? {} : { requestBody }), responses: Object.fromEntries(responses) };
  };

  const operations = trimmed(Object.fromEntries(OPERATIONS.map((key) => [key, operation(key)])), true);
  const reached = new Map<string, unknown>();
  const waiting = [...referencesIn(operations), ...ALWAYS.map((name) => `#/components/schemas/${name}`)];
  for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
    const name = reference.replace("#/components/schemas/", "");
    if (reached.has(name)) continue;
    const schema = trimmed(objectAt(schemas[name], reference));
    reached.set(name, schema);
    waiting.push(...referencesIn(schema));
  }
  const sorted = Object.fromEntries([...reached].sort(([left], [right]) => (left < right ? -1 : 1)));
  return JSON.stringify({ source: `@octokit/openapi ${version}`, operations, schemas: sorted });
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: npx tsx scripts/conformity/generate-openapi.ts FOLDER (an unpacked @octokit/openapi)");
  process.exit(2);
}
const text = generate(folder);
writeFileSync(OUTPUT, `${text}\n`);
console.log(`${OPERATIONS.length} operations, ${Math.round(text.length / 1000)} kB`);
