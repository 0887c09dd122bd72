import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  AddTagsToResourceCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  DBClusterNotFoundFault,
  DBInstanceNotFoundFault,
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterCommand,
  paginateDescribeDBClusterSnapshots,
  RDSClient,
  RemoveTagsFromResourceCommand,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
  SnapshotQuotaExceededFault,
  waitUntilDBClusterAvailable,
  waitUntilDBClusterDeleted,
  waitUntilDBClusterSnapshotAvailable,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
} from "@aws-sdk/client-rds";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { PATIENCE } from "../../testing/patience.ts";
import { type Aws, type AwsRequest, type Fault, startAws } from "./aws.ts";

let state: string;
let aws: Aws;
let rds: RDSClient;
let intercept: ((request: AwsRequest) => Fault | undefined) | undefined;

async function start(pace = 20): Promise<void> {
  aws = await startAws({
    state,
    port: 0,
    roles: [],
    jwks: async () => ({ keys: [] }),
    pace,
    quotas: { manualSnapshots: 50, clusters: 5 },
    intercept: (request) => intercept?.(request),
  });
  rds = new RDSClient({ endpoint: aws.url, region: aws.region, credentials: aws.developer, maxAttempts: 1 });
}

async function stop(): Promise<void> {
  rds.destroy();
  await aws.close();
}

beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), "holdfast-rds-"));
  await start();
});

afterAll(async () => {
  await stop();
  await rm(state, { recursive: true, force: true });
});

beforeEach(() => {
  intercept = undefined;
});

const quickly = () => ({ client: rds, maxWaitTime: PATIENCE.timeout / 1000, minDelay: 0.02, maxDelay: 0.05 });
const snapshotOf = (name: string) =>
  new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: "app-prod", DBClusterSnapshotIdentifier: name });
const settled = () => waitUntilDBClusterAvailable(quickly(), { DBClusterIdentifier: "app-prod" });

async function takeSnapshot(name: string): Promise<void> {
  await rds.send(snapshotOf(name));
  await waitUntilDBClusterSnapshotAvailable(quickly(), { DBClusterSnapshotIdentifier: name });
  await settled();
}

test("a cluster is described in the shapes of the API", async () => {
  const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: "APP-PROD" }));
  expect(DBClusters).toHaveLength(1);
  expect(DBClusters?.[0]).toMatchObject({
    DBClusterIdentifier: "app-prod",
    Status: "available",
    Engine: "aurora-postgresql",
    EngineVersion: "15.18",
    DatabaseName: "app",
    MasterUsername: "holdfast_admin",
    DeletionProtection: true,
    DBClusterMembers: [{ DBInstanceIdentifier: "app-prod-1", IsClusterWriter: true }],
    TagList: [],
    DBClusterArn: "arn:aws:rds:eu-west-1:123456789012:cluster:app-prod",
  });
  expect(DBClusters?.[0]?.DbClusterResourceId).toMatch(/^cluster-[A-Z0-9]{26}$/);
  expect(DBClusters?.[0]?.EarliestRestorableTime).toBeInstanceOf(Date);
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ Filters: [{ Name: "db-cluster-id", Values: ["app-prod"] }] }));
  expect(DBInstances?.[0]).toMatchObject({
    DBInstanceIdentifier: "app-prod-1",
    DBInstanceStatus: "available",
    Endpoint: { Address: "127.0.0.1", Port: DBClusters?.[0]?.Port },
  });
});

