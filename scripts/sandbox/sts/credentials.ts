import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { exists } from "../postgres/engine.ts";
import { replaceFile } from "../postgres/write-file.ts";
import { Refusal } from "../rds/refusal.ts";

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SessionCredentials extends AccessKey {
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Who a session is, sealed into its token, so that it outlives a restart without a list of secrets on disk. */
export interface Session {
  readonly accessKeyId: string;
  readonly role: string;
  readonly name: string;
  readonly expires: string;
}

export interface CredentialStore {
  /** A key of its own for the command line on this machine. */
  readonly developer: AccessKey;
  /** What a container that runs with this role shows when it asks for credentials. */
  taskToken(role: string): string;
  issue(role: string, name: string, expiration: Date): SessionCredentials;
  /** The secret that a request must have been signed with, and the session it speaks for; none for the developer's key. */
  recognise(accessKeyId: string, sessionToken: string | undefined, now: Date): { readonly secret: string; readonly session?: Session };
}

const invalid = () => new Refusal("InvalidClientTokenId", "The security token included in the request is invalid.", 403);

export async function openCredentials(state: string): Promise<CredentialStore> {
  const folder = path.join(state, "sts");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const seal = await keptSecret(path.join(folder, "seal"));
  const developer = { accessKeyId: "AKIASANDBOXDEVELOPER", secretAccessKey: await keptSecret(path.join(folder, "developer-secret")) };
  const mac = (text: string) => createHmac("sha256", seal).update(text).digest("base64url");
  const secretOf = (token: string) => mac(`secret ${token}`).slice(0, 40);
  return {
    developer,
    taskToken: (role) => mac(`task ${role}`),
    issue(role, name, expiration) {
      const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
      const session: Session = { accessKeyId, role, name, expires: expiration.toISOString() };
      const payload = Buffer.from(JSON.stringify(session)).toString("base64url");
      const sessionToken = `${payload}.${mac(payload)}`;
      return { accessKeyId, secretAccessKey: secretOf(sessionToken), sessionToken, expiration };
    },
    recognise(accessKeyId, sessionToken, now) {
      if (accessKeyId === developer.accessKeyId && sessionToken === undefined) return { secret: developer.secretAccessKey };
      const [payload, seal] = sessionToken?.split(".") ?? [];
      if (sessionToken === undefined || !payload || !seal || !same(mac(payload), seal)) throw invalid();
      const session: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
      if (!isSession(session) || session.accessKeyId !== accessKeyId) throw invalid();
      if (new Date(session.expires) <= now) throw new Refusal("ExpiredToken", "The security token included in the request is expired", 403);
      return { secret: secretOf(sessionToken), session };
    },
  };
}

function isSession(value: unknown): value is Session {
  if (typeof value !== "object" || value === null) return false;
  return ["accessKeyId", "role", "name", "expires"].every(
    (name) => typeof Object.getOwnPropertyDescriptor(value, name)?.value === "string",
  );
}

export function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function keptSecret(file: string): Promise<string> {
  if (!(await exists(file))) await replaceFile(file, randomBytes(30).toString("base64url"));
  return readFile(file, "utf8");
}
