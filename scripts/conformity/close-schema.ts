import { isObject } from "./described.ts";

/**
 * GitHub's schemas (OpenAPI 3.0) as JSON Schema 2020-12, made strict: a member that GitHub does not describe is an error wherever an object's
 * members are listed, because a client that reads it would read nothing on GitHub.
 */

type Schema = Readonly<Record<string, unknown>>;
type Schemas = Readonly<Record<string, unknown>>;

const PREFIX = "#/components/schemas/";

export function strictSchema(root: unknown, schemas: Schemas): Schema {
  const definitions = Object.entries(schemas).map(([name, schema]) => [name, translated(schema, schemas)]);
  return { ...closed(root, schemas), $defs: Object.fromEntries(definitions) };
}

/** A schema where a value stands: closed, while what `allOf` and `$ref` combine stays open. */
function closed(schema: unknown, schemas: Schemas): Schema {
  const inner = translated(schema, schemas);
  return listsMembers(schema, schemas, new Set()) ? { ...inner, unevaluatedProperties: false } : inner;
}

function translated(schema: unknown, schemas: Schemas): Schema {
  if (!isObject(schema)) return {};
  const { nullable, $ref, allOf, anyOf, oneOf, properties, items, additionalProperties, ...rest } = schema;
  const open = (list: unknown) => (Array.isArray(list) ? list.map((each) => translated(each, schemas)) : []);
  // GitHub's alternatives overlap (a file also satisfies what describes a symlink), so one or more may hold.
  const alternatives = [anyOf, oneOf].filter((list) => list !== undefined).map((list) => ({ anyOf: open(list) }));
  const combined = [...open(allOf), ...alternatives];
  const result: Schema = {
    ...rest,
    ...(typeof $ref === "string" ? { $ref: `#/$defs/${$ref.slice(PREFIX.length)}` } : {}),
    ...(combined.length === 0 ? {} : { allOf: combined }),
    ...(isObject(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, closed(each, schemas)])) }
      : {}),
    ...(items === undefined ? {} : { items: closed(items, schemas) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: isObject(additionalProperties) ? closed(additionalProperties, schemas) : additionalProperties }),
  };
  if (nullable !== true) return result;
  // Said in one `type` where that is possible: of two alternatives a failing check would tell both.
  const { type, enum: allowed } = result;
  if (typeof type !== "string" || combined.length > 0) return { anyOf: [{ type: "null" }, result] };
  return { ...result, type: [type, "null"], ...(Array.isArray(allowed) ? { enum: [...allowed, null] } : {}) };
}

function listsMembers(schema: unknown, schemas: Schemas, seen: ReadonlySet<string>): boolean {
  if (!isObject(schema)) return false;
  const { $ref, allOf, anyOf, oneOf, properties, additionalProperties } = schema;
  if (additionalProperties !== undefined) return false;
  const inside = (each: unknown) => listsMembers(each, schemas, seen);
  const objects = (list: unknown) => (Array.isArray(list) ? list.filter((each) => couldBeObject(each)) : []);
  if (isObject(properties) || (Array.isArray(allOf) && allOf.some(inside))) return true;
  for (const list of [objects(anyOf), objects(oneOf)]) if (list.length > 0 && list.every(inside)) return true;
  if (typeof $ref !== "string" || seen.has($ref)) return false;
  return listsMembers(schemas[$ref.slice(PREFIX.length)], schemas, new Set([...seen, $ref]));
}

function couldBeObject(schema: unknown): boolean {
  return isObject(schema) && (schema.type === undefined || schema.type === "object");
}
