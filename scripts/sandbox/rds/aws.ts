/**
 * The door to the sandbox's AWS: RDS and STS on one listener, told apart by the API version that each request names. Checks signature and
 * role before an action is reached, records what went through, and is the one place where an answer may be tampered with.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import { delayAnswer } from "../delay-answer.ts";
import { KEEP_ALIVE_MS } from "../keep-alive.ts";
import { exists } from "../postgres/engine.ts";
import type { PostgresEvent } from "../postgres/incarnation.ts";
import { startPostgres } from "../postgres/postgres.ts";
import { replaceFile } from "../postgres/write-file.ts";
import type { Recorder } from "../record.ts";
import { type AccessKey, openCredentials } from "../sts/credentials.ts";
import { authorize, type Role } from "../sts/roles.ts";
import { verifySignature } from "../sts/signature.ts";
import { makeSts } from "../sts/sts.ts";
import { taskCredentials, taskEnvironment } from "../sts/task-credentials.ts";
import type { Jwks } from "../sts/web-identity.ts";
import { Parameters } from "./parameters.ts";
import { type Rds, startRds } from "./rds.ts";
import { Refusal, refuse } from "./refusal.ts";
import type { Fate, Quotas, Work } from "./service.ts";
import type { XmlObject } from "./shapes.ts";
import { answerXml, refusalXml } from "./xml.ts";

/** One request, as an interceptor sees it. */
export interface AwsRequest {
  readonly service: "rds" | "sts";
  readonly action: string;
  readonly form: Readonly<Record<string, string>>;
}

export type Fault =
  | { readonly kind: "error"; readonly status: number; readonly code: string; readonly message: string }
  /** The connection breaks before anything is done. */
  | { readonly kind: "disconnect" }
  /** It is done, and the caller never hears of it. */
  | { readonly kind: "lose-answer" }
  /** It is done, and the answer says something else. */
  | { readonly kind: "change-answer"; readonly change: (xml: string) => string };

export interface AwsOptions {
  readonly state: string;
  /** 0 for any. */
  readonly port: number;
  readonly roles: readonly Role[];
  /** The keys that workflow tokens are signed with. */
  readonly jwks: () => Promise<Jwks>;
  /** The `iss` that tokens must carry; any, where it is not given. */
  readonly issuer?: string;
  readonly now?: () => Date;
  /** Milliseconds that a passing status such as `creating` stays visible at least. */
  readonly pace?: number;
  /** Milliseconds that LatestRestorableTime trails behind, up to AWS's five minutes. */
  readonly restorableLag?: number;
  readonly credentialSeconds?: () => number;
  readonly quotas?: Quotas;
  readonly cluster?: string;
  readonly database?: string;
  readonly region?: string;
  readonly record?: Recorder;
  /** Asked before each request; one that takes its time makes the answer slow. */
  readonly intercept?: (request: AwsRequest) => Fault | undefined | Promise<Fault | undefined>;
  /** Asked before the work behind an accepted request begins. */
  readonly interceptWork?: (work: Work) => Fate | undefined;
  readonly onPostgres?: (event: PostgresEvent) => void;
  /** Failures of work that no request waits for. */
  readonly onError?: (error: unknown) => void;
}

export interface Aws {
  /** For both AWS_ENDPOINT_URL_RDS and AWS_ENDPOINT_URL_STS. */
  readonly url: string;
  readonly account: string;
  readonly region: string;
  /** A static key for the command line on this machine; it may do everything. */
  readonly developer: AccessKey;
  /** The master user of the first cluster and of everything restored from it. */
  readonly master: { readonly user: string; readonly password: string };
  roleArn(name: string): string;
  /** What a container that runs with a role finds in its environment. */
  taskEnvironment(role: string): Readonly<Record<string, string>>;
  /** Host, port and database of a cluster's endpoint, which refuses while the cluster has no available instance. */
  endpoint(cluster: string): Promise<{ readonly host: string; readonly port: number; readonly database: string }>;
  /** The postgres process that serves a cluster, for those who want to break it. */
  pidOf(cluster: string): number | undefined;
  close(): Promise<void>;
}

const account = "123456789012";
/** Long enough to be seen by a poll, short enough for a demonstration. */
const defaultPace = 400;
/** Aurora's own limits per region, both adjustable there. */
const defaultQuotas: Quotas = { manualSnapshots: 100, clusters: 40 };
/** ECS hands out six hours at a time. */
const taskHours = 6 * 3_600_000;
const versions = {
  "2014-10-31": { service: "rds", namespace: "http://rds.amazonaws.com/doc/2014-10-31/" },
  "2011-06-15": { service: "sts", namespace: "https://sts.amazonaws.com/doc/2011-06-15/" },
} as const;
const largestBody = 1024 * 1024;

