import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chain, EMPTY_HEAD, formatSegment, headOf, segmentPath } from "../src/domain/index.ts";

const ACTIONS = fileURLToPath(new URL("../", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function holdfast(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ACTIONS, "bin/holdfast.js"), ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const entries = chain(
  EMPTY_HEAD,
  [1, 2, 3].map((step) => ({
    id: `r:${step}`,
    at: "2026-11-20T11:00:00.000Z",
    kind: "snapshot.requested" as const,
    actor: "alice",
    run: "1/1",
    reason: "A test",
    data: {},
  })),
);
const head = headOf(entries);

function writeLedger(): string[] {
  return entries.map((entry) => {
    const file = join(folder, segmentPath(entry));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, formatSegment([entry]));
    return file;
  });
}

describe("verify-ledger", () => {
  test("says how many entries it verified and where the head is", () => {
    writeLedger();
    expect(holdfast("verify-ledger", ".")).toEqual({ status: 0, stdout: `ok: 3 entries in 3 segments, head 3 ${head.hash}\n`, stderr: "" });
  });

  test("names file and line of a change", () => {
    const [, second = ""] = writeLedger();
    writeFileSync(second, readFileSync(second, "utf8").replace("alice", "mallory"));
    const { status, stdout } = holdfast("verify-ledger", ".");
    expect(status).toBe(1);
    expect(stdout).toContain("broken: 2026/11/20/000000000002.jsonl:1: the hash does not fit the entry");
  });

  test("finds a tail that was cut off when it is told the head that a job summary remembers", () => {
    const [, , third = ""] = writeLedger();
    rmSync(third);
    expect(holdfast("verify-ledger", ".").status).toBe(0);
    const { status, stdout } = holdfast("verify-ledger", ".", "--head", `${head.seq}:${head.hash}`);
    expect(status).toBe(1);
    expect(stdout).toContain("its tail was cut off");
  });

  test.each([
    [[], "expected one directory"],
    [["nowhere"], "nowhere is not a directory"],
    [["."], "holds no segments"],
    [[".", "--head", "3"], "allowed: SEQ:HASH"],
    [[".", "--force"], "--force"],
  ])("wrong usage %j ends with 2 and says what is allowed", (args, message) => {
    if (args.includes("--head")) writeLedger();
    const { status, stderr } = holdfast("verify-ledger", ...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("config", () => {
  test("prints what is in force, every default filled in", () => {
    writeFileSync(join(folder, "holdfast.yml"), "clusters: [{id: app-prod, region: eu-west-1, database: app}]\n");
    const { status, stdout } = holdfast("config", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ clusters: [{ id: "app-prod", objectives: { rpo: "24h" } }], retention: { daily: 7 } });
  });

  test("tells every problem at once and ends with 2", () => {
    writeFileSync(join(folder, "holdfast.yml"), "clusters: [{id: App, region: europe, database: app}]\nretension: {}\n");
    const { status, stderr } = holdfast("config");
    expect(status).toBe(2);
    for (const part of ["clusters[0].id", "clusters[0].region", '"retension" may mean "retention"']) expect(stderr).toContain(part);
  });
});

describe("retention", () => {
  const listed = [
    { id: "b", takenAt: "2026-11-24T03:17:00Z", trigger: "scheduled", managed: true, held: false, inUse: false },
    { id: "a", takenAt: "2026-11-24T02:17:00+01:00", trigger: "scheduled", managed: true, held: false, inUse: false },
    { id: "old", takenAt: "2026-11-01T03:17:00Z", trigger: "pre-migration", managed: true, held: false, inUse: false },
  ];
  const write = (document: unknown) => writeFileSync(join(folder, "snapshots.json"), JSON.stringify(document));
  const ask = (...args: string[]) => holdfast("retention", "--snapshots", "snapshots.json", "--now", "2026-11-24T12:00:00Z", ...args);

  test("prints one verdict a line, at the documented defaults where there is no holdfast.yml", () => {
    write(listed);
    const { status, stdout } = ask("--json");
    expect(status).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        id: "b",
        takenAt: "2026-11-24T03:17:00.000Z",
        keep: true,
        reasons: ["the newest snapshot", "daily, 1 of 7", "weekly, 1 of 4", "monthly, 1 of 3"],
      },
      { id: "a", takenAt: "2026-11-24T01:17:00.000Z", keep: true, reasons: expect.arrayContaining(["oldest, while daily has room"]) },
      { id: "old", takenAt: "2026-11-01T03:17:00.000Z", keep: false, reasons: ["taken before a migration more than 14d ago"] },
    ]);
  });

  test("follows holdfast.yml where there is one", () => {
    write(listed);
    writeFileSync(
      join(folder, "holdfast.yml"),
      "clusters: [{id: app-prod, region: eu-west-1, database: app}]\nretention: {preMigration: 30d}\n",
    );
    expect(ask().stdout).toContain("keep    2026-11-01T03:17:00.000Z  old: taken before a migration: 6 d 15 h of 30d left");
  });

  test.each([
    ["a time without its zone", [{ ...listed[0], takenAt: "2026-11-24T03:17:00" }], "[0].takenAt"],
    ["an unknown trigger", [{ ...listed[0], trigger: "nightly" }], "[0].trigger"],
    ["an id given twice", [listed[0], listed[0]], '"b" twice'],
    ["something that is no list", {}, "allowed"],
  ])("%s is refused with 2, names the place and prints no verdict", (_, document, message) => {
    write(document);
    const { status, stdout, stderr } = ask("--json");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  test("both options are needed", () => {
    expect(holdfast("retention", "--now", "2026-11-24T12:00:00Z")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--snapshots and --now are needed"),
    });
  });
});

describe("lint", () => {
  const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql);

  test("prints one judged statement a line and needs no database", () => {
    write("001.sql", "CREATE TABLE t (id int);\n\nDROP TABLE users;\n");
    write("002.sql", "DELETE FROM orders;\n");
    const { status, stdout } = holdfast("lint", "--json", "001.sql", "002.sql");
    expect(status).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { file: "001.sql", line: 1, statement: "CREATE TABLE t (id int)", verdict: "safe", findings: [] },
      { file: "001.sql", line: 3, statement: "DROP TABLE users", verdict: "destroys-data", findings: [{ id: "drop-table" }] },
      { file: "002.sql", line: 1, statement: "DELETE FROM orders", verdict: "destroys-data", findings: [{ id: "delete-all" }] },
    ]);
  });

  test("--fail-on ends with 3 for that verdict and worse ones, and with 0 for better ones", () => {
    write("001.sql", "DELETE FROM orders WHERE id = 1;");
    expect(holdfast("lint", "001.sql", "--fail-on", "may-destroy-data").status).toBe(3);
    expect(holdfast("lint", "001.sql", "--fail-on", "destroys-data").status).toBe(0);
  });

  test("a file that cannot be judged is named with its place, and the others are judged all the same", () => {
    write("broken.sql", "SELECT 1;\nDROP TABEL users;");
    write("empty.sql", "");
    writeFileSync(join(folder, "binary.sql"), Buffer.from([0, 159, 146, 150]));
    write("good.sql", "SELECT 1;");
    const { status, stdout, stderr } = holdfast("lint", "broken.sql", "empty.sql", "binary.sql", "missing.sql", "good.sql", "--json");
    expect(status).toBe(1);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    for (const part of ["broken.sql:2:6", "empty.sql: found nothing", "binary.sql: found the character", "missing.sql cannot be read"])
      expect(stderr).toContain(part);
  });

  test.each([
    [[], "at least one file"],
    [["x.sql", "--fail-on", "bad"], "allowed: destroys-data"],
  ])("wrong usage %j ends with 2", (args, message) => {
    expect(holdfast("lint", ...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
  });
});

test("an unknown verb ends with 2 and lists the known ones", () => {
  const { status, stderr } = holdfast("destroy");
  expect(status).toBe(2);
  for (const verb of ["collect", "config", "detect", "doctor", "lint", "retention", "tune", "verify-ledger"])
    expect(stderr).toContain(verb);
});

test("the committed command says how to build itself when it is not built", () => {
  cpSync(join(ACTIONS, "bin"), join(folder, "bin"), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [join(folder, "bin/holdfast.js")], { encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toContain("npm run build");
});