test("faults carry the API's codes, classes and statuses", async () => {
  await expect(rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: "none" }))).rejects.toThrow(DBClusterNotFoundFault);
  await expect(rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: "none" }))).rejects.toThrow(DBInstanceNotFoundFault);
  const faults: readonly [Promise<unknown>, string, number][] = [
    [rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: "none" })), "DBClusterSnapshotNotFoundFault", 404],
    [
      rds.send(new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: "none", DBClusterSnapshotIdentifier: "s" })),
      "DBClusterNotFoundFault",
      404,
    ],
    [rds.send(snapshotOf("two--hyphens")), "InvalidParameterValue", 400],
    [rds.send(snapshotOf("ends-")), "InvalidParameterValue", 400],
    [rds.send(snapshotOf("1digit")), "InvalidParameterValue", 400],
    [rds.send(new DescribeDBClustersCommand({ MaxRecords: 19 })), "InvalidParameterValue", 400],
    [rds.send(new DescribeDBClustersCommand({ MaxRecords: 101 })), "InvalidParameterValue", 400],
    [rds.send(new DescribeDBClustersCommand({ Filters: [{ Name: "colour", Values: ["red"] }] })), "InvalidParameterValue", 400],
    [
      rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterIdentifier: "a", DBClusterSnapshotIdentifier: "b" })),
      "InvalidParameterCombination",
      400,
    ],
    [
      rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: "app-prod", SkipFinalSnapshot: true })),
      "InvalidParameterCombination",
      400,
    ],
    [rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: "app-prod", NewDBClusterIdentifier: "x" })), "InternalFailure", 500],
    [rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: "app-prod", BackupRetentionPeriod: 3 })), "InternalFailure", 500],
    [rds.send(new DescribeDBEngineVersionsCommand({})), "InternalFailure", 500],
  ];
  for (const [sent, name, status] of faults) await expect(sent).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
  await expect(rds.send(new DescribeDBEngineVersionsCommand({}))).rejects.toThrow("DescribeDBEngineVersions");
});

test("a point in time outside of the range, or asked for twice, is refused", async () => {
  const restore = (more: object) =>
    rds.send(new RestoreDBClusterToPointInTimeCommand({ SourceDBClusterIdentifier: "app-prod", DBClusterIdentifier: "x", ...more }));
  await expect(restore({ RestoreToTime: new Date(Date.now() + 60_000) })).rejects.toMatchObject({
    name: "InvalidParameterValue",
    message: expect.stringContaining("later than"),
  });
  await expect(restore({ RestoreToTime: new Date(Date.now() - 3_600_000) })).rejects.toMatchObject({
    name: "InvalidParameterValue",
    message: expect.stringContaining("earlier than"),
  });
  const combinations = [
    {},
    { RestoreToTime: new Date(), UseLatestRestorableTime: true },
    { RestoreToTime: new Date(), RestoreType: "copy-on-write" },
    { UseLatestRestorableTime: true, EnablePerformanceInsights: false },
  ];
  for (const combination of combinations) await expect(restore(combination)).rejects.toMatchObject({ name: "InvalidParameterCombination" });
  await expect(restore({ UseLatestRestorableTime: true, DBClusterIdentifier: "app-prod" })).rejects.toMatchObject({
    name: "DBClusterAlreadyExistsFault",
  });
});

test("tags are kept, merged, removed and checked", async () => {
  const ResourceName = "arn:aws:rds:eu-west-1:123456789012:cluster:app-prod";
  const tags = async () => (await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList;
  await rds.send(
    new AddTagsToResourceCommand({
      ResourceName,
      Tags: [
        { Key: "team", Value: "shop" },
        { Key: "tier", Value: "1" },
      ],
    }),
  );
  await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: "tier", Value: "2 of 3" }] }));
  expect(await tags()).toEqual([
    { Key: "team", Value: "shop" },
    { Key: "tier", Value: "2 of 3" },
  ]);
  for (const Key of ["aws:x", "rds:x", "a,b", "quote'", "hash#", ""]) {
    await expect(rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key, Value: "x" }] }))).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
  }
  const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: "" }));
  await expect(rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: many }))).rejects.toMatchObject({
    name: "InvalidParameterValue",
  });
  await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ["team", "tier"] }));
  expect(await tags()).toEqual([]);
});

