import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AddTagsToResourceCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBLogFilesCommand,
  DescribeEventsCommand,
  DownloadDBLogFilePortionCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterCommand,
  RDSClient,
  RemoveTagsFromResourceCommand,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
  waitUntilDBClusterAvailable,
  waitUntilDBClusterDeleted,
  waitUntilDBClusterSnapshotAvailable,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
} from "@aws-sdk/client-rds";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Aws, startAws } from "../sandbox/rds/aws.ts";
import type { RecordEntry } from "../sandbox/record.ts";
import { PATIENCE } from "../testing/patience.ts";
import { checkRecord } from "./check-record.ts";
import { isObject } from "./described.ts";

const record: RecordEntry[] = [];
let state: string;
let aws: Aws;
let rds: RDSClient;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "holdfast-conformity-"));
  const quotas = { manualSnapshots: 2, clusters: 5 };
  aws = await startAws({
    state,
    port: 0,
    roles: [],
    jwks: async () => ({ keys: [] }),
    pace: 50,
    quotas,
    record: (entry) => record.push(entry),
  });
  rds = new RDSClient({ endpoint: aws.url, region: aws.region, credentials: aws.developer, maxAttempts: 1 });
});
afterAll(async () => {
  rds.destroy();
  await aws.close();
  await rm(state, { recursive: true, force: true });
});

const waiting = () => ({ client: rds, maxWaitTime: PATIENCE.timeout / 1000, minDelay: 0.02, maxDelay: 0.05 });
const everything = async () => {
  await rds.send(new DescribeDBClustersCommand({}));
  await rds.send(new DescribeDBClusterSnapshotsCommand({}));
};

const tagged = [{ Key: "holdfast:request-id", Value: "one two_3.4:5/6=7+8-9@10" }];
const live = { DBClusterIdentifier: "app-prod" };
const snapshot = { DBClusterSnapshotIdentifier: "before-it" };

test("a snapshot, its tags, its quota", async () => {
  await rds.send(new DescribeAccountAttributesCommand({}));
  await rds.send(new CreateDBClusterSnapshotCommand({ ...live, ...snapshot, Tags: tagged }));
  await everything();
  await waitUntilDBClusterSnapshotAvailable(waiting(), snapshot);
  await waitUntilDBClusterAvailable(waiting(), live);
  const { DBClusterSnapshots: all } = await rds.send(new DescribeDBClusterSnapshotsCommand(live));
  const ResourceName = all?.[0]?.DBClusterSnapshotArn;
  await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: "held", Value: "" }] }));
  await rds.send(new ListTagsForResourceCommand({ ResourceName }));
  await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ["held"] }));
  await rds.send(new CreateDBClusterSnapshotCommand({ ...live, DBClusterSnapshotIdentifier: "second" }));
  await waitUntilDBClusterSnapshotAvailable(waiting(), { DBClusterSnapshotIdentifier: "second" });
  await waitUntilDBClusterAvailable(waiting(), live);
  await expect(rds.send(new CreateDBClusterSnapshotCommand({ ...live, DBClusterSnapshotIdentifier: "third" }))).rejects.toThrow(
    /[Qq]uota|100|2/,
  );
  await rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: "second" }));
});

test("restores of both kinds, told from their first second on", async () => {
  await rds.send(
    new RestoreDBClusterFromSnapshotCommand({ DBClusterIdentifier: "copy", SnapshotIdentifier: "before-it", Engine: "aurora-postgresql" }),
  );
  await rds.send(
    new RestoreDBClusterToPointInTimeCommand({
      DBClusterIdentifier: "then",
      SourceDBClusterIdentifier: "app-prod",
      UseLatestRestorableTime: true,
    }),
  );
  await everything();
  for (const DBClusterIdentifier of ["copy", "then"]) await waitUntilDBClusterAvailable(waiting(), { DBClusterIdentifier });
  await everything();
  const instance = { DBInstanceIdentifier: "then-1" };
  const asked = { ...instance, DBClusterIdentifier: "then", DBInstanceClass: "db.r6g.large", Engine: "aurora-postgresql" };
  await rds.send(new CreateDBInstanceCommand(asked));
  await rds.send(new DescribeDBInstancesCommand(instance));
  await waitUntilDBInstanceAvailable(waiting(), instance);
});

