/**
 * aws-actions/configure-aws-credentials: trades the job's identity token for a session of a role, both over HTTP as the original does, and hands the
 * session to later steps as masked environment variables.
 */
import { setTimeout as wait } from "node:timers/promises";
import { XMLParser } from "fast-xml-parser";
import { processEnv } from "./run-process.ts";
import type { StepCall } from "./step-call.ts";

/** The original tries twelve times; a refusal is final here, as only an overloaded or unreachable service gets better by waiting. */
const ATTEMPTS = 12;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5000;

interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly arn: string;
}

function textAt(value: unknown, ...path: readonly string[]): string | null {
  let at: unknown = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null) return null;
    at = Object.entries(at).find(([key]) => key === name)?.[1];
  }
  return typeof at === "string" ? at : null;
}

function required(given: Readonly<Record<string, string>>, name: string): string {
  const value = given[name] ?? "";
  if (value === "") throw new Error(`Input required and not supplied: ${name}`);
  return value;
}

async function fetchIdentity({ session, signal }: StepCall, audience: string): Promise<string> {
  const { identity } = session.token;
  if (identity === null) {
    throw new Error("Could not fetch an OIDC token. Did you remember to add `id-token: write` to the permissions of the job?");
  }
  const url = new URL(identity.requestUrl);
  url.searchParams.set("audience", audience);
  const response = await fetch(url, { headers: { authorization: `Bearer ${identity.requestToken}` }, signal });
  const body: unknown = await response.json().catch(() => null);
  const token = textAt(body, "value");
  if (!response.ok || token === null) throw new Error(`Failed to get ID Token: the issuer answered ${response.status}`);
  session.masker.add(token);
  return token;
}

/** One call; null means that trying again is worth it. */
async function assumeRole(endpoint: string, form: URLSearchParams, signal: AbortSignal): Promise<Session | null> {
  const response = await fetch(endpoint, { method: "POST", body: form, signal }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  });
  if (response === null) return null;
  const document: unknown = new XMLParser({ parseTagValue: false }).parse(await response.text());
  if (!response.ok) {
    const code = textAt(document, "ErrorResponse", "Error", "Code") ?? String(response.status);
    if (response.status >= 500 || response.status === 429 || /Throttl|IDPCommunicationError/.test(code)) return null;
    throw new Error(`Could not assume role with OIDC: ${textAt(document, "ErrorResponse", "Error", "Message") ?? code}`);
  }
  const result = ["AssumeRoleWithWebIdentityResponse", "AssumeRoleWithWebIdentityResult"] as const;
  const read = (...path: readonly string[]): string => {
    const value = textAt(document, ...result, ...path);
    if (value === null) throw new Error(`Could not assume role with OIDC: the answer has no ${path.join(".")}`);
    return value;
  };
  return {
    accessKeyId: read("Credentials", "AccessKeyId"),
    secretAccessKey: read("Credentials", "SecretAccessKey"),
    sessionToken: read("Credentials", "SessionToken"),
    arn: read("AssumedRoleUser", "Arn"),
  };
}

async function assumeRolePatiently(endpoint: string, form: URLSearchParams, signal: AbortSignal): Promise<Session> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const assumed = await assumeRole(endpoint, form, signal);
    if (assumed !== null) return assumed;
    await wait(Math.random() * Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS), undefined, { signal });
  }
  throw new Error(`Could not assume role with OIDC: ${endpoint} gave no answer in ${ATTEMPTS} attempts`);
}

function readDuration(text: string | undefined): string {
  const seconds = Number(text ?? "3600");
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
    throw new Error(`role-duration-seconds must be a whole number from 900 to 43200, got '${text}'`);
  }
  return String(seconds);
}

export async function configureAwsCredentials(call: StepCall, given: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const { session, signal } = call;
  const role = required(given, "role-to-assume");
  const region = required(given, "aws-region");
  const endpoint = processEnv(session, call.env, null).AWS_ENDPOINT_URL_STS;
  if (endpoint === undefined) throw new Error("AWS_ENDPOINT_URL_STS is not set: the sandbox never talks to the real service");
  const form = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: given["role-session-name"] ?? "GitHubActions",
    DurationSeconds: readDuration(given["role-duration-seconds"]),
    WebIdentityToken: await fetchIdentity(call, given.audience ?? "sts.amazonaws.com"),
  });
  const assumed = await assumeRolePatiently(endpoint, form, signal);
  const account = assumed.arn.split(":")[4] ?? "";
  const allowed = (given["allowed-account-ids"] ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter(Boolean);
  if (allowed.length > 0 && !allowed.includes(account)) {
    throw new Error(
      `The account ID of the provided credentials (${account}) does not match any of the expected account IDs: ${allowed.join(", ")}`,
    );
  }
  for (const secret of [assumed.accessKeyId, assumed.secretAccessKey, assumed.sessionToken]) session.masker.add(secret);
  if (given["mask-aws-account-id"] === "true") session.masker.add(account);
  session.env.set("AWS_REGION", region);
  session.env.set("AWS_DEFAULT_REGION", region);
  session.env.set("AWS_ACCESS_KEY_ID", assumed.accessKeyId);
  session.env.set("AWS_SECRET_ACCESS_KEY", assumed.secretAccessKey);
  session.env.set("AWS_SESSION_TOKEN", assumed.sessionToken);
  session.log(`Assuming role with OIDC`, `Authenticated as assumedRoleId ${assumed.arn}`);
  return { "aws-account-id": account, "authenticated-arn": assumed.arn };
}