test("while a snapshot is made, no other may begin; what it leaves can be listed and deleted", async () => {
  await rds.send(snapshotOf("first"));
  await expect(rds.send(snapshotOf("second"))).rejects.toMatchObject({ name: "InvalidDBClusterStateFault" });
  await expect(rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: "first" }))).rejects.toMatchObject({
    name: "InvalidDBClusterSnapshotStateFault",
  });
  await waitUntilDBClusterSnapshotAvailable(quickly(), { DBClusterSnapshotIdentifier: "first" });
  await settled();
  await expect(rds.send(snapshotOf("first"))).rejects.toMatchObject({ name: "DBClusterSnapshotAlreadyExistsFault" });
  const { DBClusterSnapshots } = await rds.send(
    new DescribeDBClusterSnapshotsCommand({ DBClusterIdentifier: "app-prod", SnapshotType: "manual" }),
  );
  expect(DBClusterSnapshots).toMatchObject([{ DBClusterSnapshotIdentifier: "first", Status: "available", PercentProgress: 100 }]);
  expect((await rds.send(new DescribeDBClusterSnapshotsCommand({ SnapshotType: "automated" }))).DBClusterSnapshots).toEqual([]);
  const { Events } = await rds.send(new DescribeEventsCommand({ SourceType: "db-cluster-snapshot", SourceIdentifier: "first" }));
  expect(Events?.map(({ Message }) => Message)).toEqual(["Creating manual cluster snapshot.", "Manual cluster snapshot created."]);
  await rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: "first" }));
  await expect(rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: "first" }))).rejects.toMatchObject({
    name: "DBClusterSnapshotNotFoundFault",
  });
});

test("a clone is renamed, keeps its rows under the new name, and is deleted behind a final snapshot", async () => {
  await rds.send(
    new RestoreDBClusterToPointInTimeCommand({
      SourceDBClusterIdentifier: "app-prod",
      DBClusterIdentifier: "clone",
      UseLatestRestorableTime: true,
      RestoreType: "copy-on-write",
      Tags: [{ Key: "purpose", Value: "drill" }],
    }),
  );
  const instance = {
    DBInstanceIdentifier: "clone-1",
    DBClusterIdentifier: "clone",
    DBInstanceClass: "db.r6g.large",
    Engine: "aurora-postgresql",
  };
  await expect(rds.send(new CreateDBInstanceCommand(instance))).rejects.toMatchObject({ name: "InvalidDBClusterStateFault" });
  await waitUntilDBClusterAvailable(quickly(), { DBClusterIdentifier: "clone" });
  await rds.send(new CreateDBInstanceCommand(instance));
  await waitUntilDBInstanceAvailable(quickly(), { DBInstanceIdentifier: "clone-1" });
  await rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: "clone", NewDBClusterIdentifier: "renamed", ApplyImmediately: true }));
  await expect
    .poll(async () =>
      (await rds.send(new DescribeDBClustersCommand({}))).DBClusters?.map((each) => `${each.DBClusterIdentifier} ${each.Status}`),
    )
    .toContain("renamed available");
  const [renamed] = (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: "renamed" }))).DBClusters ?? [];
  expect(renamed).toMatchObject({ TagList: [{ Key: "purpose", Value: "drill" }], DBClusterMembers: [{ DBInstanceIdentifier: "clone-1" }] });
  const client = new pg.Client({ host: renamed?.Endpoint, port: renamed?.Port, database: "app", ...aws.master });
  await client.connect();
  await client.end();

  const final = { DBClusterIdentifier: "renamed", FinalDBSnapshotIdentifier: "last-words" };
  await expect(rds.send(new DeleteDBClusterCommand(final))).rejects.toMatchObject({ name: "InvalidDBClusterStateFault" });
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: "clone-1" }));
  await waitUntilDBInstanceDeleted(quickly(), { DBInstanceIdentifier: "clone-1" });
  await rds.send(new DeleteDBClusterCommand(final));
  await waitUntilDBClusterDeleted(quickly(), { DBClusterIdentifier: "renamed" });
  const { DBClusterSnapshots } = await rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: "last-words" }));
  expect(DBClusterSnapshots).toMatchObject([{ Status: "available", DBClusterIdentifier: "renamed" }]);
});

