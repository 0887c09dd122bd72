import { appendFile, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  DBInstanceNotFoundFault,
  DBLogFileNotFoundFault,
  DescribeDBClustersCommand,
  DescribeDBLogFilesCommand,
  DownloadDBLogFilePortionCommand,
  paginateDescribeDBLogFiles,
  RDSClient,
} from "@aws-sdk/client-rds";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkRecord } from "../../conformity/check-record.ts";
import type { RecordEntry } from "../record.ts";
import { type Aws, startAws } from "./aws.ts";

const DBInstanceIdentifier = "app-prod-1";
const invented = "postgresql.log.2001-02-03-0400";
const record: RecordEntry[] = [];
let state: string;
let logs: string;
let aws: Aws;
let rds: RDSClient;

beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), "holdfast-logs-"));
  aws = await startAws({ state, port: 0, roles: [], jwks: async () => ({ keys: [] }), pace: 20, record: (entry) => record.push(entry) });
  rds = new RDSClient({ endpoint: aws.url, region: aws.region, credentials: aws.developer, maxAttempts: 1 });
  const clusters = path.join(state, "postgres", "clusters");
  const [only = ""] = await readdir(clusters);
  logs = path.join(clusters, only, "log");
});

afterAll(async () => {
  rds.destroy();
  await aws.close();
  await rm(state, { recursive: true, force: true });
});

async function names(filter: { FilenameContains?: string; FileLastWritten?: number; FileSize?: number } = {}): Promise<readonly string[]> {
  const { DescribeDBLogFiles = [] } = await rds.send(new DescribeDBLogFilesCommand({ DBInstanceIdentifier, ...filter }));
  return DescribeDBLogFiles.map(({ LogFileName }) => String(LogFileName));
}

async function newest(): Promise<string> {
  const name = (await names({ FilenameContains: "postgresql.log" })).at(-1);
  if (name === undefined) throw new Error("PostgreSQL has no log");
  return name;
}

const portion = (LogFileName: string, more: { Marker?: string; NumberOfLines?: number } = {}) =>
  rds.send(new DownloadDBLogFilePortionCommand({ DBInstanceIdentifier, LogFileName, ...more }));

/** As a reader does that knows the API: from the beginning, portion after portion, with fewer lines where one came back cut. */
async function whole(name: string, lines = 10_000): Promise<string> {
  let text = "";
  let marker = "0";
  let ask = lines;
  for (;;) {
    const { LogFileData = "", Marker = "", AdditionalDataPending } = await portion(name, { Marker: marker, NumberOfLines: ask });
    if (LogFileData.endsWith("[Your log message was truncated]") && ask > 1) {
      ask = Math.ceil(ask / 4);
      continue;
    }
    text += LogFileData;
    marker = Marker;
    if (AdditionalDataPending !== true) return text;
  }
}

/** A file of another time; the server does not write to it. */
async function invent(content: string | Buffer): Promise<string> {
  await writeFile(path.join(logs, invented), content);
  return `error/${invented}`;
}

test("what clients do stands in the newest file, in Aurora's form", async () => {
  const { DBClusters } = await rds.send(new DescribeDBClustersCommand({}));
  const host = DBClusters?.[0]?.Endpoint;
  const port = DBClusters?.[0]?.Port;
  const client = new pg.Client({ host, port, database: "app", ...aws.master });
  await client.connect();
  await client.query("create table things (id int primary key, said text)");
  await client.query("insert into things select n, $1 from generate_series(1, 3) n", ["<&> \"'\n\ttab"]);
  await client.query("delete from things");
  await client.end();
  const stranger = new pg.Client({ host, port, database: "app", user: "nobody", password: "wrong" });
  await expect(stranger.connect()).rejects.toThrow("authentication failed");
  const head = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC:127\.0\.0\.1\(\d+\):holdfast_admin@app:\[\d+\]:LOG: {2}statement: delete from things$/m;
  await expect.poll(async () => whole(await newest())).toMatch(/:nobody@app:\[\d+\]:FATAL: {2}password authentication failed/);
  const text = await whole(await newest());
  expect(text).toMatch(head);
  expect(text).toContain(`DETAIL:  parameters: $1 = '<&> "''\n\t\ttab'`);
  expect(text).not.toContain(aws.master.password);
  expect(await newest()).toMatch(/^error\/postgresql\.log\.\d{4}-\d\d-\d\d-\d{4}$/);
});

