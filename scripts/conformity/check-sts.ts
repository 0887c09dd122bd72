import type { RecordEntry } from "../sandbox/record.ts";
import { isObject } from "./described.ts";
import { parseXml } from "./read-xml.ts";

/** What is wrong with one STS request and its answer, held against the STS API reference: two actions, each with its parameters, shapes and errors. */

const VERSION = "2011-06-15";
const NAMESPACE = `https://sts.amazonaws.com/doc/${VERSION}/`;

/** What a record hides. */
const MASKED = /^\*\*\*$/;
const ROLE = /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;
const SESSION = /^[\w+=,.@-]{2,64}$/;
const ASSUMED = /^arn:aws:sts::\d{12}:assumed-role\/[\w+=,.@-]{1,64}\/[\w+=,.@-]{2,64}$/;
const CALLER = /^arn:aws:(iam::\d{12}:user\/[\w+=,.@/-]+|sts::\d{12}:assumed-role\/[\w+=,.@-]{1,64}\/[\w+=,.@-]{2,64})$/;
const SECONDS = { least: 900, most: 43_200, unasked: 3_600 } as const;

type Fields = Readonly<Record<string, RegExp>>;

interface Action {
  readonly required: Fields;
  readonly optional: Fields;
  /** Every element of the result, with its parents, and nothing beside. */
  readonly result: Fields;
  readonly errors: Readonly<Record<string, number>>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  AssumeRoleWithWebIdentity: {
    required: { RoleArn: ROLE, RoleSessionName: SESSION, WebIdentityToken: MASKED },
    optional: { DurationSeconds: /^\d{3,5}$/, ProviderId: /^.{4,2048}$/, Policy: /^[\s\S]{1,2048}$/ },
    result: {
      SubjectFromWebIdentityToken: /^.{6,255}$/,
      Audience: /^.+$/,
      Provider: /^(arn:aws:iam::\d{12}:oidc-provider\/\S+|\S+)$/,
      "AssumedRoleUser.Arn": ASSUMED,
      "AssumedRoleUser.AssumedRoleId": /^[\w+=,.@:-]{2,193}$/,
      "Credentials.AccessKeyId": /^\w{16,128}$/,
      "Credentials.SecretAccessKey": MASKED,
      "Credentials.SessionToken": MASKED,
      "Credentials.Expiration": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
    },
    errors: {
      ExpiredTokenException: 400,
      IDPCommunicationError: 400,
      IDPRejectedClaim: 403,
      InvalidIdentityToken: 400,
      MalformedPolicyDocument: 400,
      PackedPolicyTooLarge: 400,
      RegionDisabledException: 403,
    },
  },
  GetCallerIdentity: { required: {}, optional: {}, result: { Arn: CALLER, UserId: /^[\w:+=,.@-]+$/, Account: /^\d{12}$/ }, errors: {} },
};

/** "Common Error Types" of the STS API reference. */
const COMMON: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  ExpiredToken: 403,
  IncompleteSignature: 403,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidParameterValue: 400,
  MissingAuthenticationToken: 403,
  MissingParameter: 400,
  RequestExpired: 400,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
  ValidationError: 400,
};

export function checkSts({ at, request, response, status }: RecordEntry): readonly string[] {
  const form = isObject(request) ? new Map(Object.entries(request).map(([name, value]) => [name, String(value)])) : new Map();
  const name = String(form.get("Action") ?? "");
  const action = ACTIONS[name];
  if (action === undefined) return [`STS has no action ${JSON.stringify(name)} that anything here asks for`];
  const problems = form.get("Version") === VERSION ? [] : [`version ${form.get("Version")}, not ${VERSION}`];
  form.delete("Action");
  form.delete("Version");
  // A connection that broke before there was an answer.
  const xml = status === 0 ? null : parseXml(typeof response === "string" ? response : "");
  if (xml !== null && status !== 200) return [...problems, ...checkError(xml, status, action)];
  problems.push(...checkFields("parameter", form, action.required, action.optional));
  return xml === null
    ? problems
    : [...problems, ...checkAnswer(name, action, xml, new Date(at), Number(form.get("DurationSeconds") ?? SECONDS.unasked))];
}

function checkAnswer(name: string, action: Action, xml: Readonly<Record<string, unknown>>, at: Date, seconds: number): readonly string[] {
  const root = xml[`${name}Response`];
  if (!isObject(root)) return [`the answer is no <${name}Response>`];
  const { ResponseMetadata: metadata, [`${name}Result`]: result, "@_xmlns": namespace, ...rest } = root;
  const told = new Map(leaves(result));
  const ends = Date.parse(told.get("Credentials.Expiration") ?? "");
  const lives = (ends - at.getTime()) / 1000;
  return [
    ...(namespace === NAMESPACE ? [] : [`the answer's namespace is ${String(namespace)}`]),
    ...(isObject(metadata) && typeof metadata.RequestId === "string" ? [] : ["the answer has no RequestId"]),
    ...Object.keys(rest).map((stranger) => `the answer has a <${stranger}>`),
    ...checkFields("element", told, action.result, {}),
    // A minute more for the way, a service's clock and its whole seconds.
    ...(Number.isNaN(lives) || (lives > 0 && lives <= seconds + 60) ? [] : [`credentials for ${seconds} s live ${lives} s`]),
    ...(seconds >= SECONDS.least && seconds <= SECONDS.most ? [] : [`DurationSeconds ${seconds} was accepted`]),
  ];
}

function checkError(xml: Readonly<Record<string, unknown>>, status: number, action: Action): readonly string[] {
  const { ErrorResponse: root } = xml;
  const error = isObject(root) ? root.Error : undefined;
  if (!isObject(root) || !isObject(error) || typeof error.Code !== "string" || typeof error.Message !== "string")
    return [`answer ${status} is no <ErrorResponse> with <Code> and <Message>`];
  const expected = action.errors[error.Code] ?? COMMON[error.Code];
  if (expected === undefined) return [`STS has no error ${error.Code}`];
  return [
    ...(error.Type === (status < 500 ? "Sender" : "Receiver") ? [] : [`error ${error.Code} is said to be the ${String(error.Type)}'s`]),
    ...(expected === status ? [] : [`error ${error.Code} comes with status ${expected}, not ${status}`]),
  ];
}

function checkFields(what: string, given: ReadonlyMap<string, string>, required: Fields, optional: Fields): readonly string[] {
  const missing = Object.keys(required).filter((name) => !given.has(name));
  return [
    ...missing.map((name) => `${what} ${name} is missing`),
    ...[...given].flatMap(([name, value]) => {
      const allowed = required[name] ?? optional[name];
      if (allowed === undefined) return [`${what} ${name} is unknown to STS`];
      return allowed.test(value) ? [] : [`${what} ${name} is ${JSON.stringify(value)}`];
    }),
  ];
}

/** `Credentials.AccessKeyId` and its text, for every element without children. */
function leaves(value: unknown, path = ""): readonly (readonly [string, string])[] {
  if (!isObject(value)) return [[path, String(value)]];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path === "" ? name : `${path}.${name}`));
}
