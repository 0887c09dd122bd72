import { beforeAll, describe, expect, test } from "vitest";
import { approvalDigest, makePlan, type PlanInputs } from "./make-plan.ts";
import { loadParser } from "./parser.ts";
import type { MigrationFile } from "./pending-migration.ts";

beforeAll(loadParser);

const settings = { tool: "sql" as const, directory: "db", locks: "5s", statements: "15m", moreRows: 0 };
const base: PlanInputs = {
  cluster: "app",
  database: "app",
  settings,
  protect: [],
  checks: [],
  files: [],
  rendering: null,
  applied: [],
  own: [],
  history: { tool: "sql" },
  schema: "0".repeat(64),
};
const file = (name: string, text = "create table t (id int)"): MigrationFile => ({ name, text });
const planOf = (files: readonly MigrationFile[], change: Partial<PlanInputs> = {}) => makePlan({ ...base, files, ...change });
const appliedOf = (files: readonly MigrationFile[]) =>
  planOf(files).migrations.map(({ version, digest }) => ({ version, digest, state: "applied" as const }));

test("files come in the order of their numbers, ways back and other files stay out, and what is applied is not pending", () => {
  const files = [file("10_ten.sql"), file("0002_two.sql"), file("2_two.down.sql"), file("README.md"), file("20261125033000_long.sql")];
  expect(planOf(files).migrations.map(({ file: name }) => name)).toEqual(["0002_two.sql", "10_ten.sql", "20261125033000_long.sql"]);
  expect(planOf(files, { applied: appliedOf([file("2_two.sql")]) }).migrations.map(({ version }) => version)).toEqual([
    "10",
    "20261125033000",
  ]);
  expect(planOf(files, { settings: { ...settings, baseline: "0010" } }).migrations.map(({ version }) => version)).toEqual([
    "20261125033000",
  ]);
});

describe("the plan is refused, with the file and what is allowed, for", () => {
  test.each<[string, readonly MigrationFile[], RegExp]>([
    ["a name without a number", [file("users.sql")], /users.sql: found a name without a number/],
    ["a number given twice", [file("1_a.sql"), file("01_b.sql")], /the number 1 a second time/],
    ["nothing in a file", [file("1_a.sql", "  \n")], /1_a.sql: found nothing/],
    ["only comments", [file("1_a.sql", "-- later\n")], /only comments/],
    ["bytes that are no text", [file("1_a.sql", "\u0000\u0001")], /SQL in UTF-8 text/],
    ["what PostgreSQL cannot read", [file("1_a.sql", "select 1;\nALTER TABEL t")], /1_a.sql:2:7/],
    ["another dialect", [file("1_a.sql", "ALTER TABLE `t` MODIFY a INT")], /other dialects cannot be judged yet/],
    ["a file of 100 MB", [file("1_a.sql", "x".repeat(17 * 1024 * 1024))], /at most 16777216/],
    ["a placeholder", [file("1_a.sql", "create table t (a text default '\u0024{name}')")], /the placeholder/],
    ["COMMIT inside", [file("1_a.sql", "delete from t where id = 1; commit; select 1")], /1_a.sql:1.*transaction-control/s],
    ["a command of psql", [file("1_a.sql", "select 1;\n\\! rm -rf /\n")], /1_a.sql:2.*leaves-database/s],
    ["COPY PROGRAM", [file("1_a.sql", "copy t to program 'sh'")], /leaves-database/],
    ["COPY from a client", [file("1_a.sql", "copy t from stdin")], /COPY, which moves data of a client/],
    ["COPY from a file of the server", [file("1_a.sql", "copy t from '/etc/passwd'")], /leaves-database/],
    ["dblink", [file("1_a.sql", "insert into t select * from public.dblink('a', 'b') as d(id int)")], /leaves-database/],
    ["aws_lambda in a value", [file("1_a.sql", "update t set a = aws_lambda.invoke('a', 'b') where id = 1")], /leaves-database/],
    ["aws_s3 inside DO", [file("1_a.sql", "do $$ begin perform aws_s3.query_export_to_s3('a', 'b'); end $$")], /leaves-database/],
    ["SET ROLE", [file("1_a.sql", "set role admin")], /changes-role/],
    [
      "what a file lets pass and nobody may",
      [file("1_a.sql", "-- holdfast:allow changes-role we really need it\nset role admin")],
      /changes-role/,
    ],
    ["an index built beside the traffic, among others", [file("1_a.sql", "create index concurrently i on t (a); select 1")], /it alone/],
  ])("%s", (_what, files, problem) => {
    expect(() => planOf(files)).toThrow(problem);
  });

  test("one that comes before the newest applied", () => {
    const files = [file("1_a.sql"), file("2_b.sql")];
    expect(() => planOf(files, { applied: appliedOf([file("2_b.sql")]) })).toThrow(/1_a.sql: found pending, but 2 is applied already/);
  });

  test("an applied file that was changed or is gone", () => {
    const applied = appliedOf([file("1_a.sql")]);
    expect(() => planOf([file("1_a.sql", "select 2")], { applied })).toThrow(/other text than was applied/);
    expect(() => planOf([file("2_b.sql")], { applied })).toThrow(/applied to the database, but without a file/);
  });
});

test("the digest is the same for the same, and another for anything that changes what was approved", () => {
  const files = [file("1_a.sql", "delete from users where id = 1")];
  const { digest } = planOf(files);
  expect(planOf(files).digest).toBe(digest);
  const others = [
    planOf([file("1_a.sql", "delete from users where id = 2")]),
    planOf([file("1_a.sql", "delete from users where id = 1 -- said twice")]),
    planOf([file("1_b.sql", "delete from users where id = 1")]),
    planOf([...files, file("2_b.sql")]),
    planOf(files, { schema: "1".repeat(64) }),
    planOf(files, { cluster: "other" }),
    planOf(files, { settings: { ...settings, moreRows: 1 } }),
    planOf(files, { checks: [{ name: "a", sql: "select true" }] }),
  ].map((each) => each.digest);
  expect(new Set([digest, ...others]).size).toBe(others.length + 1);
  const approved = [
    approvalDigest(digest, [{ rows: [1] }], "one"),
    approvalDigest(digest, [{ rows: [2] }], "one"),
    approvalDigest(digest, [{ rows: [1] }], "two"),
  ];
  expect(new Set(approved).size).toBe(3);
});

test("a statement says which tables it empties, and one that has no transaction what to look for afterwards", () => {
  const [first] = planOf([file("1_a.sql", "truncate a, s.b; drop table c; drop view v; delete from d")]).migrations;
  expect(first?.statements.map(({ empties }) => empties)).toEqual([["a", "s.b"], ["c"], [], []]);
  const alone = ["create unique index concurrently i on s.t (a)", "drop index concurrently i", "reindex table concurrently t", "vacuum t"];
  expect(alone.map((sql) => planOf([file("1_a.sql", sql)]).migrations[0]).map((each) => [each?.mode, each?.index])).toEqual([
    ["alone", { made: "i", dropped: [], table: "s.t" }],
    ["alone", { made: null, dropped: ["i"], table: null }],
    ["alone", { made: null, dropped: [], table: "t" }],
    ["alone", { made: null, dropped: [], table: null }],
  ]);
});