test("files are filtered by name, size and time, and told in pages", async () => {
  const started = Date.now();
  await invent("one line\n");
  await utimes(path.join(logs, invented), 1, 1);
  expect(await names()).toEqual(["error/postgres.log", `error/${invented}`, await newest()]);
  expect(await names({ FilenameContains: "2001" })).toEqual([`error/${invented}`]);
  expect(await names({ FileSize: 9, FilenameContains: "2001" })).toEqual([]);
  expect(await names({ FileSize: 8, FilenameContains: "2001" })).toHaveLength(1);
  expect(await names({ FileLastWritten: 1_000 })).toContain(`error/${invented}`);
  expect(await names({ FileLastWritten: 1_001 })).not.toContain(`error/${invented}`);
  const { DescribeDBLogFiles: files = [] } = await rds.send(new DescribeDBLogFilesCommand({ DBInstanceIdentifier }));
  expect(files.find(({ LogFileName }) => LogFileName === `error/${invented}`)).toMatchObject({ Size: 9, LastWritten: 1_000 });
  expect(files.at(-1)?.LastWritten).toBeGreaterThan(started - 3_600_000);

  const more = Array.from({ length: 30 }, (_, index) =>
    path.join(logs, `postgresql.log.2002-01-${String(index + 1).padStart(2, "0")}-0000`),
  );
  await Promise.all(more.map((file) => writeFile(file, "")));
  const sizes: number[] = [];
  for await (const page of paginateDescribeDBLogFiles({ client: rds, pageSize: 20 }, { DBInstanceIdentifier }))
    sizes.push(page.DescribeDBLogFiles?.length ?? 0);
  expect(sizes).toEqual([20, 13]);
  await Promise.all(more.map((file) => rm(file)));
});

test("portions from the beginning add up to the file, whatever their size", async () => {
  const text = Array.from({ length: 25_000 }, (_, index) => `${index} ${"é".repeat(index % 40)}\n`).join("");
  const name = await invent(text);
  expect(await whole(name)).toBe(text);
  expect(await whole(name, 3_333)).toBe(text);
  const first = await portion(name, { Marker: "0", NumberOfLines: 2 });
  expect(first).toMatchObject({ LogFileData: "0 \n1 é\n", Marker: "4:9", AdditionalDataPending: true });
});

test("a file that grows goes on where it ended, and a half line is told as it stands", async () => {
  const name = await invent("a\nb");
  const first = await portion(name, { Marker: "0" });
  expect(first).toMatchObject({ LogFileData: "a\nb", AdditionalDataPending: false });
  expect(await portion(name, { Marker: String(first.Marker) })).toMatchObject({ Marker: first.Marker, AdditionalDataPending: false });
  await appendFile(path.join(logs, invented), "c\nd\n");
  expect(await portion(name, { Marker: String(first.Marker) })).toMatchObject({ LogFileData: "c\nd\n", AdditionalDataPending: false });
});

test("without a marker come the newest lines and then nothing more", async () => {
  const name = await invent(Array.from({ length: 12_000 }, (_, index) => `${index}\n`).join(""));
  const last = await portion(name, { NumberOfLines: 2 });
  expect(last).toMatchObject({ LogFileData: "11998\n11999\n", AdditionalDataPending: false });
  const all = (await portion(name)).LogFileData ?? "";
  expect(all.split("\n")).toHaveLength(10_001);
  expect(all.startsWith("2000\n")).toBe(true);
});

test("a portion over one megabyte is cut inside a line, and asking for fewer lines gets it whole", async () => {
  const line = `${"x".repeat(300_000)}\n`;
  const name = await invent(line.repeat(10));
  const { LogFileData: cut = "", AdditionalDataPending } = await portion(name, { Marker: "0" });
  expect(cut.endsWith("x [Your log message was truncated]")).toBe(true);
  expect(cut).toHaveLength(1024 * 1024 + " [Your log message was truncated]".length);
  expect(AdditionalDataPending).toBe(true);
  expect(await whole(name)).toBe(line.repeat(10));
  const single = await invent(`${"y".repeat(2_500_000)}\nnext\n`);
  const huge = await portion(single, { Marker: "0", NumberOfLines: 1 });
  expect(huge.LogFileData?.endsWith("truncated]")).toBe(true);
  expect(await portion(single, { Marker: String(huge.Marker) })).toMatchObject({ LogFileData: "next\n", AdditionalDataPending: false });
});

test("bytes that no answer can carry are replaced, the rest of the line stays", async () => {
  const name = await invent(Buffer.from("a\u001b[31mb\u0000 \xffc\n", "latin1"));
  expect((await portion(name, { Marker: "0" })).LogFileData).toBe("a\ufffd[31mb\ufffd \ufffdc\n");
});

test("what does not exist or cannot be asked is refused as RDS does", async () => {
  const name = await invent("line\n");
  await expect(portion("error/none")).rejects.toThrow(DBLogFileNotFoundFault);
  await expect(portion("../../../world.json")).rejects.toThrow(DBLogFileNotFoundFault);
  await expect(rds.send(new DescribeDBLogFilesCommand({ DBInstanceIdentifier: "none" }))).rejects.toThrow(DBInstanceNotFoundFault);
  const refused: readonly { Marker?: string; NumberOfLines?: number }[] = [
    { Marker: "5:1" },
    { Marker: "4:7" },
    { Marker: "4:0" },
    { Marker: "later" },
    { NumberOfLines: 0 },
    { NumberOfLines: 10_001 },
  ];
  for (const each of refused) await expect(portion(name, each)).rejects.toMatchObject({ name: "InvalidParameterValue" });
});

test("none of it contradicts what AWS describes", () => {
  expect(checkRecord(record)).toEqual([]);
});
