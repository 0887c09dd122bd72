import type { RecordEntry } from "../sandbox/record.ts";
import { isObject } from "./described.ts";
import { actionOf, ERROR_STATUSES, type Shape } from "./rds-shapes.ts";
import { parseXml, readShape, readText, type Value, type Values } from "./read-xml.ts";

/** What is wrong with the form of one RDS request and its answer, held against the schemas that the AWS SDK is made from. */

const VERSION = "2014-10-31";

/** "Common Errors" of the RDS API reference, beside those that belong to its shapes. */
const COMMON: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  ExpiredToken: 403,
  IncompleteSignature: 400,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidParameterCombination: 400,
  InvalidParameterValue: 400,
  MissingAuthenticationToken: 403,
  MissingParameter: 400,
  RequestExpired: 400,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
};

/** A request and its answer as the schemas read them, for what only their order can tell. */
export interface RdsExchange {
  readonly at: Date;
  readonly action: string;
  readonly asked: Values;
  /** Null where the action was refused. */
  readonly answer: Values | null;
}

export interface Checked {
  readonly problems: readonly string[];
  readonly exchange: RdsExchange | null;
}

export function checkRds({ at, request, response, status }: RecordEntry): Checked {
  const form = isObject(request)
    ? new Map(Object.entries(request).map(([name, value]) => [name, String(value)]))
    : new Map<string, string>();
  const name = form.get("Action") ?? "";
  const action = actionOf(name);
  if (action === null) return { problems: [`RDS has no action ${JSON.stringify(name)}`], exchange: null };
  const problems: string[] = [];
  if (form.get("Version") !== VERSION) problems.push(`version ${form.get("Version")}, not ${VERSION}`);
  const parameters = [...form].filter(([parameter]) => parameter !== "Action" && parameter !== "Version");
  const asked = readForm(action.input, parameters, problems);
  // A connection that broke before there was an answer.
  if (status === 0) return { problems, exchange: null };
  const xml = parseXml(typeof response === "string" ? response : "");
  if (status !== 200) {
    problems.push(...checkError(xml, status));
    return { problems, exchange: { at: new Date(at), action: name, asked, answer: null } };
  }
  const root = xml[`${name}Response`];
  if (!isObject(root)) return { problems: [...problems, `the answer is no <${name}Response>`], exchange: null };
  const { ResponseMetadata: metadata, [`${name}Result`]: result, "@_xmlns": namespace, ...rest } = root;
  if (namespace !== `http://rds.amazonaws.com/doc/${VERSION}/`) problems.push(`the answer's namespace is ${String(namespace)}`);
  if (!isObject(metadata) || typeof metadata.RequestId !== "string") problems.push("the answer has no RequestId");
  for (const stranger of Object.keys(rest)) problems.push(`the answer has a <${stranger}>`);
  if (action.output === null) {
    if (result !== undefined) problems.push(`the answer has a <${name}Result>, and this action answers with nothing`);
    return { problems, exchange: { at: new Date(at), action: name, asked, answer: {} } };
  }
  const answer = readShape(action.output, result ?? null, name, problems);
  return { problems, exchange: isValues(answer) ? { at: new Date(at), action: name, asked, answer } : null };
}

function checkError(xml: Readonly<Record<string, unknown>>, status: number): readonly string[] {
  const { ErrorResponse: root } = xml;
  const error = isObject(root) ? root.Error : undefined;
  if (!isObject(root) || !isObject(error) || typeof error.Code !== "string" || typeof error.Message !== "string")
    return [`answer ${status} is no <ErrorResponse> with <Code> and <Message>`];
  const expected = ERROR_STATUSES.get(error.Code) ?? COMMON[error.Code];
  if (expected === undefined) return [`RDS has no error ${error.Code}`];
  const sender =
    error.Type === (status < 500 ? "Sender" : "Receiver") ? [] : [`error ${error.Code} is said to be the ${String(error.Type)}'s`];
  return expected === status ? sender : [...sender, `error ${error.Code} comes with status ${expected}, not ${status}`];
}

/** Reads `Tags.Tag.1.Key=..` by the input's shape; what is left over belongs to nothing. */
function readForm(shape: Shape, parameters: readonly (readonly [string, string])[], problems: string[]): Values {
  const left = new Map(parameters);
  const value = readParameter(shape, "", left, problems);
  for (const name of left.keys()) problems.push(`parameter ${name} is unknown to RDS`);
  return isValues(value) ? value : {};
}

function readParameter(shape: Shape, prefix: string, left: Map<string, string>, problems: string[]): Value | undefined {
  const dotted = prefix === "" ? "" : `${prefix}.`;
  if (shape.kind === "structure") {
    const used = [...shape.members].filter(([name]) =>
      [...left.keys()].some((key) => key === dotted + name || key.startsWith(`${dotted}${name}.`)),
    );
    const read = used.flatMap(([name, member]) => {
      const value = readParameter(member(), dotted + name, left, problems);
      return value === undefined ? [] : [[name, value] as const];
    });
    const missing = shape.required.filter((name) => !used.some(([each]) => each === name));
    problems.push(...missing.map((name) => `parameter ${dotted}${name} is missing`));
    return Object.fromEntries(read);
  }
  const text = left.get(prefix);
  left.delete(prefix);
  if (shape.kind !== "list") return text === undefined ? undefined : readText(shape.kind, text, `parameter ${prefix}`, problems);
  if (text !== undefined) return text === "" ? [] : undefined;
  const items: Value[] = [];
  for (let index = 1; [...left.keys()].some((key) => `${key}.`.startsWith(`${dotted}${shape.element}.${index}.`)); index += 1) {
    const item = readParameter(shape.item(), `${dotted}${shape.element}.${index}`, left, problems);
    if (item !== undefined) items.push(item);
  }
  return items;
}

function isValues(value: unknown): value is Values {
  return isObject(value) && !(value instanceof Date);
}