export async function startAws(options: AwsOptions): Promise<Aws> {
  const { cluster = "app-prod", database = "app", region = "eu-west-1", now = () => new Date() } = options;
  const folder = path.join(options.state, "rds");
  await mkdir(folder, { recursive: true });
  const master = { user: "holdfast_admin", password: await keptPassword(path.join(folder, "master-password")) };
  const credentials = await openCredentials(options.state);
  const sts = makeSts({
    account,
    roles: options.roles,
    credentials,
    jwks: options.jwks,
    issuer: options.issuer,
    now,
    credentialSeconds: options.credentialSeconds ?? (() => 3_600),
  });
  let listening: Rds | undefined;
  const postgres = await startPostgres({
    state: options.state,
    onEvent(event) {
      if (event.kind === "restarted") listening?.restarted(event.cluster);
      options.onPostgres?.(event);
    },
  });
  const rds = await startRds({
    state: options.state,
    postgres,
    primary: { cluster, instance: `${cluster}-1`, database, master },
    account,
    region,
    now,
    pace: options.pace ?? defaultPace,
    restorableLag: options.restorableLag ?? 0,
    quotas: options.quotas ?? defaultQuotas,
    fate: options.interceptWork ?? (() => undefined),
    onError: options.onError ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error))),
  }).catch(async (error: unknown) => {
    await postgres.close();
    throw error;
  });
  listening = rds;

  const act = async (service: "rds" | "sts", parameters: Parameters, request: IncomingMessage, body: string): Promise<XmlObject> => {
    if (service === "sts" && parameters.action === "AssumeRoleWithWebIdentity") return sts.assumeRole(parameters);
    // Before any question of rights: a denial would hide that nobody could have had an answer.
    if (service === "rds" ? !rds.serves(parameters.action) : parameters.action !== "GetCallerIdentity")
      throw refuse.unserved(`${service} action ${parameters.action}`);
    const session = verifySignature(
      { method: request.method ?? "", headers: request.headers, body },
      { service, region },
      credentials,
      now(),
    );
    const identity = sts.identityOf(session);
    if (service === "sts") return sts.callerIdentity(parameters, identity);
    const form = new URLSearchParams(body);
    authorize(identity, `rds:${parameters.action}`, rds.tagsOf(parameters.action, form), tagKeysIn(form));
    for (const implied of impliedBy(form)) authorize(identity, implied, []);
    return rds.answer(parameters);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const task = taskCredentials(request, { account, roles: options.roles, credentials }, new Date(now().getTime() + taskHours));
    if (task) {
      response.writeHead(task.status, { "content-type": "application/json" }).end(JSON.stringify(task.body));
      return;
    }
    const at = now().toISOString();
    const requestId = randomUUID();
    const body = await readBody(request);
    const form = new URLSearchParams(body);
    const version = form.get("Version") ?? "";
    const { service, namespace } = version === "2011-06-15" ? versions[version] : versions["2014-10-31"];
    const parameters = new Parameters(form);
    const fault = await options.intercept?.({ service, action: parameters.action, form: Object.fromEntries(form) });
    let status = 200;
    let answer: string;
    try {
      if (fault?.kind === "disconnect") {
        request.socket.destroy();
        return;
      }
      if (fault?.kind === "error") throw new Refusal(fault.code, fault.message, fault.status);
      if (request.method !== "POST" || request.url !== "/" || !(version in versions))
        throw refuse.unserved(`${request.method} ${request.url} with version "${version}" and action "${parameters.action}"`);
      answer = answerXml(namespace, parameters.action, await act(service, parameters, request, body), requestId);
      if (fault?.kind === "change-answer") answer = fault.change(answer);
    } catch (error) {
      const refusal =
        error instanceof Refusal ? error : new Refusal("InternalFailure", error instanceof Error ? error.message : String(error), 500);
      status = refusal.status;
      answer = refusalXml(namespace, refusal, requestId);
    }
    options.record?.({
      at,
      service,
      method: request.method ?? "",
      path: request.url ?? "",
      status,
      request: maskForm(form),
      response: maskXml(answer),
    });
    await delayAnswer();
    if (fault?.kind === "lose-answer") {
      request.socket.destroy();
      return;
    }
    // The service's own clock: clients measure by it how wrong theirs is.
    response.writeHead(status, { "content-type": "text/xml", "x-amzn-requestid": requestId, date: now().toUTCString() }).end(answer);
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port, "127.0.0.1", resolve);
    });
  } catch (cause) {
    await rds.close();
    await postgres.close();
    throw new Error(`Port ${options.port} for the sandbox's AWS endpoint cannot be opened: choose another, or 0 for any`, { cause });
  }
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;

  return {
    url: `http://127.0.0.1:${port}`,
    account,
    region,
    developer: credentials.developer,
    master,
    taskEnvironment: (role) => taskEnvironment(`http://127.0.0.1:${port}`, role, credentials),
    roleArn: (name) => `arn:aws:iam::${account}:role/${name}`,
    endpoint: async (name) => ({ host: "127.0.0.1", port: await postgres.portOf(name), database }),
    pidOf: (name) => postgres.pidOf(rds.resourceOf(name) ?? ""),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rds.close();
      await postgres.close();
    },
  };
}

/** The further rights that a request needs: whoever deletes with a last snapshot makes one, and whoever creates with tags tags. */
function impliedBy(form: URLSearchParams): readonly string[] {
  return [
    ...(form.has("FinalDBSnapshotIdentifier") ? ["rds:CreateDBClusterSnapshot"] : []),
    ...(form.get("Action") !== "AddTagsToResource" && [...form.keys()].some((name) => name.startsWith("Tags."))
      ? ["rds:AddTagsToResource"]
      : []),
  ];
}

function tagKeysIn(form: URLSearchParams): readonly string[] {
  return [...form].flatMap(([name, value]) => (/^Tags\.Tag\.\d+\.Key$|^TagKeys\.member\.\d+$/.test(name) ? [value] : []));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > largestBody) throw new Error(`A request of more than ${largestBody} bytes is no RDS request`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const secretParameters = new Set(["WebIdentityToken", "MasterUserPassword"]);

function maskForm(form: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...form].map(([name, value]) => [name, secretParameters.has(name) ? "***" : value]));
}

function maskXml(answer: string): string {
  return answer.replace(/<(SecretAccessKey|SessionToken|LogFileData)>[^<]*</g, "<$1>***<");
}

async function keptPassword(file: string): Promise<string> {
  if (!(await exists(file))) await replaceFile(file, randomBytes(24).toString("base64url"));
  return readFile(file, "utf8");
}
