import type { RdsExchange } from "./check-rds.ts";
import { isObject } from "./described.ts";
import type { Value, Values } from "./read-xml.ts";

/** What AWS documents of RDS values beyond their types: names, ARNs, tags, statuses, times, pages. Each answer is judged by itself. */

/** Aurora guide, "Viewing DB cluster status", and what the SDK's own waiters know besides. */
const CLUSTER_STATUSES = [
  "available",
  "backing-up",
  "backtracking",
  "cloning-failed",
  "creating",
  "deleting",
  "failed",
  "failing-over",
  "inaccessible-encryption-credentials",
  "inaccessible-encryption-credentials-recoverable",
  "incompatible-parameters",
  "incompatible-restore",
  "maintenance",
  "migrating",
  "migration-failed",
  "modifying",
  "promoting",
  "renaming",
  "resetting-master-credentials",
  "starting",
  "stopped",
  "stopping",
  "storage-optimization",
  "update-iam-db-auth",
  "upgrading",
];
const SNAPSHOT_STATUSES = ["available", "copying", "creating", "deleted", "failed"];
/** Aurora guide, "Viewing DB instance status": those that an Aurora instance can have here. */
const INSTANCE_STATUSES = [
  "available",
  "backing-up",
  "configuring-enhanced-monitoring",
  "creating",
  "deleting",
  "failed",
  "maintenance",
  "modifying",
  "rebooting",
  "renaming",
  "starting",
  "stopped",
  "stopping",
];
/** A restore that is not complete has no restorable time, and no backup or restore can be asked of it. */
export const UNFINISHED = ["creating", "migrating"];

const IDENTIFIER = /^[a-z](?!.*--)[a-z0-9-]*[a-z0-9]$|^[a-z]$/;
const LENGTHS = { cluster: 63, db: 63, "cluster-snapshot": 255 } as const;
/** Aurora guide, "Tagging Amazon Aurora resources". */
const TAG_TEXT = /^[\p{L}\p{N} _.:/=+@-]*$/u;
const TAGS = { perResource: 50, key: 128, value: 256 } as const;
const PAGE = { least: 20, most: 100 } as const;
/** An answer is made after its request arrived, which is the time that the record tells. */
export const ANSWER_TAKES_MS = 30_000;

type Kind = keyof typeof LENGTHS;

interface Resource {
  readonly kind: Kind;
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  readonly statuses: readonly string[];
}

const RESOURCES: Readonly<Record<string, Resource>> = {
  DBCluster: { kind: "cluster", name: "DBClusterIdentifier", arn: "DBClusterArn", status: "Status", statuses: CLUSTER_STATUSES },
  DBInstance: { kind: "db", name: "DBInstanceIdentifier", arn: "DBInstanceArn", status: "DBInstanceStatus", statuses: INSTANCE_STATUSES },
  DBClusterSnapshot: {
    kind: "cluster-snapshot",
    name: "DBClusterSnapshotIdentifier",
    arn: "DBClusterSnapshotArn",
    status: "Status",
    statuses: SNAPSHOT_STATUSES,
  },
};

export function checkRdsValues({ at, action, asked, answer }: RdsExchange): readonly string[] {
  const problems: string[] = [];
  // What was asked and refused may be as wrong as a person's typing; that is what the refusal is for.
  if (answer === null) return problems;
  for (const [path, tags] of tagListsIn({ asked, answer })) problems.push(...checkTags(tags).map((problem) => `${path}: ${problem}`));
  for (const [type, resource] of Object.entries(RESOURCES))
    for (const item of resourcesIn(answer, type)) problems.push(...checkResource(item, resource));
  for (const cluster of resourcesIn(answer, "DBCluster")) problems.push(...checkTimes(cluster, at));
  for (const snapshot of resourcesIn(answer, "DBClusterSnapshot")) problems.push(...checkProgress(snapshot));
  if (action === "DescribeDBLogFiles") problems.push(...checkLogFiles(asked, answer, at));
  if (action === "DownloadDBLogFilePortion") problems.push(...checkPortion(asked, answer));
  return [...problems, ...checkPage(action, asked, answer)];
}

/** `DBCluster` itself, or the items of `DBClusters`. */
export function resourcesIn(answer: Values, type: string): readonly Values[] {
  const list = answer[`${type}s`];
  return [answer[type], ...(Array.isArray(list) ? list : [])].filter(isValues);
}

export function isValues(value: unknown): value is Values {
  return isObject(value) && !(value instanceof Date);
}

function checkResource(item: Values, { kind, name, arn, status, statuses }: Resource): readonly string[] {
  const id = String(item[name]);
  const problems: string[] = [];
  if (!IDENTIFIER.test(id) || id.length > LENGTHS[kind]) problems.push(`${name} ${id} is no identifier as RDS stores them`);
  const given = String(item[arn]);
  if (!/^arn:aws:rds:[a-z]+(-[a-z]+)+-\d:\d{12}:/.test(given) || !given.endsWith(`:${kind}:${id}`))
    problems.push(`${arn} ${given} is not the one of ${id}`);
  if (!statuses.includes(String(item[status]))) problems.push(`${id} is ${String(item[status])}, which is no status of its kind`);
  return problems;
}

