import type { RDSClientConfig } from "@aws-sdk/client-rds";
import { fromWebToken } from "@aws-sdk/credential-provider-web-identity";

type Credentials = NonNullable<RDSClientConfig["credentials"]>;

export interface RoleSource {
  /** The role that trusts this workflow; undefined leaves AWS's own chain of providers (environment, profile) in charge. */
  readonly roleArn: string | undefined;
  /** A fresh identity token of this run, for the audience of STS. */
  readonly identityToken: () => Promise<string>;
  readonly sessionName: string;
}

/**
 * Credentials of the workflow's role. The SDK asks again shortly before they expire, and each time a fresh identity token is traded in, so
 * a wait may last longer than one session.
 */
export function roleCredentials({ roleArn, identityToken, sessionName }: RoleSource): Credentials | undefined {
  if (roleArn === undefined) return undefined;
  return async (context) => fromWebToken({ roleArn, roleSessionName: sessionName, webIdentityToken: await identityToken() })(context);
}
