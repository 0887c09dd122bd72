import { randomUUID } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { showValue } from "../domain/index.ts";
import { formLogin, jsonLogin, type Login } from "./contract-logins.ts";
import { HASH_SCHEMES, type HashScheme, knownHash } from "./password-hashes.ts";
import { jsonLine, print } from "./print.ts";
import { type Backend, checkContract } from "./restore-contract.ts";

const USAGE =
  "usage: holdfast contract-check URL --login URL --user NAME --hash SCHEME --log FILE… [--method PUT] [--name-field name] [--login-form [--password-field password] [--login-page URL] [--login-fails-to PATH]] [--json]; HOLDFAST_AUTHORIZATION or HOLDFAST_COOKIE holds the right to restore";

// A log may be written behind a buffer and a pipe.
const LOG_LIMIT_MS = 15_000;
const LOOK_AGAIN_MS = 100;
const ANSWER_LIMIT_MS = 30_000;

/** Proves on a disposable account that a backend keeps the contract for restored passwords; exit 1 where it does not. Throws RangeError. */
export async function contractCheck(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      login: { type: "string" },
      user: { type: "string" },
      hash: { type: "string" },
      log: { type: "string", multiple: true },
      method: { type: "string", default: "PUT" },
      "name-field": { type: "string", default: "name" },
      "login-form": { type: "boolean", default: false },
      "password-field": { type: "string" },
      "login-page": { type: "string" },
      "login-fails-to": { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [url, ...more] = positionals;
  const { login, user, hash, log } = values;
  if (url === undefined || more.length > 0) throw new RangeError(`expected one URL, where the account's password is restored; ${USAGE}`);
  if (login === undefined || user === undefined || log === undefined)
    throw new RangeError(`--login, --user and --log are needed; ${USAGE}`);
  const scheme = schemeOf(hash);
  const logs = await Promise.all(log.map(openTail));
  const target = { url: new URL(url), user, method: values.method, login: loginOf(new URL(login), values) };
  const findings = await checkContract(backendOf(target, logs), () => knownHash(scheme));
  for (const each of findings)
    await print(values.json ? jsonLine(each) : `${each.ok ? "ok  " : "fail"}  ${each.check}${each.ok ? "" : `: ${each.detail}`}\n`);
  return findings.every((each) => each.ok) ? 0 : 1;
}

function schemeOf(name: string | undefined): HashScheme {
  const names = Object.keys(HASH_SCHEMES);
  if (name !== undefined && isScheme(name)) return name;
  throw new RangeError(`--hash is ${showValue(name ?? "missing")}; allowed: ${names.join(", ")}, whichever the backend can verify`);
}

function isScheme(name: string): name is HashScheme {
  return Object.hasOwn(HASH_SCHEMES, name);
}

interface LoginOptions {
  readonly "name-field": string;
  readonly "login-form": boolean;
  readonly "password-field"?: string;
  readonly "login-page"?: string;
  readonly "login-fails-to"?: string;
}

const FORM_ONLY = ["password-field", "login-page", "login-fails-to"] as const;

function loginOf(url: URL, options: LoginOptions): Login {
  const nameField = options["name-field"];
  if (!options["login-form"]) {
    const strange = FORM_ONLY.find((option) => options[option] !== undefined);
    if (strange !== undefined) throw new RangeError(`--${strange} is ${showValue(options[strange])}; it is for --login-form alone`);
    return jsonLogin({ url, nameField, limitMs: ANSWER_LIMIT_MS });
  }
  const page = new URL(options["login-page"] ?? url);
  const failsTo = new URL(options["login-fails-to"] ?? page.pathname, page);
  return formLogin({ url, page, failsTo, nameField, passwordField: options["password-field"] ?? "password", limitMs: ANSWER_LIMIT_MS });
}

interface Target {
  readonly url: URL;
  readonly user: string;
  readonly method: string;
  readonly login: Login;
}

function backendOf({ url, user, method, login }: Target, logs: readonly Tail[]): Backend {
  const headers = { "content-type": "application/json", ...rightToRestore() };
  return {
    async restore(body) {
      const options = { method, headers, body: JSON.stringify(body), redirect: "manual" as const };
      const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      await answer.body?.cancel();
      return answer.status;
    },
    login: (password) => login(user, password),
    async logged() {
      // What an access log shows by its query, and an application's own by the name that failed.
      const marker = randomUUID();
      await login(`holdfast ${marker}`, marker, marker).catch(() => false);
      return textOnce(marker, logs);
    },
  };
}

/** Never on the command line, where every process of the machine can read it. */
function rightToRestore(): Readonly<Record<string, string>> {
  const { HOLDFAST_AUTHORIZATION: authorization, HOLDFAST_COOKIE: cookie } = process.env;
  return { ...(authorization ? { authorization } : {}), ...(cookie ? { cookie } : {}) };
}

interface Tail {
  read(): Promise<string>;
}

/** What is written to a file from now on. */
async function openTail(file: string): Promise<Tail> {
  let from: number;
  try {
    from = (await stat(file)).size;
  } catch (error) {
    throw new RangeError(`${file} cannot be read; --log names a file that the backend's log is written to`, { cause: error });
  }
  return {
    async read() {
      const handle = await open(file);
      try {
        const { size } = await handle.stat();
        // A file that was begun anew meanwhile is read from its start.
        const start = size < from ? 0 : from;
        return (await handle.read({ buffer: Buffer.alloc(size - start), position: start })).buffer.toString("utf8");
      } finally {
        await handle.close();
      }
    },
  };
}

async function textOnce(marker: string, logs: readonly Tail[]): Promise<string | null> {
  for (let waited = 0; waited < LOG_LIMIT_MS; waited += LOOK_AGAIN_MS) {
    const texts = await Promise.all(logs.map((log) => log.read()));
    if (texts.some((text) => text.includes(marker))) return texts.join("\n");
    await pause(LOOK_AGAIN_MS);
  }
  return null;
}