function checkTimes(cluster: Values, at: Date): readonly string[] {
  const { DBClusterIdentifier: id, Status: status, EarliestRestorableTime: earliest, LatestRestorableTime: latest } = cluster;
  if (UNFINISHED.includes(String(status)))
    return earliest === undefined && latest === undefined
      ? []
      : [`${String(id)} is ${String(status)} and tells restorable times, which are null until it is complete`];
  if (!(earliest instanceof Date) || !(latest instanceof Date))
    return status === "available" ? [`${String(id)} is available and tells no restorable times`] : [];
  const problems: string[] = [];
  if (earliest > latest)
    problems.push(`${String(id)} could be restored from ${earliest.toISOString()} to ${latest.toISOString()}, the wrong way round`);
  if (latest.getTime() > at.getTime() + ANSWER_TAKES_MS)
    problems.push(`${String(id)} could be restored to ${latest.toISOString()}, in the future`);
  return problems;
}

function checkProgress({ DBClusterSnapshotIdentifier: id, Status: status, PercentProgress: percent }: Values): readonly string[] {
  if (typeof percent !== "number" || percent < 0 || percent > 100) return [`${String(id)} is at ${String(percent)} percent`];
  return status === "available" && percent !== 100 ? [`${String(id)} is available at ${percent} percent`] : [];
}

function checkLogFiles(asked: Values, { DescribeDBLogFiles: files }: Values, at: Date): readonly string[] {
  return (Array.isArray(files) ? files.filter(isValues) : []).flatMap(({ LogFileName: name, LastWritten: written, Size: size }) => {
    if (typeof name !== "string" || typeof written !== "number" || typeof size !== "number")
      return ["a log file without name, time or size"];
    const problems: string[] = [];
    if (!/^error\/\S+$/.test(name)) problems.push(`log file ${name} lies outside of error/`);
    // Seconds instead of milliseconds would be in 1970.
    if (!Number.isInteger(written) || written > at.getTime() + ANSWER_TAKES_MS)
      problems.push(`log file ${name} was written at ${written}, which is no time in milliseconds up to now`);
    if (!Number.isInteger(size) || size < 0) problems.push(`log file ${name} has ${size} bytes`);
    if (typeof asked.FileSize === "number" && size <= asked.FileSize)
      problems.push(`log file ${name} is not larger than ${asked.FileSize}`);
    if (typeof asked.FileLastWritten === "number" && written < asked.FileLastWritten)
      problems.push(`log file ${name} was not written since ${asked.FileLastWritten}`);
    if (typeof asked.FilenameContains === "string" && !name.includes(asked.FilenameContains))
      problems.push(`log file ${name} does not contain ${asked.FilenameContains}`);
    return problems;
  });
}

/** "Up to 1 MB in size" and up to 10,000 lines (API reference); the record keeps the text itself masked. */
function checkPortion(asked: Values, { Marker: marker, AdditionalDataPending: pending }: Values): readonly string[] {
  const problems: string[] = [];
  const lines = asked.NumberOfLines ?? 1;
  if (typeof lines !== "number" || lines < 1 || lines > 10_000) problems.push(`${String(lines)} lines were accepted; allowed: 1 to 10000`);
  if (typeof marker !== "string") problems.push("a portion without a marker to go on from");
  if (typeof pending !== "boolean") problems.push("a portion that does not say if there is more");
  if (marker === asked.Marker && pending === true)
    problems.push(`a portion that leaves the marker at ${String(marker)} and says there is more`);
  return problems;
}

function tagListsIn(value: Value | undefined, path = ""): readonly (readonly [string, readonly Value[]])[] {
  if (Array.isArray(value)) return value.flatMap((item: Value, index) => tagListsIn(item, `${path}.${index}`));
  if (!isValues(value)) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    (name === "Tags" || name === "TagList") && Array.isArray(item)
      ? [[`${path}.${name}`, item] as const]
      : tagListsIn(item, `${path}.${name}`),
  );
}

function checkTags(tags: readonly Value[]): readonly string[] {
  const pairs = tags.filter(isValues).map(({ Key: key = "", Value: value = "" }) => ({ key: String(key), value: String(value) }));
  const keys = pairs.map(({ key }) => key);
  const problems = keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `tag ${key} twice`);
  if (pairs.length > TAGS.perResource) problems.push(`${pairs.length} tags; a resource takes ${TAGS.perResource}`);
  for (const { key, value } of pairs) {
    if (key.length < 1 || key.length > TAGS.key || !TAG_TEXT.test(key) || /^(aws|rds):/i.test(key))
      problems.push(`tag key ${JSON.stringify(key)} is not allowed`);
    if (value.length > TAGS.value || !TAG_TEXT.test(value)) problems.push(`value ${JSON.stringify(value)} of tag ${key} is not allowed`);
  }
  return problems;
}

function checkPage(action: string, asked: Values, answer: Values): readonly string[] {
  const list = Object.values(answer).find((value) => Array.isArray(value));
  if (!action.startsWith("Describe") || !Array.isArray(list)) return [];
  const size = typeof asked.MaxRecords === "number" ? asked.MaxRecords : PAGE.most;
  const problems: string[] = [];
  if (size < PAGE.least || size > PAGE.most) problems.push(`MaxRecords ${size} was accepted; allowed: ${PAGE.least} to ${PAGE.most}`);
  if (list.length > size) problems.push(`a page of ${list.length}, asked for ${size}`);
  if (answer.Marker !== undefined && list.length < size) problems.push("a marker on the last page");
  return problems;
}