test("a rename, deletions, events", async () => {
  await rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: "then", NewDBClusterIdentifier: "since", ApplyImmediately: true }));
  await expect
    .poll(async () => {
      const { DBClusters: all = [] } = await rds.send(new DescribeDBClustersCommand({}));
      return all.find((each) => each.DBClusterIdentifier === "since")?.Status;
    })
    .toBe("available");
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: "then-1", SkipFinalSnapshot: true }));
  await waitUntilDBInstanceDeleted(waiting(), { DBInstanceIdentifier: "then-1" });
  for (const DBClusterIdentifier of ["since", "copy"]) {
    await rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier, SkipFinalSnapshot: true }));
    await waitUntilDBClusterDeleted(waiting(), { DBClusterIdentifier });
  }
  await rds.send(new DescribeEventsCommand({ SourceType: "db-cluster", Duration: 60 }));
});

test("log files and their portions", async () => {
  const instance = { DBInstanceIdentifier: "app-prod-1" };
  const { DescribeDBLogFiles: files = [] } = await rds.send(
    new DescribeDBLogFilesCommand({ ...instance, FilenameContains: "postgresql.log", FileLastWritten: 1, FileSize: 1, MaxRecords: 20 }),
  );
  const { LogFileName } = files.at(-1) ?? {};
  const first = await rds.send(new DownloadDBLogFilePortionCommand({ ...instance, LogFileName, Marker: "0", NumberOfLines: 2 }));
  await rds.send(new DownloadDBLogFilePortionCommand({ ...instance, LogFileName, Marker: first.Marker }));
  await rds.send(new DownloadDBLogFilePortionCommand({ ...instance, LogFileName }));
});

test("refusals", async () => {
  const refused: readonly Promise<unknown>[] = [
    rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: "none" })),
    rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: "none" })),
    rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: "none" })),
    rds.send(new CreateDBClusterSnapshotCommand({ ...live, DBClusterSnapshotIdentifier: "no--good" })),
    rds.send(new CreateDBClusterSnapshotCommand({ ...live, DBClusterSnapshotIdentifier: "x", Tags: [{ Key: "a", Value: "(b)" }] })),
    rds.send(new CreateDBClusterSnapshotCommand({ ...live, ...snapshot })),
    rds.send(new RestoreDBClusterFromSnapshotCommand({ ...live, SnapshotIdentifier: "before-it", Engine: "aurora-postgresql" })),
    rds.send(
      new RestoreDBClusterFromSnapshotCommand({ DBClusterIdentifier: "x", SnapshotIdentifier: "none", Engine: "aurora-postgresql" }),
    ),
    rds.send(
      new RestoreDBClusterToPointInTimeCommand({
        DBClusterIdentifier: "x",
        SourceDBClusterIdentifier: "app-prod",
        RestoreToTime: new Date(0),
      }),
    ),
    rds.send(new RestoreDBClusterToPointInTimeCommand({ DBClusterIdentifier: "x", SourceDBClusterIdentifier: "app-prod" })),
    rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: "app-prod-1",
        DBClusterIdentifier: "app-prod",
        DBInstanceClass: "db.r6g.large",
        Engine: "aurora-postgresql",
      }),
    ),
    rds.send(new DeleteDBClusterCommand({ ...live, SkipFinalSnapshot: true })),
    rds.send(new DescribeDBLogFilesCommand({ DBInstanceIdentifier: "none" })),
    rds.send(new DownloadDBLogFilePortionCommand({ DBInstanceIdentifier: "app-prod-1", LogFileName: "error/none" })),
    rds.send(
      new AddTagsToResourceCommand({
        ResourceName: "arn:aws:rds:eu-west-1:123456789012:cluster:app-prod",
        Tags: Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: "" })),
      }),
    ),
  ];
  const outcomes = await Promise.allSettled(refused);
  expect(outcomes.map(({ status }) => status)).toEqual(refused.map(() => "rejected"));
});

test("nothing that was asked and answered contradicts the SDK's schemas or what AWS documents", () => {
  expect(checkRecord(record)).toEqual([]);
  const actions = new Set(record.map(({ request }) => (isObject(request) ? request.Action : "")));
  expect(actions.size).toBeGreaterThanOrEqual(18);
});
