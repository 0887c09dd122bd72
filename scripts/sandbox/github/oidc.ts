import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, randomBytes, randomUUID, sign } from "node:crypto";
import { ApiError, ok } from "./answer.ts";
import type { RunRecord } from "./engine-seam.ts";
import type { Repository } from "./repository.ts";
import type { Route } from "./route.ts";
import { readStored, writeStored } from "./stored-file.ts";

/** The identity issuer: a job with `id-token: write` trades its request token for a signed statement of what it is. */

export interface OidcJob {
  readonly id: number;
  readonly name: string;
  readonly environment: string | null;
}

export type SubjectForm = "classic" | "immutable";

export interface OidcOptions {
  readonly keyFile: string;
  readonly issuer: string;
  readonly server: string;
  readonly repository: Repository;
  readonly subject: SubjectForm;
  readonly now: () => Date;
  readonly personId: (login: string) => number;
}

export interface Oidc {
  /** What a job is given to ask with; nothing of it survives the job or the process. */
  open(run: RunRecord, job: OidcJob): { readonly requestUrl: string; readonly requestToken: string };
  close(jobId: number): void;
  readonly routes: readonly Route[];
}

interface StoredKey {
  readonly kid: string;
  readonly privateKey: string;
}

// GitHub's identity tokens live five minutes.
const lifetime = 5 * 60;

function loadKey(file: string): StoredKey {
  const known = readStored<StoredKey | null>(file, null);
  if (known !== null) return known;
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const fresh = { kid: randomUUID(), privateKey };
  writeStored(file, fresh, 0o600);
  return fresh;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function subjectOf(form: SubjectForm, repository: Repository, run: RunRecord, environment: string | null): string {
  const { owner, ownerId, name, id } = repository;
  const named = form === "classic" ? `${owner}/${name}` : `${owner}@${ownerId}/${name}@${id}`;
  const context = environment === null ? `ref:${run.ref.replaceAll(":", "%3A")}` : `environment:${environment.replaceAll(":", "%3A")}`;
  return `repo:${named}:${context}`;
}

export function openOidc({ keyFile, issuer, server, repository, subject, now, personId }: OidcOptions): Oidc {
  const { kid, privateKey } = loadKey(keyFile);
  const key = createPrivateKey(privateKey);
  const publicJwk: JsonWebKey = createPublicKey(key).export({ format: "jwk" });
  const asking = new Map<string, { readonly run: RunRecord; readonly job: OidcJob }>();
  const full = `${repository.owner}/${repository.name}`;

  const claimsOf = (run: RunRecord, job: OidcJob, audience: string) => {
    const seconds = Math.floor(now().getTime() / 1000);
    const workflowRef = `${full}/${run.path}@${run.ref}`;
    return {
      jti: randomUUID(),
      sub: subjectOf(subject, repository, run, job.environment),
      aud: audience,
      ref: run.ref,
      ref_type: run.ref.startsWith("refs/tags/") ? "tag" : "branch",
      ref_protected: "false",
      sha: run.sha,
      repository: full,
      repository_id: String(repository.id),
      repository_owner: repository.owner,
      repository_owner_id: String(repository.ownerId),
      repository_visibility: repository.private ? "private" : "public",
      actor: run.actor,
      actor_id: String(personId(run.actor)),
      workflow: run.workflowName,
      workflow_ref: workflowRef,
      workflow_sha: run.sha,
      job_workflow_ref: workflowRef,
      job_workflow_sha: run.sha,
      event_name: run.event,
      run_id: String(run.id),
      run_attempt: String(run.attempt),
      runner_environment: "self-hosted",
      head_ref: "",
      base_ref: "",
      check_run_id: String(job.id),
      ...(job.environment === null ? {} : { environment: job.environment }),
      iss: issuer,
      nbf: seconds,
      iat: seconds,
      exp: seconds + lifetime,
    };
  };
  const signed = (claims: unknown) => {
    const content = `${encode({ typ: "JWT", alg: "RS256", kid })}.${encode(claims)}`;
    return `${content}.${sign("RSA-SHA256", Buffer.from(content), key).toString("base64url")}`;
  };

  return {
    open(run, job) {
      const requestToken = randomBytes(32).toString("base64url");
      asking.set(requestToken, { run, job });
      // Clients append `&audience=`, so the address must already have a query.
      return { requestUrl: `${issuer}/token?api-version=2.0`, requestToken };
    },
    close(jobId) {
      for (const [token, { job }] of asking) if (job.id === jobId) asking.delete(token);
    },
    routes: [
      {
        method: "GET",
        path: "/_oidc/.well-known/openid-configuration",
        access: "open",
        handle: () =>
          ok({
            issuer,
            jwks_uri: `${issuer}/.well-known/jwks`,
            subject_types_supported: ["public", "pairwise"],
            response_types_supported: ["id_token"],
            id_token_signing_alg_values_supported: ["RS256"],
            scopes_supported: ["openid"],
          }),
      },
      {
        method: "GET",
        path: "/_oidc/.well-known/jwks",
        access: "open",
        handle: () => ok({ keys: [{ ...publicJwk, kid, alg: "RS256", use: "sig" }] }),
      },
      {
        method: "GET",
        path: "/_oidc/token",
        access: "open",
        handle({ headers, query }) {
          const [, token = ""] = /^bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
          const found = asking.get(token);
          if (found === undefined) throw new ApiError(401, "The identity request token is unknown or its job has ended");
          const value = signed(claimsOf(found.run, found.job, query.get("audience") ?? `${server}/${repository.owner}`));
          return ok({ count: value.length, value });
        },
      },
    ],
  };
}
