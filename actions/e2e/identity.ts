import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { MakingWorker, WorldOptions } from "./worker-world.ts";

/** An issuer of workflow identities for workers that run outside a job, and the role that trusts them. */
export interface Identity {
  readonly options: Required<Pick<WorldOptions, "roles" | "jwks">>;
  /** What makes a worker trade an identity for credentials instead of using the key of this machine. */
  env(worker: MakingWorker, aws: { readonly url: string; roleArn(name: string): string }): Readonly<Record<string, string>>;
  /** How many identities were issued. */
  issued(): number;
  close(): Promise<void>;
}

const CLAIMS = {
  iss: "https://issuer.example",
  aud: "sts.amazonaws.com",
  ref: "refs/heads/production",
  repository_id: "42",
};
const WORKERS: readonly MakingWorker[] = ["snapshot", "restore"];
const subjectOf = (worker: string) => `repo:acme/holdfast:environment:${worker}`;
const roleOf = (worker: MakingWorker) => `holdfast-${worker}`;

export async function openIdentity(now: () => Date): Promise<Identity> {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  let count = 0;
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const issue = (worker: string): string => {
    count += 1;
    const seconds = Math.floor(now().getTime() / 1000);
    const signed = `${encode({ alg: "RS256", kid: "1", typ: "JWT" })}.${encode({ ...CLAIMS, sub: subjectOf(worker), iat: seconds, nbf: seconds, exp: seconds + 300 })}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), keys.privateKey).toString("base64url")}`;
  };
  const server = createServer((request, response) => {
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ value: issue(new URL(`http://issuer${request.url}`).searchParams.get("for") ?? "") }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("The issuer has no port");
  const url = `http://127.0.0.1:${address.port}/?for=`;
  return {
    options: {
      roles: WORKERS.map((worker) => ({
        name: roleOf(worker),
        trust: { sub: [subjectOf(worker)], ref: [CLAIMS.ref], repositoryId: [CLAIMS.repository_id] },
      })),
      jwks: async () => ({ keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: "1" }] }),
    },
    env: (worker, aws) => ({
      AWS_ROLE_ARN: aws.roleArn(roleOf(worker)),
      AWS_ENDPOINT_URL_STS: aws.url,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}${worker}`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "asked-by-a-test",
    }),
    issued: () => count,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
