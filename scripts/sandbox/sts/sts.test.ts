import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  AddTagsToResourceCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBLogFilesCommand,
  DownloadDBLogFilePortionCommand,
  RDSClient,
  RemoveTagsFromResourceCommand,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
} from "@aws-sdk/client-rds";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { PATIENCE } from "../../testing/patience.ts";
import { type Aws, startAws } from "../rds/aws.ts";
import type { RecordEntry } from "../record.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
const classic = "repo:acme/holdfast:environment:snapshot";
const immutable = "repo:acme@7/holdfast@42:environment:snapshot";
const trust = { sub: [classic, immutable], ref: ["refs/heads/production"], repositoryId: ["42"] };
const trustedClaims = {
  iss: "https://issuer.example",
  aud: "sts.amazonaws.com",
  sub: classic,
  ref: "refs/heads/production",
  repository_id: "42",
};

let state: string;
let aws: Aws;
let clock = new Date();
const records: RecordEntry[] = [];

beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), "holdfast-sts-"));
  aws = await startAws({
    state,
    port: 0,
    roles: [
      { name: "holdfast-snapshot", trust },
      { name: "holdfast-restore", trust },
      { name: "holdfast-cleanup", trust },
      { name: "holdfast-retention", trust },
      { name: "holdfast-hold", trust },
      { name: "holdfast-read", trust },
      { name: "holdfast-detect", trust },
    ],
    jwks: async () => ({
      keys: [
        { ...rsa.publicKey.export({ format: "jwk" }), kid: "rsa-1" },
        { ...ec.publicKey.export({ format: "jwk" }), kid: "ec-1" },
      ],
    }),
    issuer: "https://issuer.example",
    now: () => clock,
    pace: 20,
    record: (entry) => records.push(entry),
    onPostgres: () => {},
  });
});

afterAll(async () => {
  await aws?.close();
  await rm(state, { recursive: true, force: true });
});

