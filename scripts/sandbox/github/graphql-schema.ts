import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { buildASTSchema, type DefinitionNode, type GraphQLSchema, Kind, type NamedTypeNode, parse, type TypeNode } from "graphql";

/**
 * GitHub's public schema, cut down to what the sandbox answers. Types, arguments and nullability are GitHub's own text;
 * only the choice of fields is made here, so a document that passes is one that GitHub accepts too.
 */
const supported: Readonly<Record<string, readonly string[]>> = {
  Query: ["viewer", "repository"],
  User: ["login", "databaseId", "id"],
  Repository: ["id", "databaseId", "name", "nameWithOwner", "isPrivate", "defaultBranchRef", "ref", "object"],
  Ref: ["id", "name", "prefix", "target"],
  GitObject: ["id", "oid", "abbreviatedOid"],
  Commit: [
    "id",
    "oid",
    "abbreviatedOid",
    "message",
    "messageHeadline",
    "messageBody",
    "authoredDate",
    "committedDate",
    "url",
    "tree",
    "author",
    "parents",
  ],
  CommitConnection: ["nodes", "totalCount"],
  GitActor: ["name", "email", "date"],
  Tree: ["id", "oid", "abbreviatedOid", "entries"],
  TreeEntry: ["name", "mode", "type", "oid", "size", "object"],
  Blob: ["id", "oid", "abbreviatedOid", "byteSize", "text", "isBinary", "isTruncated"],
  Mutation: ["createCommitOnBranch", "updateRefs"],
  CreateCommitOnBranchPayload: ["clientMutationId", "commit", "ref"],
  UpdateRefsPayload: ["clientMutationId"],
};

const builtIn = ["String", "Int", "Float", "Boolean", "ID"];

export interface PrunedSchema {
  readonly schema: GraphQLSchema;
  /** Whether GitHub itself has the field, so that a refusal can say whose gap it is. */
  isGitHubs(type: string, field: string): boolean;
}

let cached: PrunedSchema | null = null;

export function prunedSchema(): PrunedSchema {
  cached ??= build();
  return cached;
}

/** The package exports only its code, and importing that parses 5 MB of JSON first. */
function schemaFile(): string {
  const folders = createRequire(import.meta.url).resolve.paths("@octokit/graphql-schema") ?? [];
  const file = folders.map((folder) => join(folder, "@octokit", "graphql-schema", "schema.graphql")).find((path) => existsSync(path));
  if (file === undefined) throw new Error("@octokit/graphql-schema is not installed");
  return file;
}

/** The definition of one type, cut out of the 70,000 lines by its first and last line: parsing all of them takes seconds. */
function definitionText(sdl: string, name: string): string {
  const start = new RegExp(`^(?:type|interface|input|enum|scalar|union) ${name}\\b`, "m").exec(sdl);
  if (start === null) throw new Error(`GitHub's schema has no type ${name}`);
  const head = sdl.slice(start.index, sdl.indexOf("\n", start.index));
  if (head.startsWith("scalar")) return head;
  if (head.startsWith("union")) throw new Error(`The sandbox does not read unions: ${name}`);
  return sdl.slice(start.index, sdl.indexOf("\n}", start.index) + 2);
}

function named(type: TypeNode): NamedTypeNode {
  return type.kind === Kind.NAMED_TYPE ? type : named(type.type);
}

function parseOne(text: string): DefinitionNode {
  const [definition] = parse(text, { noLocation: true }).definitions;
  if (definition === undefined) throw new Error("An empty definition in GitHub's schema");
  return definition;
}

function build(): PrunedSchema {
  const sdl = readFileSync(schemaFile(), "utf8");
  const fieldsOfGitHub = new Map<string, readonly string[]>();
  const kept = new Map<string, DefinitionNode>();
  const wanted = Object.keys(supported);

  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    if (kept.has(name) || builtIn.includes(name)) continue;
    const definition = parseOne(definitionText(sdl, name));
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      const chosen = supported[name];
      if (chosen === undefined) throw new Error(`A supported field leads to the type ${name}, which the sandbox does not answer`);
      fieldsOfGitHub.set(name, definition.fields?.map((field) => field.name.value) ?? []);
      const fields = definition.fields?.filter((field) => chosen.includes(field.name.value)) ?? [];
      const missing = chosen.filter((field) => !fields.some((found) => found.name.value === field));
      if (missing.length > 0) throw new Error(`GitHub's ${name} has no ${missing.join(", ")}`);
      const interfaces = definition.interfaces?.filter((parent) => parent.name.value in supported) ?? [];
      kept.set(name, { ...definition, fields, interfaces });
      for (const field of fields)
        wanted.push(named(field.type).name.value, ...(field.arguments ?? []).map((argument) => named(argument.type).name.value));
    } else {
      kept.set(name, definition);
      if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
        wanted.push(...(definition.fields ?? []).map((field) => named(field.type).name.value));
    }
  }
  // GitHub's own directives on definitions (previews, "possible types") mean nothing to a server.
  const definitions = JSON.parse(JSON.stringify([...kept.values()], (key, value: unknown) => (key === "directives" ? [] : value)));
  const schema = buildASTSchema({ kind: Kind.DOCUMENT, definitions });
  return { schema, isGitHubs: (type, field) => fieldsOfGitHub.get(type)?.includes(field) ?? false };
}
