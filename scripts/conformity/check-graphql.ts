import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import {
  buildSchema,
  type DocumentNode,
  executeSync,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  isScalarType,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import type { RecordEntry } from "../sandbox/record.ts";
import { isObject } from "./described.ts";

/** What is wrong with a GraphQL request and its answer, held against the whole public schema. */

/** The kinds of error that GitHub's API is known to name. */
const ERROR_TYPES = ["FORBIDDEN", "INSUFFICIENT_SCOPES", "NOT_FOUND", "RATE_LIMITED", "STALE_DATA", "UNPROCESSABLE"];

/** The package exports none of its files, so it is named by where npm puts a dependency of the root. */
const SCHEMA = new URL("../../node_modules/@octokit/graphql-schema/schema.graphql", import.meta.url);

/** GitHub's own scalars, in the words of their descriptions; the schema's text alone would take anything. */
const SCALARS: Readonly<Record<string, (text: string) => boolean>> = {
  Base64String: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0,
  DateTime: isTime,
  GitObjectID: (text) => /^[0-9a-f]{40}$/.test(text),
  GitTimestamp: isTime,
  URI: (text) => URL.canParse(text),
};

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
}

let whole: GraphQLSchema | null = null;

function publicSchema(): GraphQLSchema {
  if (whole === null) {
    // GitHub publishes it valid; checking 70,000 lines again would take longer than all the rest.
    whole = buildSchema(readFileSync(fileURLToPath(SCHEMA), "utf8"), { assumeValid: true, noLocation: true });
    for (const [name, fits] of Object.entries(SCALARS)) {
      const read = (value: unknown) => {
        if (typeof value === "string" && fits(value)) return value;
        throw new TypeError(`${JSON.stringify(value)} is no ${name}`);
      };
      const type = whole.getType(name);
      if (!isScalarType(type)) throw new Error(`GitHub's schema has no scalar ${name}`);
      Object.assign(type, { parseValue: read, serialize: read });
    }
  }
  return whole;
}

export function checkGraphql({ request, response, status }: RecordEntry): readonly string[] {
  if (!isObject(request) || typeof request.query !== "string") return ["GraphQL: the body has no query"];
  const schema = publicSchema();
  let document: DocumentNode;
  try {
    document = parse(request.query);
  } catch (error) {
    return [`GraphQL: ${String(error)}`];
  }
  const problems = validate(schema, document, specifiedRules).map(({ message }) => message);
  const operation = getOperationAST(document, typeof request.operationName === "string" ? request.operationName : undefined);
  if (operation == null) return [...problems, "GraphQL: which operation is meant is not said"];
  const variables = isObject(request.variables) ? request.variables : {};
  const declared = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  const surplus = Object.keys(variables).filter((name) => !declared.includes(name));
  if (surplus.length > 0) problems.push(`variables nobody declared: ${surplus.join(", ")}`);
  if (problems.length === 0) {
    const { errors = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], { ...variables });
    problems.push(...errors.map(({ message }) => message));
  }
  if (problems.length === 0 && status === 200) problems.push(...checkAnswer(schema, document, request, response));
  return problems.map((problem) => `GraphQL: ${problem}`);
}

function checkAnswer(
  schema: GraphQLSchema,
  document: DocumentNode,
  request: Readonly<Record<string, unknown>>,
  response: unknown,
): readonly string[] {
  if (!isObject(response)) return ["the answer is no object"];
  const { data, errors, ...rest } = response;
  const problems = Object.keys(rest).map((name) => `the answer has a member ${name}, which GraphQL does not know`);
  if (data === undefined && errors === undefined) problems.push("the answer has neither data nor errors");
  if (errors !== undefined) problems.push(...checkErrors(errors));
  return isObject(data) && errors === undefined ? [...problems, ...checkData(schema, document, request, data)] : problems;
}

function checkErrors(errors: unknown): readonly string[] {
  if (!Array.isArray(errors) || errors.length === 0) return ["errors is no list with something in it"];
  return errors.flatMap((error: unknown) => {
    if (!isObject(error) || typeof error.message !== "string") return ["an error without a message"];
    const { type } = error;
    return type === undefined || ERROR_TYPES.some((known) => known === type) ? [] : [`errors of type ${String(type)} are unknown`];
  });
}

/** Lets the schema tell the answer's own data again: what comes out different was not of its types. */
function checkData(
  schema: GraphQLSchema,
  document: DocumentNode,
  request: Readonly<Record<string, unknown>>,
  data: unknown,
): readonly string[] {
  const told = executeSync({
    schema,
    document,
    rootValue: data,
    variableValues: isObject(request.variables) ? { ...request.variables } : {},
    operationName: typeof request.operationName === "string" ? request.operationName : null,
    fieldResolver: (source, _arguments, _context, { path }) => (isObject(source) ? source[path.key] : undefined),
    typeResolver: (value) => {
      if (isObject(value) && typeof value.__typename === "string") return value.__typename;
      throw new Error("without __typename an answer of an abstract type cannot be checked: ask for it");
    },
  });
  if (told.errors !== undefined) return told.errors.map(({ message }) => `the answer: ${message}`);
  return isDeepStrictEqual(JSON.parse(JSON.stringify(told.data)), data) ? [] : ["the answer holds members that were not asked for"];
}
