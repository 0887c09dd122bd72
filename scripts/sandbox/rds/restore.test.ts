import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  DescribeDBClustersCommand,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
  waitUntilDBClusterAvailable,
  waitUntilDBClusterSnapshotAvailable,
  waitUntilDBInstanceAvailable,
} from "@aws-sdk/client-rds";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PATIENCE } from "../../testing/patience.ts";
import { type Aws, startAws } from "./aws.ts";

let state: string;
let aws: Aws;
let rds: RDSClient;
const deaths: string[] = [];

const start = () =>
  startAws({
    state,
    port: 0,
    roles: [],
    jwks: async () => ({ keys: [] }),
    pace: 20,
    onPostgres: (event) => {
      if (event.kind === "restarted" || event.kind === "adopted") deaths.push(event.kind);
    },
  });
const connectTo = (service: Aws) =>
  new RDSClient({
    endpoint: service.url,
    region: service.region,
    credentials: service.developer,
    maxAttempts: 1,
  });

beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), "holdfast-aws-"));
  aws = await start();
  rds = connectTo(aws);
  await query("app-prod", "create table users (id int primary key, name text)");
  await query("app-prod", "insert into users select n, 'user ' || n from generate_series(1, 1000) n");
});

afterAll(async () => {
  rds?.destroy();
  await aws?.close();
  await rm(state, { recursive: true, force: true });
});

async function describeCluster(id: string): Promise<DBCluster> {
  const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }));
  const [cluster] = DBClusters ?? [];
  if (!cluster) throw new Error(`No cluster ${id} was described`);
  return cluster;
}

/** Connects the way a worker does: to what DescribeDBClusters says. */
async function query(id: string, sql: string): Promise<unknown[]> {
  const { Endpoint, Port } = await describeCluster(id);
  if (!Endpoint || !Port) throw new Error(`Cluster ${id} has no endpoint`);
  const client = new pg.Client({ host: Endpoint, port: Port, database: "app", ...aws.master });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const quickly = () => ({ client: rds, maxWaitTime: PATIENCE.timeout / 1000, minDelay: 0.05, maxDelay: 0.1 });

async function addInstance(cluster: string): Promise<void> {
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: `${cluster}-1`,
      DBClusterIdentifier: cluster,
      DBInstanceClass: "db.r6g.large",
      Engine: "aurora-postgresql",
    }),
  );
  await waitUntilDBInstanceAvailable(quickly(), { DBInstanceIdentifier: `${cluster}-1` });
}

test("a snapshot, a disaster, and both ways back", async () => {
  const { DBClusterSnapshot } = await rds.send(
    new CreateDBClusterSnapshotCommand({
      DBClusterIdentifier: "app-prod",
      DBClusterSnapshotIdentifier: "before",
      Tags: [{ Key: "holdfast:trigger", Value: "manual" }],
    }),
  );
  expect(DBClusterSnapshot).toMatchObject({
    Status: "creating",
    SnapshotType: "manual",
    PercentProgress: 0,
    DBClusterIdentifier: "app-prod",
    TagList: [{ Key: "holdfast:trigger", Value: "manual" }],
  });
  expect((await describeCluster("app-prod")).Status).toBe("backing-up");
  await waitUntilDBClusterSnapshotAvailable(quickly(), { DBClusterSnapshotIdentifier: "before" });

  await query("app-prod", "insert into users values (1001, 'late')");
  const [moment] = await query("app-prod", "select clock_timestamp()::text as at, pg_sleep(0.01)");
  const at = new Date(String(Object.values(moment ?? {})[0]));
  await query("app-prod", "update users set name = 'damaged'");

  const restored = await rds.send(
    new RestoreDBClusterToPointInTimeCommand({ SourceDBClusterIdentifier: "app-prod", DBClusterIdentifier: "app-pitr", RestoreToTime: at }),
  );
  expect(restored.DBCluster).toMatchObject({ Status: "creating", DBClusterMembers: [] });
  expect(restored.DBCluster?.EarliestRestorableTime).toBeUndefined();
  await rds.send(
    new RestoreDBClusterFromSnapshotCommand({ SnapshotIdentifier: "before", DBClusterIdentifier: "app-snap", Engine: "aurora-postgresql" }),
  );
  await waitUntilDBClusterAvailable(quickly(), { DBClusterIdentifier: "app-pitr" });
  await waitUntilDBClusterAvailable(quickly(), { DBClusterIdentifier: "app-snap" });
  await expect(query("app-pitr", "select 1")).rejects.toThrow("ECONNREFUSED");
  await addInstance("app-pitr");
  await addInstance("app-snap");

  expect(
    await query("app-pitr", "select count(*)::int, count(*) filter (where name = 'damaged')::int as damaged, max(id) from users"),
  ).toEqual([{ count: 1001, damaged: 0, max: 1001 }]);
  expect(await query("app-snap", "select count(*)::int, max(id) from users")).toEqual([{ count: 1000, max: 1000 }]);
  expect(await query("app-prod", "select count(*)::int from users where name = 'damaged'")).toEqual([{ count: 1001 }]);
  const pitr = await describeCluster("app-pitr");
  expect(pitr.EarliestRestorableTime?.getTime()).toBeGreaterThan(at.getTime());
  expect(pitr.PercentProgress).toBe("100");
});

test("a killed server comes back with what was committed", async () => {
  await query("app-prod", "create table survivors as select 42 as answer");
  const pid = aws.pidOf("app-prod");
  if (pid === undefined) throw new Error("app-prod is not running");
  process.kill(pid, "SIGKILL");
  await expect.poll(() => query("app-prod", "select answer from survivors").catch(() => "down")).toEqual([{ answer: 42 }]);
  expect(deaths).toContain("restarted");
  expect(aws.pidOf("app-prod")).not.toBe(pid);
});

test("a restart finds clusters, endpoints and snapshots again", async () => {
  const port = (await describeCluster("app-prod")).Port;
  await aws.close();
  rds.destroy();
  aws = await start();
  rds = connectTo(aws);
  expect((await describeCluster("app-prod")).Port).toBe(port);
  expect(await query("app-prod", "select answer from survivors")).toEqual([{ answer: 42 }]);
  await rds.send(
    new RestoreDBClusterFromSnapshotCommand({
      SnapshotIdentifier: "before",
      DBClusterIdentifier: "app-again",
      Engine: "aurora-postgresql",
    }),
  );
  await waitUntilDBClusterAvailable(quickly(), { DBClusterIdentifier: "app-again" });
});