test("an interceptor refuses, breaks off, or loses the answer of what was done", async () => {
  const only = (fault: Fault) => (request: AwsRequest) => (request.action === "CreateDBClusterSnapshot" ? fault : undefined);
  intercept = only({ kind: "error", status: 400, code: "Throttling", message: "Rate exceeded" });
  await expect(rds.send(snapshotOf("unlucky"))).rejects.toMatchObject({ name: "Throttling" });
  intercept = only({ kind: "disconnect" });
  await expect(rds.send(snapshotOf("unlucky"))).rejects.toThrow();
  await expect(rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: "unlucky" }))).rejects.toMatchObject({
    name: "DBClusterSnapshotNotFoundFault",
  });
  intercept = only({ kind: "lose-answer" });
  await expect(rds.send(snapshotOf("unlucky"))).rejects.toThrow();
  await waitUntilDBClusterSnapshotAvailable(quickly(), { DBClusterSnapshotIdentifier: "unlucky" });
  await settled();
});

test("after a restart, interrupted work is done again, and pages and quotas hold", async () => {
  await takeSnapshot("base");
  await stop();
  const file = path.join(state, "rds", "world.json");
  const world = JSON.parse(await readFile(file, "utf8"));
  const [cluster] = world.clusters;
  const template = world.snapshots.find((each: { id: string }) => each.id === "base");
  // What a kill in the middle leaves behind: promises on disk, and no files.
  world.snapshots.push({ ...template, id: "interrupted", storage: "snapshot-INTERRUPTED", status: "creating", percent: 0, task: "create" });
  cluster.status = "backing-up";
  world.clusters.push(
    {
      ...cluster,
      id: "half",
      resourceId: "cluster-HALF",
      status: "migrating",
      percent: 0,
      task: { kind: "restore-snapshot", storage: template.storage },
    },
    {
      ...cluster,
      id: "hopeless",
      resourceId: "cluster-HOPELESS",
      status: "creating",
      percent: 0,
      task: { kind: "restore-time", source: "cluster-GONE", time: new Date().toISOString() },
    },
  );
  const missing = 50 - world.snapshots.length;
  for (let index = 0; index < missing; index++)
    world.snapshots.push({ ...template, id: `page-${index}`, storage: `snapshot-PAGE${index}` });
  await writeFile(file, JSON.stringify(world));
  await start();
  await waitUntilDBClusterSnapshotAvailable(quickly(), { DBClusterSnapshotIdentifier: "interrupted" });
  await waitUntilDBClusterAvailable(quickly(), { DBClusterIdentifier: "half" });
  await settled();
  await expect
    .poll(async () => (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: "hopeless" }))).DBClusters?.[0]?.Status)
    .toBe("failed");

  const sizes: number[] = [];
  const seen = new Set<string | undefined>();
  for await (const page of paginateDescribeDBClusterSnapshots({ client: rds, pageSize: 20 }, {})) {
    sizes.push(page.DBClusterSnapshots?.length ?? 0);
    for (const each of page.DBClusterSnapshots ?? []) seen.add(each.DBClusterSnapshotIdentifier);
  }
  expect(sizes).toEqual([20, 20, 10]);
  expect(seen.size).toBe(50);
  await expect(rds.send(snapshotOf("one-more"))).rejects.toThrow(SnapshotQuotaExceededFault);
  const more = (id: string) =>
    rds.send(new RestoreDBClusterFromSnapshotCommand({ DBClusterIdentifier: id, SnapshotIdentifier: "base", Engine: "aurora-postgresql" }));
  await Promise.all([more("four"), more("five")]);
  await expect(more("six")).rejects.toMatchObject({ name: "DBClusterQuotaExceededFault", $metadata: { httpStatusCode: 403 } });
});
