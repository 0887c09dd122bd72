/**
 * An STS endpoint: trades a workflow's OIDC token for short-lived credentials of a role that trusts it, and says who a caller is. Issues
 * nothing on any other ground, and knows no secret but its own seal.
 */
import type { Parameters } from "../rds/parameters.ts";
import { Refusal, refuse } from "../rds/refusal.ts";
import type { XmlObject } from "../rds/shapes.ts";
import type { CredentialStore, Session } from "./credentials.ts";
import { allowOf, type Identity, type Role } from "./roles.ts";
import { audience, isTrusted, type Jwks, verifyToken } from "./web-identity.ts";

export interface StsOptions {
  readonly account: string;
  readonly roles: readonly Role[];
  readonly credentials: CredentialStore;
  readonly jwks: () => Promise<Jwks>;
  readonly issuer: string | undefined;
  readonly now: () => Date;
  /** The longest that issued credentials live. */
  readonly credentialSeconds: () => number;
}

export interface Sts {
  assumeRole(parameters: Parameters): Promise<XmlObject>;
  callerIdentity(parameters: Parameters, identity: Identity): XmlObject;
  identityOf(session: Session | undefined): Identity;
}

/** Bounds of DurationSeconds in the STS reference; a role's MaxSessionDuration is an hour unless raised. */
const shortest = 900;
const longest = 43_200;
const usual = 3_600;

export function makeSts(options: StsOptions): Sts {
  const { account, roles, credentials } = options;
  for (const role of roles) allowOf(role);
  const notAuthorized = () => refuse.denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
  return {
    async assumeRole(parameters) {
      const roleArn = parameters.required("RoleArn");
      const name = parameters.required("RoleSessionName");
      const token = parameters.required("WebIdentityToken");
      const asked = parameters.integer("DurationSeconds", shortest, longest);
      parameters.finish();
      if (!/^[\w+=,.@-]{2,64}$/.test(name))
        throw new Refusal("ValidationError", `Invalid RoleSessionName ${name}: 2 to 64 letters, digits and _ + = , . @ -`, 400);
      if (asked !== undefined && asked > Math.max(usual, options.credentialSeconds())) {
        throw new Refusal("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", 400);
      }
      const now = options.now();
      const claims = await verifyToken(token, options.jwks, options.issuer, now);
      const role = roles.find((each) => roleArn === `arn:aws:iam::${account}:role/${each.name}`);
      if (!role || !isTrusted(role.trust, claims)) throw notAuthorized();
      const seconds = Math.min(asked ?? usual, options.credentialSeconds());
      const issued = credentials.issue(role.name, name, new Date(now.getTime() + seconds * 1000));
      return {
        SubjectFromWebIdentityToken: String(claims.sub),
        Audience: audience,
        Provider: `arn:aws:iam::${account}:oidc-provider/${String(claims.iss).replace(/^https?:\/\//, "")}`,
        AssumedRoleUser: { Arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${name}`, AssumedRoleId: `AROASANDBOX:${name}` },
        Credentials: {
          AccessKeyId: issued.accessKeyId,
          SecretAccessKey: issued.secretAccessKey,
          SessionToken: issued.sessionToken,
          Expiration: issued.expiration.toISOString(),
        },
      };
    },
    callerIdentity(parameters, identity) {
      parameters.finish();
      return { Arn: identity.arn, UserId: identity.userId, Account: account };
    },
    identityOf(session) {
      if (!session) return { arn: `arn:aws:iam::${account}:user/developer`, userId: "AIDASANDBOXDEVELOPER", allow: ["rds:*"] };
      const role = roles.find((each) => each.name === session.role);
      // A role that was taken away since takes its sessions with it.
      if (!role) throw refuse.denied(`The role ${session.role} no longer exists`);
      return {
        arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${session.name}`,
        userId: `AROASANDBOX:${session.name}`,
        allow: allowOf(role),
      };
    },
  };
}