beforeEach(() => {
  clock = new Date();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

interface Issued {
  readonly key?: KeyObject;
  readonly alg?: string;
  readonly kid?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

function makeToken({ key = rsa.privateKey, alg = "RS256", kid = "rsa-1", claims = {} }: Issued = {}): string {
  const seconds = Math.floor(clock.getTime() / 1000);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ alg, kid, typ: "JWT" })}.${encode({ ...trustedClaims, iat: seconds, exp: seconds + 300, ...claims })}`;
  const signature =
    alg === "ES256" ? sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }) : sign("sha256", Buffer.from(text), key);
  return `${text}.${signature.toString("base64url")}`;
}

/** The environment of a job: the SDK's own chain finds the token, trades it, and finds the endpoint. */
async function clientFor(role: string, issued: Issued = {}): Promise<RDSClient> {
  const file = path.join(state, "token");
  await writeFile(file, makeToken(issued));
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"]) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", path.join(state, "none"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", path.join(state, "none"));
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_WEB_IDENTITY_TOKEN_FILE", file);
  vi.stubEnv("AWS_ROLE_ARN", aws.roleArn(role));
  vi.stubEnv("AWS_REGION", aws.region);
  vi.stubEnv("AWS_ENDPOINT_URL_RDS", aws.url);
  vi.stubEnv("AWS_ENDPOINT_URL_STS", aws.url);
  return new RDSClient({ maxAttempts: 1 });
}

// A restore of a small cluster takes a second or two; the rest is for a busy machine.

const describeAll = new DescribeDBClustersCommand({});

test.each([
  ["RS256, classic subject", {}],
  ["ES256", { key: ec.privateKey, alg: "ES256", kid: "ec-1" }],
  ["immutable subject", { claims: { sub: immutable } }],
])("a trusted token becomes credentials: %s", async (_, issued) => {
  const rds = await clientFor("holdfast-read", issued);
  expect((await rds.send(describeAll)).DBClusters?.map((cluster) => cluster.DBClusterIdentifier)).toEqual(["app-prod"]);
});

const refusals: readonly [string, string, Issued][] = [
  ["another environment", "AccessDenied", { claims: { sub: "repo:acme/holdfast:environment:other" } }],
  ["a longer subject", "AccessDenied", { claims: { sub: `${classic}2` } }],
  ["another case", "AccessDenied", { claims: { sub: classic.toUpperCase() } }],
  ["another branch", "AccessDenied", { claims: { ref: "refs/heads/main" } }],
  ["another repository of that name", "AccessDenied", { claims: { repository_id: "43" } }],
  ["another audience", "InvalidIdentityToken", { claims: { aud: "https://github.com/acme" } }],
  ["another issuer", "InvalidIdentityToken", { claims: { iss: "https://elsewhere.example" } }],
  ["a stranger's signature", "InvalidIdentityToken", { key: stranger.privateKey }],
  ["an unknown key id", "InvalidIdentityToken", { kid: "rsa-2" }],
  ["a key of another kind", "InvalidIdentityToken", { kid: "ec-1" }],
  ["an expired token", "ExpiredTokenException", { claims: { exp: 1_000_000_000 } }],
];

test.each(refusals)("no credentials for %s", async (_, name, issued) => {
  const rds = await clientFor("holdfast-read", issued);
  await expect(rds.send(describeAll)).rejects.toMatchObject({ name: expect.stringContaining(name) });
});

test("no credentials for a role that does not exist", async () => {
  const rds = await clientFor("holdfast-admin");
  await expect(rds.send(describeAll)).rejects.toMatchObject({
    name: "AccessDenied",
    message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
  });
});

test("a role does what it is for and nothing else", async () => {
  const snapshot = new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: "app-prod", DBClusterSnapshotIdentifier: "by-role" });
  const restore = new RestoreDBClusterFromSnapshotCommand({
    DBClusterIdentifier: "x",
    SnapshotIdentifier: "missing",
    Engine: "aurora-postgresql",
  });
  const instance = new CreateDBInstanceCommand({
    DBInstanceIdentifier: "x",
    DBInstanceClass: "db.r6g.large",
    Engine: "aurora-postgresql",
    DBClusterIdentifier: "missing",
  });
  const deleteCluster = new DeleteDBClusterCommand({ DBClusterIdentifier: "app-prod", SkipFinalSnapshot: true });
  const deleteSnapshot = new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: "by-role" });
  const denied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };

  const reader = await clientFor("holdfast-read");
  await expect(reader.send(snapshot)).rejects.toMatchObject(denied);
  const restorer = await clientFor("holdfast-restore");
  await expect(restorer.send(snapshot)).rejects.toMatchObject(denied);
  await expect(restorer.send(restore)).rejects.toMatchObject({ name: "DBClusterSnapshotNotFoundFault" });
  await expect(restorer.send(instance)).rejects.toMatchObject({ name: "DBClusterNotFoundFault" });
  const snapshooter = await clientFor("holdfast-snapshot");
  await expect(snapshooter.send(restore)).rejects.toMatchObject(denied);
  expect((await snapshooter.send(snapshot)).DBClusterSnapshot?.DBClusterSnapshotIdentifier).toBe("by-role");
  for (const client of [reader, restorer, snapshooter]) {
    await expect(client.send(deleteCluster)).rejects.toMatchObject(denied);
    await expect(client.send(deleteSnapshot)).rejects.toMatchObject(denied);
  }
});

test("the role that deletes does so only where our tag is, and can put it nowhere", async () => {
  const developer = new RDSClient({ region: aws.region, endpoint: aws.url, credentials: aws.developer });
  const source = { SourceDBClusterIdentifier: "app-prod", UseLatestRestorableTime: true };
  const Tags = [{ Key: "holdfast:managed", Value: "true" }];
  await developer.send(new RestoreDBClusterToPointInTimeCommand({ ...source, DBClusterIdentifier: "ours", Tags }));
  await developer.send(new RestoreDBClusterToPointInTimeCommand({ ...source, DBClusterIdentifier: "foreign" }));
  await vi.waitFor(async () => {
    const { DBClusters = [] } = await developer.send(describeAll);
    expect(DBClusters.map((each) => each.Status)).toEqual(["available", "available", "available"]);
  }, PATIENCE);

  const cleaner = await clientFor("holdfast-cleanup");
  const denied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };
  const remove = (DBClusterIdentifier: string) => new DeleteDBClusterCommand({ DBClusterIdentifier, SkipFinalSnapshot: true });
  for (const name of ["foreign", "app-prod", "missing"]) await expect(cleaner.send(remove(name))).rejects.toMatchObject(denied);
  await expect(cleaner.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: "app-prod-1" }))).rejects.toMatchObject(denied);
  const tagging = new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: "app-prod", DBClusterSnapshotIdentifier: "tagged", Tags });
  await expect(cleaner.send(tagging)).rejects.toMatchObject(denied);
  const ResourceName = `arn:aws:rds:${aws.region}:${aws.account}:cluster:foreign`;
  await expect(cleaner.send(new AddTagsToResourceCommand({ ResourceName, Tags }))).rejects.toMatchObject(denied);
  expect((await cleaner.send(remove("ours"))).DBCluster?.Status).toBe("deleting");
  await developer.send(remove("foreign"));
  await vi.waitFor(async () => expect((await developer.send(describeAll)).DBClusters).toHaveLength(1), PATIENCE);
  developer.destroy();
});

test("the role that deletes snapshots cannot tag and is refused what is held; the role that holds deletes nothing and changes no other tag", async () => {
  const developer = new RDSClient({ region: aws.region, endpoint: aws.url, credentials: aws.developer });
  const DBClusterSnapshotIdentifier = "to-hold";
  const managed = [{ Key: "holdfast:managed", Value: "true" }];
  await developer.send(new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: "app-prod", DBClusterSnapshotIdentifier, Tags: managed }));
  const describe = new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier });
  await vi.waitFor(async () => expect((await developer.send(describe)).DBClusterSnapshots?.[0]?.Status).toBe("available"), PATIENCE);
  const ResourceName = `arn:aws:rds:${aws.region}:${aws.account}:cluster-snapshot:to-hold`;
  const held = [{ Key: "holdfast:held", Value: "a request" }];
  const remove = new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier });
  const denied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };

  // A client reads the environment at its first request.
  const holder = await clientFor("holdfast-hold");
  await expect(holder.send(remove)).rejects.toMatchObject(denied);
  await expect(holder.send(new AddTagsToResourceCommand({ ResourceName, Tags: managed }))).rejects.toMatchObject(denied);
  const deleter = await clientFor("holdfast-retention");
  await expect(deleter.send(new AddTagsToResourceCommand({ ResourceName, Tags: held }))).rejects.toMatchObject(denied);
  await holder.send(new AddTagsToResourceCommand({ ResourceName, Tags: held }));
  await expect(deleter.send(remove)).rejects.toMatchObject(denied);
  await expect(deleter.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ["holdfast:held"] }))).rejects.toMatchObject(denied);
  await holder.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ["holdfast:held"] }));
  await deleter.send(remove);
  for (const client of [developer, deleter, holder]) client.destroy();
});

test("credentials expire", async () => {
  const rds = await clientFor("holdfast-read");
  const credentials = await rds.config.credentials();
  const kept = new RDSClient({
    maxAttempts: 1,
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken ?? "",
    },
  });
  await kept.send(describeAll);
  expect(credentials.expiration?.getTime()).toBe(new Date(clock.getTime() + 3_600_000).getTime());
  clock = new Date(clock.getTime() + 3_600_001);
  await expect(kept.send(describeAll)).rejects.toMatchObject({ name: "ExpiredToken", $metadata: { httpStatusCode: 403 } });
});

test("only a request signed with a live key is heard", async () => {
  const client = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }, region = aws.region) =>
    new RDSClient({ endpoint: aws.url, region, credentials, maxAttempts: 1 });
  await client(aws.developer).send(describeAll);
  await expect(client({ ...aws.developer, secretAccessKey: "wrong" }).send(describeAll)).rejects.toMatchObject({
    name: "SignatureDoesNotMatch",
  });
  await expect(client({ ...aws.developer, accessKeyId: "AKIAUNKNOWN" }).send(describeAll)).rejects.toMatchObject({
    name: "InvalidClientTokenId",
  });
  await expect(client({ ...aws.developer, sessionToken: "forged.token" }).send(describeAll)).rejects.toMatchObject({
    name: "InvalidClientTokenId",
  });
  await expect(client(aws.developer, "us-east-1").send(describeAll)).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
  const unsigned = await fetch(aws.url, { method: "POST", body: "Action=DescribeDBClusters&Version=2014-10-31" });
  expect(unsigned.status).toBe(403);
  expect(await unsigned.text()).toContain("<Code>MissingAuthenticationToken</Code>");
});

test("the record holds each request and no secret", async () => {
  records.length = 0;
  const rds = await clientFor("holdfast-read");
  await rds.send(describeAll);
  const { secretAccessKey, sessionToken } = await rds.config.credentials();
  expect(records.map(({ service, status }) => [service, status])).toEqual([
    ["sts", 200],
    ["rds", 200],
  ]);
  const text = JSON.stringify(records);
  expect(text).not.toContain(secretAccessKey);
  expect(text).not.toContain(sessionToken);
  expect(text).not.toContain(aws.master.password);
  expect(records[0]?.request).toMatchObject({ Action: "AssumeRoleWithWebIdentity", WebIdentityToken: "***" });
});

test("a container with a role gets its credentials from beside it, and nobody else does", async () => {
  const environment = aws.taskEnvironment("holdfast-detect");
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  // The chain would look into these first.
  const before = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"];
  for (const name of before) vi.stubEnv(name, undefined);
  for (const name of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(name, path.join(state, "none"));
  const rds = new RDSClient({ endpoint: aws.url, region: aws.region, maxAttempts: 1 });
  const { DescribeDBLogFiles: files = [] } = await rds.send(new DescribeDBLogFilesCommand({ DBInstanceIdentifier: "app-prod-1" }));
  const portion = { DBInstanceIdentifier: "app-prod-1", LogFileName: files.at(-1)?.LogFileName, Marker: "0" };
  expect((await rds.send(new DownloadDBLogFilePortionCommand(portion))).LogFileData).toMatch(/LOG: {2}/);
  await expect(
    rds.send(new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: "app-prod", DBClusterSnapshotIdentifier: "x" })),
  ).rejects.toMatchObject({ name: "AccessDenied" });
  rds.destroy();
  const url = environment.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? "";
  const authorization = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? "";
  expect((await fetch(url)).status).toBe(403);
  expect((await fetch(url.replace("detect", "cleanup"), { headers: { authorization } })).status).toBe(403);
});

test("the roles that act on clusters do not read their logs", async () => {
  for (const role of ["holdfast-snapshot", "holdfast-restore", "holdfast-cleanup", "holdfast-read"]) {
    const rds = await clientFor(role);
    const portion = new DownloadDBLogFilePortionCommand({
      DBInstanceIdentifier: "app-prod-1",
      LogFileName: "error/postgres.log",
      Marker: "0",
    });
    await expect(rds.send(portion)).rejects.toMatchObject({ name: "AccessDenied" });
  }
});
