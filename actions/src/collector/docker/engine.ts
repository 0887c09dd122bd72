/**
 * The four questions the collector asks of a container engine over Docker's API. A client of our own: four GET requests need no library, and the
 * usual one loses its stack on many small frames.
 */
import { readFileSync } from "node:fs";
import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { join } from "node:path";
import * as z from "zod/mini";

const containerSchema = z.object({
  Id: z.string(),
  Names: z.array(z.string()),
  Labels: z.nullish(z.record(z.string(), z.string())),
  State: z.optional(z.string()),
});
const inspectSchema = z.object({ Config: z.object({ Tty: z.boolean() }), State: z.object({ Running: z.boolean() }) });

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
}

export interface Engine {
  /** Every container, stopped ones too: their last lines may not have been read yet. */
  containers(signal: AbortSignal): Promise<readonly Container[]>;
  /** Null when the engine knows no such container. */
  inspect(id: string, signal: AbortSignal): Promise<{ readonly tty: boolean; readonly running: boolean } | null>;
  /** The log with time stamps from a second of the epoch on; null when there is no such container. */
  logs(id: string, since: number, follow: boolean, signal: AbortSignal): Promise<IncomingMessage | null>;
  /** Says that something began, ended or was removed; what, is asked afterwards. */
  events(signal: AbortSignal): Promise<IncomingMessage>;
}

/** Where an engine listens when nobody says otherwise. */
const DEFAULT_HOST = "unix:///var/run/docker.sock";
// An engine answers these at once or is not well; following logs and events has no such limit.
const ANSWER_MS = 10_000;
// A cut network connection that nobody closed is noticed within a few minutes.
const KEEP_ALIVE_MS = 30_000;

export function connectEngine(environment: Readonly<Record<string, string | undefined>>): Engine {
  const { options, secure } = readHost(environment);
  const request = secure ? requestHttps : requestHttp;

  const get = (path: string, signal: AbortSignal, limitMs: number | null): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const limit = limitMs === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
      const asked = request({ ...options, path, method: "GET", agent: false, signal: limit, headers: { host: "docker" } });
      asked.once("socket", (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
      asked.once("response", resolve);
      asked.once("error", (error) => reject(new Error(`the container engine does not answer: ${error.message}`, { cause: error })));
      asked.end();
    });
  const getJson = async (path: string, signal: AbortSignal): Promise<unknown> => {
    const answer = await get(path, signal, ANSWER_MS);
    const text = await readText(answer);
    if (answer.statusCode === 404) return null;
    if (answer.statusCode !== 200) throw refusal(path, answer, text);
    return JSON.parse(text);
  };
  const getStream = async (path: string, signal: AbortSignal): Promise<IncomingMessage | null> => {
    const answer = await get(path, signal, null);
    if (answer.statusCode === 200) return answer;
    const text = await readText(answer);
    if (answer.statusCode === 404) return null;
    throw refusal(path, answer, text);
  };

  return {
    async containers(signal) {
      const listed = z.array(containerSchema).parse(await getJson("/containers/json?all=1", signal));
      return listed.map(({ Id, Names, Labels, State }) => ({
        id: Id,
        name: (Names[0] ?? Id).replace(/^\//, ""),
        labels: Labels ?? {},
        running: State === "running",
      }));
    },
    async inspect(id, signal) {
      const found = await getJson(`/containers/${id}/json`, signal);
      if (found === null) return null;
      const { Config, State } = inspectSchema.parse(found);
      return { tty: Config.Tty, running: State.Running };
    },
    logs: (id, since, follow, signal) =>
      getStream(`/containers/${id}/logs?stdout=1&stderr=1&timestamps=1&since=${since}&follow=${follow ? 1 : 0}`, signal),
    async events(signal) {
      const filters = encodeURIComponent(JSON.stringify({ type: ["container"], event: ["start", "die", "destroy", "remove"] }));
      const answer = await getStream(`/events?filters=${filters}`, signal);
      if (answer === null) throw new Error("the container engine has no events");
      return answer;
    },
  };
}

/** `unix:///path`, `tcp://host:port`, `http(s)://host:port`; TLS as the docker command reads it from DOCKER_TLS_VERIFY and DOCKER_CERT_PATH. */
function readHost(environment: Readonly<Record<string, string | undefined>>): { options: RequestOptions; secure: boolean } {
  const host = environment.DOCKER_HOST || DEFAULT_HOST;
  if (host.startsWith("unix://")) return { options: { socketPath: host.slice("unix://".length) }, secure: false };
  const parts = /^(tcp|http|https):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d{1,5}))?\/?$/.exec(host);
  if (parts?.[2] === undefined)
    throw new RangeError(
      `DOCKER_HOST is ${JSON.stringify(host)}; allowed: unix:///path, tcp://host:port, http://host:port, https://host:port`,
    );
  const secure = parts[1] === "https" || Boolean(environment.DOCKER_TLS_VERIFY);
  const certificates = environment.DOCKER_CERT_PATH;
  return {
    options: {
      host: parts[2].replace(/^\[|\]$/g, ""),
      port: Number(parts[3] ?? (secure ? 2376 : 2375)),
      ...(secure && certificates
        ? {
            ca: readFileSync(join(certificates, "ca.pem")),
            cert: readFileSync(join(certificates, "cert.pem")),
            key: readFileSync(join(certificates, "key.pem")),
          }
        : {}),
    },
    secure,
  };
}

async function readText(answer: IncomingMessage): Promise<string> {
  answer.setEncoding("utf8");
  let text = "";
  for await (const piece of answer) text += piece;
  return text;
}

const SHOWN = 200;

function refusal(path: string, answer: IncomingMessage, text: string): Error {
  return new Error(`the container engine answered ${answer.statusCode} to ${path.split("?")[0]}: ${text.trim().slice(0, SHOWN)}`);
}
