import { beforeAll, describe, expect, test } from "vitest";
import type { LiquibaseRow } from "../domain/index.ts";
import { judgeMigration } from "./judge-migration.ts";
import { type LiquibaseHistory, pendingChangeSets } from "./liquibase.ts";
import { loadParser } from "./parser.ts";

beforeAll(loadParser);

// As Liquibase 4.33 writes them.
const create = "CREATE TABLE databasechangelog (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL);";
const header =
  "-- *****\n-- Update Database Script\n-- *****\n-- Change Log: db/all.xml\n-- Ran at: 11/25/26, 3:04 PM\n-- Liquibase version: 4.33.0\n-- *****\n";
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const noteOf = (id: string, order: number, md5 = `9:${id}`) =>
  `INSERT INTO databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES (${quoted(id)}, 'ada', 'db/all.sql', NOW(), ${order}, ${quoted(md5)}, 'sql', 'it''s
why', 'EXECUTED', NULL, NULL, '4.33.0', '5619003386');`;
const setOf = (id: string, sql: string, order: number) => `-- Changeset db/all.sql::${id}::ada\n${sql}\n\n${noteOf(id, order)}\n\n`;
const one = setOf("1", "CREATE TABLE users (id int);\n\nINSERT INTO users VALUES (1);", 1);
const two = setOf("it's 2", "CREATE INDEX CONCURRENTLY i ON users (id);", 3);
const three = setOf("3", "", 5);
const whole = `${create}\n\n${header}\n${one}${two}${three}`;

const files = [{ name: "all.sql", text: "--liquibase formatted sql\n" }];
const row = (id: string, md5: string | null = `9:${id}`): LiquibaseRow => ({ id, author: "ada", filename: "db/all.sql", md5 });
const base: LiquibaseHistory = {
  sql: whole,
  files,
  directory: "src/main/resources/db",
  table: "databasechangelog",
  rows: null,
  applied: [],
  own: [],
};
const pendingOf = (change: Partial<LiquibaseHistory> = {}) => pendingChangeSets({ ...base, ...change });
const namesOf = (change: Partial<LiquibaseHistory> = {}) => pendingOf(change).map(({ name }) => name);

test("a new database lacks every change set, and Liquibase's own table is made with the first", () => {
  const pending = pendingOf();
  expect(pending.map(({ version, name, file }) => [version, name, file])).toEqual([
    ["db/all.sql::1::ada", "1", "all.sql"],
    ["db/all.sql::it's 2::ada", "it's 2", "all.sql"],
    ["db/all.sql::3::ada", "3", "all.sql"],
  ]);
  expect(pending.map(({ bookkeeping }) => bookkeeping.length)).toEqual([2, 1, 1]);
  expect(pending.map(judgeMigration).map(({ mode, statements }) => [mode, statements.map(({ statement }) => statement)])).toEqual([
    ["transaction", ["CREATE TABLE users (id int)", "INSERT INTO users VALUES (1)"]],
    ["alone", ["CREATE INDEX CONCURRENTLY i ON users (id)"]],
    ["transaction", []],
  ]);
});

test("what its own table names is not pending, in whatever order, by whatever prefix an application names the file", () => {
  expect(namesOf({ rows: [row("1"), row("3")] })).toEqual(["it's 2"]);
  expect(namesOf({ rows: [{ ...row("1"), filename: "classpath:db/all.sql" }, row("it's 2"), row("3")] })).toEqual([]);
  // A checksum of an older version of Liquibase, and one that was cleared, are none to compare with.
  expect(namesOf({ rows: [row("1", "8:other"), row("it's 2", null), row("3")] })).toEqual([]);
  expect(namesOf({ sql: `${header}`, rows: [row("1")] })).toEqual([]);
});

test("what this request applied before it was interrupted is still its own to apply, with the same bytes", () => {
  expect(pendingOf({ rows: [row("1")], own: ["db/all.sql::1::ada"] })).toEqual(pendingOf());
  expect(namesOf({ rows: [row("1"), row("it's 2")], own: ["db/all.sql::it's 2::ada"] })).toEqual(["it's 2", "3"]);
});

describe("it is refused, with what was found and what is allowed,", () => {
  test.each<[string, Partial<LiquibaseHistory>, RegExp]>([
    ["when an applied change set was changed", { rows: [row("1", "9:other")] }, /db\/all.sql::1::ada: found other text than was applied/],
    ["when a change set lies elsewhere", { directory: "elsewhere" }, /no file db\/all.sql in elsewhere/],
    ["when nothing notes it", { sql: whole.replace(noteOf("1", 1), "") }, /no note of db\/all.sql::1::ada for the table databasechangelog/],
    [
      "when it notes another",
      { sql: whole.replace("ada', 'db/all.sql', NOW(), 3", "bob', 'db/all.sql', NOW(), 3") },
      /no note of db\/all.sql::it's 2::ada/,
    ],
    ["when it notes that it ran before", { sql: whole.replace("'EXECUTED'", "'MARK_RAN'") }, /no note of db\/all.sql::1::ada/],
    ["when it notes it in another table", { table: "elsewhere" }, /before the first change set; allowed: the table elsewhere/],
    [
      "when Holdfast has applied what the table lacks",
      { applied: [{ version: "db/all.sql::3::ada", digest: "", state: "applied" }] },
      /db\/all.sql::3::ada: found applied by Holdfast/,
    ],
    [
      "when it has preconditions",
      { files: [{ name: "all.sql", text: "--preconditions onFail:MARK_RAN" }] },
      /preconditions, which Liquibase passes over/,
    ],
    ["when it runs code", { files: [{ name: "all.sql", text: "<customChange class='x'/>" }] }, /a change that is no SQL/],
    ["when it runs again and again", { files: [{ name: "all.sql", text: "--changeset ada:1 runOnChange:true" }] }, /runs more than once/],
    ["when it takes from another file", { files: [{ name: "all.sql", text: "- loadData:" }] }, /from another file/],
  ])("%s", (_when, change, problem) => {
    expect(() => pendingOf(change)).toThrow(problem);
  });

  test("and not for what is applied already", () => {
    expect(namesOf({ rows: [row("1"), row("it's 2"), row("3")], files: [{ name: "all.sql", text: "<preConditions>" }] })).toEqual([]);
  });
});
