/**
 * What ECS serves to a container beside it: short-lived credentials of the task's role, to whoever knows the task's token. The SDK finds it by
 * AWS_CONTAINER_CREDENTIALS_FULL_URI and asks again before they expire.
 */
import type { IncomingMessage } from "node:http";
import { type CredentialStore, same } from "./credentials.ts";
import type { Role } from "./roles.ts";

const prefix = "/task-credentials/";

export interface TaskCredentials {
  readonly status: number;
  readonly body: unknown;
}

/** Nothing where the request asks for something else. */
export function taskCredentials(
  request: IncomingMessage,
  { account, roles, credentials }: { readonly account: string; readonly roles: readonly Role[]; readonly credentials: CredentialStore },
  expiration: Date,
): TaskCredentials | undefined {
  if (request.method !== "GET" || !request.url?.startsWith(prefix)) return undefined;
  const name = request.url.slice(prefix.length);
  if (!same(request.headers.authorization ?? "", credentials.taskToken(name)))
    return { status: 403, body: { code: "AccessDenied", message: "The authorization token is not this task's" } };
  if (!roles.some((role) => role.name === name)) return { status: 404, body: { code: "NoSuchRole", message: `There is no role ${name}` } };
  const issued = credentials.issue(name, "task", expiration);
  return {
    status: 200,
    body: {
      RoleArn: `arn:aws:iam::${account}:role/${name}`,
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      Token: issued.sessionToken,
      Expiration: issued.expiration.toISOString(),
    },
  };
}

/** What a container that runs with a role finds in its environment. */
export function taskEnvironment(url: string, role: string, credentials: CredentialStore): Readonly<Record<string, string>> {
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}${prefix}${role}`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: credentials.taskToken(role),
  };
}
