import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { RecordEntry } from "../sandbox/record.ts";
import { checkRecord } from "./check-record.ts";

/** The checker itself, for RDS, and its command: what RDS could have said passes, and every planted fault is found. */

const AT = "2026-11-20T12:00:00.000Z";

const problems = (...entries: readonly RecordEntry[]) => checkRecord(entries).map(({ problem }) => problem);

const XMLNS = "http://rds.amazonaws.com/doc/2014-10-31/";
const element = (name: string, content: string) => `<${name}>${content}</${name}>`;
const members = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => element(name, value))
    .join("");
const envelope = (action: string, result: string) =>
  `<${action}Response xmlns="${XMLNS}">${element(`${action}Result`, result)}<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`;

function rds(action: string, form: Readonly<Record<string, string>>, response: string, status = 200, at = AT): RecordEntry {
  return { at, service: "rds", method: "POST", path: "/", status, request: { Action: action, Version: "2014-10-31", ...form }, response };
}

const said = ({ response }: RecordEntry) => String(response);
const arnOf = (kind: string, id: string) => `arn:aws:rds:eu-west-1:123456789012:${kind}:${id}`;
const times = { EarliestRestorableTime: "2026-11-20T10:00:00.000Z", LatestRestorableTime: "2026-11-20T11:59:00.000Z" };
const cluster = (changes: Readonly<Record<string, string>> = {}, id = "app-prod", resource = "cluster-A") =>
  members({
    DBClusterIdentifier: id,
    DBClusterArn: arnOf("cluster", id),
    DbClusterResourceId: resource,
    Status: "available",
    ...times,
    ...changes,
  });
const fresh = (changes: Readonly<Record<string, string>> = {}) =>
  members({
    DBClusterIdentifier: "new",
    DBClusterArn: arnOf("cluster", "new"),
    DbClusterResourceId: "cluster-B",
    Status: "creating",
    ...changes,
  });
const snapshot = (changes: Readonly<Record<string, string>> = {}) =>
  members({
    DBClusterSnapshotIdentifier: "snap",
    DBClusterSnapshotArn: arnOf("cluster-snapshot", "snap"),
    Status: "creating",
    PercentProgress: "0",
    ...changes,
  });
const clusters = (...items: readonly string[]) =>
  rds(
    "DescribeDBClusters",
    { MaxRecords: "100" },
    envelope("DescribeDBClusters", element("DBClusters", items.map((item) => element("DBCluster", item)).join(""))),
  );
const snapshots = (...items: readonly string[]) =>
  rds(
    "DescribeDBClusterSnapshots",
    { MaxRecords: "100" },
    envelope("DescribeDBClusterSnapshots", element("DBClusterSnapshots", items.map((item) => element("DBClusterSnapshot", item)).join(""))),
  );
const restored = (form: Readonly<Record<string, string>> = {}, result = fresh()) =>
  rds(
    "RestoreDBClusterToPointInTime",
    { DBClusterIdentifier: "new", SourceDBClusterIdentifier: "app-prod", UseLatestRestorableTime: "true", ...form },
    envelope("RestoreDBClusterToPointInTime", element("DBCluster", result)),
  );
const taken = (result = snapshot(), form: Readonly<Record<string, string>> = {}) =>
  rds(
    "CreateDBClusterSnapshot",
    { DBClusterIdentifier: "app-prod", DBClusterSnapshotIdentifier: "snap", ...form },
    envelope("CreateDBClusterSnapshot", element("DBClusterSnapshot", result)),
  );
const failure = (code: string, status: number, type = "Sender") =>
  rds(
    "DescribeDBClusters",
    {},
    `<ErrorResponse xmlns="${XMLNS}"><Error>${members({ Type: type, Code: code, Message: "x" })}</Error><RequestId>1</RequestId></ErrorResponse>`,
    status,
  );
const renamedTo = (id: string) =>
  rds(
    "ModifyDBCluster",
    { DBClusterIdentifier: "app-prod", NewDBClusterIdentifier: id, ApplyImmediately: "true" },
    envelope("ModifyDBCluster", element("DBCluster", cluster({ Status: "renaming" }))),
  );
