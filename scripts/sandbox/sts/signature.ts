import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "../rds/refusal.ts";
import { type CredentialStore, type Session, same } from "./credentials.ts";

export interface SignedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Scope {
  readonly service: string;
  readonly region: string;
}

/** AWS refuses a request signed longer ago, or in the future, than this. */
const clockSkew = 15 * 60 * 1000;

const mismatch = (message: string) => new Refusal("SignatureDoesNotMatch", message, 403);

/** Checks a Signature Version 4 on a POST to `/`, and returns whose it is; no session means the developer's own key. */
export function verifySignature(request: SignedRequest, scope: Scope, credentials: CredentialStore, now: Date): Session | undefined {
  const authorization = request.headers.authorization;
  if (!authorization) throw new Refusal("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  const [, accessKeyId, date, region, service, signedHeaders, signature] = parts ?? [];
  const stamp = single(request.headers["x-amz-date"]);
  if (!accessKeyId || !date || !region || !service || !signedHeaders || !signature || !stamp) {
    throw new Refusal(
      "IncompleteSignature",
      "The Authorization header is not an AWS4-HMAC-SHA256 signature with Credential, SignedHeaders and Signature, or X-Amz-Date is missing",
      400,
    );
  }
  if (region !== scope.region || service !== scope.service)
    throw mismatch(`Credential should be scoped to ${scope.region}/${scope.service}, not ${region}/${service}.`);
  const { secret, session } = credentials.recognise(accessKeyId, single(request.headers["x-amz-security-token"]), now);
  const signedAt = new Date(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!stamp.startsWith(date) || !(Math.abs(now.getTime() - signedAt.getTime()) <= clockSkew))
    throw mismatch(`Signature expired: ${stamp} is not within 15 minutes of ${now.toISOString()}`);
  const names = signedHeaders.split(";");
  if (!names.includes("host")) throw mismatch("The host header is not signed");
  const canonical = [
    request.method,
    "/",
    "",
    ...names.map((name) => `${name}:${(single(request.headers[name]) ?? "").trim().replace(/\s+/g, " ")}`),
    "",
    signedHeaders,
    sha256(request.body),
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", stamp, `${date}/${region}/${service}/aws4_request`, sha256(canonical)].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${secret}`);
  if (!same(createHmac("sha256", key).update(toSign).digest("hex"), signature)) {
    throw mismatch(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
    );
  }
  return session;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(",") : value;
}
