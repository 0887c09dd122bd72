import type { Deployment } from "../../config/deployment.ts";
import type { Session } from "../../lib/session.ts";
import { checkToken } from "../../lib/token-rights.ts";

/** Asks GitHub who the token is and what it can do. Throws ApiFailure where it is no use at all. */
export async function openSession(deployment: Deployment, token: string, kept: Session["kept"]): Promise<Session> {
  const { openClient } = await import("../../lib/octokit-client.ts");
  const github = openClient({ ...deployment, token });
  return { token, kept, github, check: await checkToken(github, crypto.randomUUID()) };
}