const quota = (used: number, max: number) =>
  rds(
    "DescribeAccountAttributes",
    {},
    envelope(
      "DescribeAccountAttributes",
      element(
        "AccountQuotas",
        element("AccountQuota", members({ AccountQuotaName: "ManualClusterSnapshots", Used: String(used), Max: String(max) })),
      ),
    ),
  );
const tagged = (tags: readonly (readonly [string, string])[]) =>
  clusters(cluster() + element("TagList", tags.map(([Key, Value]) => element("Tag", members({ Key, Value }))).join("")));

test("what RDS itself could have said is no violation", () => {
  expect(
    problems(
      clusters(cluster()),
      taken(),
      snapshots(snapshot({ Status: "available", PercentProgress: "100" })),
      restored(),
      clusters(cluster(), fresh()),
      clusters(cluster(), fresh({ Status: "available", ...times })),
      tagged([["holdfast:request-id", "a b_c.d:e/f=g+h-i@j"]]),
      failure("DBClusterNotFoundFault", 404),
      failure("Throttling", 400),
      failure("InternalFailure", 500, "Receiver"),
      quota(2, 100),
      renamedTo("app-old"),
      clusters(cluster({}, "app-old")),
    ),
  ).toEqual([]);
});

test.each<[string, readonly RecordEntry[], RegExp]>([
  ["an action that RDS does not have", [rds("DescribeClusters", {}, "")], /RDS has no action "DescribeClusters"/],
  ["a parameter that RDS does not have", [rds("DescribeDBClusters", { Cluster: "x" }, said(clusters()))], /parameter Cluster is unknown/],
  [
    "a required parameter missing",
    [taken(snapshot(), { DBClusterIdentifier: "" }), rds("CreateDBClusterSnapshot", { DBClusterIdentifier: "a" }, said(taken()))],
    /DBClusterSnapshotIdentifier is missing/,
  ],
  ["a parameter of the wrong type", [restored({ UseLatestRestorableTime: "yes" })], /UseLatestRestorableTime: "yes" is no boolean/],
  ["the answer of another action", [rds("DescribeDBClusters", {}, envelope("DescribeDBInstances", ""))], /no <DescribeDBClustersResponse>/],
  ["an unknown member", [clusters(cluster({ Colour: "blue" }))], /DBClusters\.0\.Colour is unknown to RDS/],
  ["a member of the wrong type", [clusters(cluster({ Port: "high" }))], /Port: "high" is no number/],
  ["a time that is no time", [clusters(cluster({ ClusterCreateTime: "yesterday" }))], /"yesterday" is no time/],
  [
    "a list in another wrapping",
    [rds("DescribeDBClusters", {}, envelope("DescribeDBClusters", element("DBClusters", element("member", cluster()))))],
    /a list of <DBCluster>, not <member>/,
  ],
  [
    "a result where there is none",
    [rds("AddTagsToResource", { ResourceName: "x", "Tags.Tag.1.Key": "a" }, envelope("AddTagsToResource", ""))],
    /answers with nothing/,
  ],
  ["a code that RDS does not have", [failure("ClusterMissing", 404)], /RDS has no error ClusterMissing/],
  ["a code with another's status", [failure("DBClusterNotFoundFault", 400)], /comes with status 404, not 400/],
  ["a fault of the wrong side", [failure("DBClusterNotFoundFault", 404, "Receiver")], /said to be the Receiver's/],
  ["a status of another kind", [clusters(cluster({ Status: "copying" }))], /app-prod is copying/],
  ["an identifier in capitals", [clusters(cluster({}, "App-Prod"))], /App-Prod is no identifier/],
  ["an ARN of something else", [clusters(cluster({ DBClusterArn: arnOf("cluster", "other") }))], /is not the one of app-prod/],
  ["restorable times during a restore", [restored({}, fresh(times))], /null until it is complete/],
  ["no restorable times when available", [clusters(fresh({ Status: "available" }))], /tells no restorable times/],
  ["a restorable time in the future", [clusters(cluster({ LatestRestorableTime: "2026-11-20T12:30:00.000Z" }))], /in the future/],
  ["restorable times the wrong way round", [clusters(cluster({ LatestRestorableTime: "2026-11-20T09:00:00.000Z" }))], /wrong way round/],
  [
    "a latest time that goes back",
    [clusters(cluster()), clusters(cluster({ LatestRestorableTime: "2026-11-20T11:58:00.000Z" }))],
    /latest restorable time went back/,
  ],
  ["a restore that begins as available", [restored({}, fresh({ Status: "available", ...times }))], /begins as available/],
  [
    "a status that goes back",
    [
      clusters(cluster()),
      clusters(
        members({
          DBClusterIdentifier: "app-prod",
          DBClusterArn: arnOf("cluster", "app-prod"),
          DbClusterResourceId: "cluster-A",
          Status: "creating",
        }),
      ),
    ],
    /from available back to creating/,
  ],
  ["a deleted cluster that comes back", [clusters(cluster({ Status: "deleting" })), clusters(cluster())], /from deleting to available/],
  [
    "a point-in-time restore that migrates",
    [restored(), clusters(cluster(), fresh({ Status: "migrating" }))],
    /only a snapshot's restore does/,
  ],
  ["a name that changes by itself", [clusters(cluster()), clusters(cluster({}, "other"))], /became other and nobody renamed it/],
  ["a snapshot that begins as available", [taken(snapshot({ Status: "available", PercentProgress: "100" }))], /begins as available/],
  [
    "a snapshot that goes back",
    [snapshots(snapshot({ Status: "available", PercentProgress: "100" })), snapshots(snapshot())],
    /from available back to creating/,
  ],
  ["available at less than everything", [snapshots(snapshot({ Status: "available", PercentProgress: "99" }))], /available at 99 percent/],
  ["a snapshot beyond the quota", [quota(0, 1), taken(), taken()], /beyond the quota of 1 manual snapshots/],
  ["more used than there is", [quota(3, 2)], /3 used of 2/],
  [
    "a restore of a restore that is not complete",
    [clusters(fresh()), restored({ SourceDBClusterIdentifier: "new", DBClusterIdentifier: "newer" }, fresh())],
    /granted while new was creating/,
  ],
  ["both ways to name a time", [restored({ RestoreToTime: "2026-11-20T11:00:00.000Z" })], /exactly one of/],
  [
    "a restore to the future",
    [
      rds(
        "RestoreDBClusterToPointInTime",
        { DBClusterIdentifier: "new", SourceDBClusterIdentifier: "app-prod", RestoreToTime: "2026-11-20T13:00:00.000Z" },
        said(restored()),
      ),
    ],
    /in the future/,
  ],
  ["a tag of forbidden characters", [tagged([["reason", "because (of) it"]])], /value "because \(of\) it" of tag reason/],
  ["a tag of AWS's own", [tagged([["aws:x", "1"]])], /tag key "aws:x"/],
  [
    "the same tag twice",
    [
      tagged([
        ["a", "1"],
        ["a", "2"],
      ]),
    ],
    /tag a twice/,
  ],
  ["too many tags", [tagged(Array.from({ length: 51 }, (_, index) => [`k${index}`, ""] as const))], /51 tags/],
  ["a page larger than allowed", [rds("DescribeDBClusters", { MaxRecords: "500" }, said(clusters()))], /MaxRecords 500 was accepted/],
  [
    "a marker on the last page",
    [
      rds(
        "DescribeDBClusters",
        {},
        envelope("DescribeDBClusters", element("Marker", "x") + element("DBClusters", element("DBCluster", cluster()))),
      ),
    ],
    /a marker on the last page/,
  ],
])("planted at RDS: %s", (_what, entries, problem) => {
  expect(problems(...entries).join("\n")).toMatch(problem);
});

const COMMAND = fileURLToPath(new URL("../check-record.ts", import.meta.url));

test.each<[string, readonly unknown[], number, RegExp]>([
  ["a clean record", [clusters(cluster())], 0, /1 requests and answers, 0 violations/],
  [
    "a violation, by file and line",
    [clusters(cluster()), clusters(cluster({ Port: "high" }))],
    1,
    /record\.jsonl:2 DescribeDBClusters: .*"high" is no number/,
  ],
  ["what is no record", [{}], 2, /record\.jsonl:1 is no line of a record/],
])("the command tells %s", (_what, lines, code, said) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-record-"));
  try {
    const file = join(folder, "record.jsonl");
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", COMMAND, file], { encoding: "utf8" });
    expect(stdout + stderr).toMatch(said);
    expect(status).toBe(code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
