import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { Refusal } from "../rds/refusal.ts";
import type { Trust } from "./roles.ts";

/** The keys that an issuer publishes. */
export interface Jwks {
  readonly keys: readonly JsonWebKey[];
}

export type Claims = Readonly<Record<string, unknown>>;

export const audience = "sts.amazonaws.com";

const invalid = (message: string) => new Refusal("InvalidIdentityToken", message, 400);

/** A token that its issuer signed, for this audience, in its time. Whether it may have a role is another question. */
export async function verifyToken(token: string, jwks: () => Promise<Jwks>, issuer: string | undefined, now: Date): Promise<Claims> {
  const [head, body, signature, ...rest] = token.split(".");
  if (!head || !body || !signature || rest.length > 0)
    throw invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  const header = decode(head);
  const claims = decode(body);
  const { keys } = await jwks();
  const jwk = keys.find((key) => key.kid !== undefined && key.kid === header.kid);
  if (!jwk)
    throw invalid(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  if (!isSigned(`${head}.${body}`, Buffer.from(signature, "base64url"), header.alg, jwk))
    throw invalid("The ID Token's signature is not valid");
  if (issuer !== undefined && claims.iss !== issuer)
    throw invalid("No OpenIDConnect provider found in your account for the token's issuer");
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audiences.includes(audience)) throw invalid("Incorrect token audience");
  const seconds = now.getTime() / 1000;
  if (typeof claims.exp !== "number" || claims.exp <= seconds)
    throw new Refusal("ExpiredTokenException", "Token expired: current date/time must be before the expiration date/time", 400);
  if (typeof claims.nbf === "number" && claims.nbf > seconds) throw invalid("The ID Token is not valid yet");
  return claims;
}

/** Exact comparison, as StringEquals in a trust policy: no patterns, no case folding. */
export function isTrusted(trust: Trust, claims: Claims): boolean {
  const { sub, ref, repository_id: repositoryId } = claims;
  return (
    trust.sub.some((each) => each === sub) &&
    trust.ref.some((each) => each === ref) &&
    trust.repositoryId.some((each) => each === String(repositoryId))
  );
}

function isSigned(text: string, signature: Buffer, algorithm: unknown, jwk: JsonWebKey): boolean {
  // The algorithm goes with the key's own type: a token may not choose "none", or pass a public key off as an HMAC secret.
  const expected = { RSA: "RS256", EC: "ES256" }[jwk.kty ?? ""];
  if (expected === undefined || algorithm !== expected) return false;
  const key = createPublicKey({ key: jwk, format: "jwk" });
  return verify("sha256", Buffer.from(text), expected === "ES256" ? { key, dsaEncoding: "ieee-p1363" } : key, signature);
}

function decode(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value));
  } catch {
    // Told below like any other text that is not a token.
  }
  throw invalid("The ID Token provided is not a valid JWT");
}
