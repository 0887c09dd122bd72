import { beforeAll, describe, expect, test } from "vitest";
import type { FlywayRow } from "../domain/index.ts";
import { compareFlyway, type FlywayHistory, pendingFlyway } from "./flyway.ts";
import { flywayChecksum } from "./flyway-checksum.ts";
import { judgeMigration } from "./judge-migration.ts";
import { loadParser } from "./parser.ts";

beforeAll(loadParser);

// The numbers are those that Flyway 13.12 wrote for these files.
test.each([
  ["\ufeffcreate table a (id int);\r\n-- ä\r\n", 1625748725],
  ["create table b (id int)", -583480593],
  ["create table c (id int);\n\n", -1829822902],
  ["create or replace view v as select 1 as one;\n", -80868444],
])("a file has Flyway's own checksum, whatever its line ends and its mark at the beginning", (text, checksum) => {
  expect(flywayChecksum(text)).toBe(checksum);
});

test("versions are compared by number, part for part", () => {
  const sorted = ["1", "1.1", "1.2", "1.10", "002", "10", "20261125101112"];
  expect(sorted.toReversed().toSorted(compareFlyway)).toEqual(sorted);
  expect([compareFlyway("1", "1.0.0"), compareFlyway("1_1", "1.1"), compareFlyway("01", "1")]).toEqual([0, 0, 0]);
});

const text = (name: string) => `create table ${name} (id int);\n`;
const file = (name: string, sql = text("t")) => ({ name, text: sql });
const files = [
  file("V1__users.sql", text("users")),
  file("V1_1__orders.sql", text("orders")),
  file("sub/V2__more.sql"),
  file("R__the_view.sql"),
];
const row = (rank: number, version: string | null, change: Partial<FlywayRow> = {}): FlywayRow => {
  const description = version === null ? "the view" : (["users", "orders", "more"][rank - 1] ?? "");
  const checksum = flywayChecksum(files[rank - 1]?.text ?? "");
  return { rank, version, description, type: "SQL", script: "", checksum, success: true, ...change };
};
const rows = [row(1, "1"), row(2, "1.1"), row(3, "2"), row(4, null)];

const base: FlywayHistory = { files, table: "flyway_schema_history", baseline: undefined, rows: null, applied: [], own: [] };
const pendingOf = (change: Partial<FlywayHistory> = {}) => pendingFlyway({ ...base, ...change });
const versionsOf = (change: Partial<FlywayHistory> = {}) => pendingOf(change).map(({ version }) => version);

test("a new database lacks everything: versions in their order, then what is repeated; the table is made with the first", () => {
  const pending = pendingOf();
  expect(pending.map(({ version, name, file: from }) => [version, name, from])).toEqual([
    ["1", "users", "V1__users.sql"],
    ["1.1", "orders", "V1_1__orders.sql"],
    ["2", "more", "sub/V2__more.sql"],
    ["R__the_view-4", "the_view", "R__the_view.sql"],
  ]);
  expect(pending[0]?.bookkeeping.map((each) => each.split("\n")[0])).toEqual([
    'CREATE TABLE "flyway_schema_history" (',
    'ALTER TABLE "flyway_schema_history" ADD CONSTRAINT "flyway_schema_history_pk" PRIMARY KEY ("installed_rank")',
    'CREATE INDEX "flyway_schema_history_s_idx" ON "flyway_schema_history" ("success")',
    expect.stringContaining(`VALUES (1, '1', 'users', 'SQL', 'V1__users.sql', ${flywayChecksum(text("users"))}, current_user, 0, TRUE)`),
  ]);
  expect(pending[3]?.bookkeeping).toEqual([expect.stringContaining("VALUES (4, NULL, 'the view', 'SQL', 'R__the_view.sql', ")]);
  expect(pending.map(judgeMigration).map(({ mode }) => mode)).toEqual(["transaction", "transaction", "transaction", "transaction"]);
});

test("the history says what is pending, and what is repeated is pending whenever it changes", () => {
  expect(versionsOf({ rows })).toEqual([]);
  expect(versionsOf({ rows: rows.slice(0, 2) })).toEqual(["2", "R__the_view-4"]);
  expect(versionsOf({ rows, files: [...files.slice(0, 3), file("R__the_view.sql", "create view v as select 2")] })).toEqual([
    "R__the_view-5",
  ]);
  // Where it came to hold once more what it held before the last change.
  expect(versionsOf({ rows: [...rows, row(5, null, { checksum: 7 })] })).toEqual(["R__the_view-6"]);
});

test("a database that was there before Flyway is noted at its baseline", () => {
  const [first] = pendingOf({ baseline: "1.1" });
  expect(versionsOf({ baseline: "1.1" })).toEqual(["2", "R__the_view-3"]);
  expect(first?.bookkeeping.slice(3)).toEqual([
    expect.stringContaining("VALUES (1, '1.1', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL, current_user, 0, TRUE)"),
    expect.stringContaining("VALUES (2, '2', 'more'"),
  ]);
  expect(versionsOf({ rows: [row(1, "1.1", { type: "BASELINE", checksum: null })] })).toEqual(["2", "R__the_view-3"]);
});

test("what this request applied before it was interrupted is still its own to apply, with the same rows", () => {
  expect(pendingOf({ rows: rows.slice(0, 2), own: ["1", "1.1"] })).toEqual(pendingOf());
  expect(pendingOf({ rows, own: ["2", "R__the_view-4"] })).toEqual(pendingOf({ rows: rows.slice(0, 2) }));
  const noted = [row(1, "1.1", { type: "BASELINE", checksum: null }), row(2, "2")];
  expect(pendingOf({ rows: noted, own: ["2"], baseline: "1.1" })).toEqual(pendingOf({ baseline: "1.1" }));
});

test("a way back lies beside and never runs; a file beside may say that it runs outside of transactions, which is seen anyway", () => {
  const index = file("V3__index.sql", "create index concurrently i on t (id);\n");
  const more = [
    ...files,
    file("U2__more.sql"),
    index,
    { name: "V3__index.sql.conf", text: "# no transaction\nexecuteInTransaction=false\n" },
  ];
  expect(pendingOf({ rows, files: more }).map(judgeMigration)).toMatchObject([{ version: "3", mode: "alone", index: { made: "i" } }]);
});

describe("it is refused, with the file and what is allowed,", () => {
  test.each<[string, Partial<FlywayHistory>, RegExp]>([
    [
      "when an applied file was changed",
      { rows, files: [file("V1__users.sql", "select 1"), ...files.slice(1)] },
      /V1__users.sql: found other text than was applied/,
    ],
    [
      "when an applied file was renamed",
      { rows, files: [file("V1__people.sql", text("users")), ...files.slice(1)] },
      /V1__people.sql: found another description/,
    ],
    ["when an applied file is gone", { rows, files: files.slice(1) }, /1: found applied to the database, but without a file/],
    [
      "when one comes before the newest applied",
      { rows: [row(1, "1"), row(3, "2")] },
      /V1_1__orders.sql: found pending, but 2 is applied already/,
    ],
    ["when the history tells of a failure", { rows: [row(1, "1", { success: false })] }, /1: found failed.*flyway repair/],
    ["when the history holds what is not read here", { rows: [...rows, row(5, "2", { type: "DELETE" })] }, /a row of the type DELETE/],
    [
      "when Holdfast has applied what the history lacks",
      { rows: rows.slice(0, 2), applied: [{ version: "2", digest: "", state: "applied" }] },
      /sub\/V2__more.sql: found applied by Holdfast/,
    ],
    [
      "when two files have a version",
      { files: [...files, file("V01__again.sql")] },
      /V01__again.sql: found a version or description a second time/,
    ],
    [
      "when Flyway would pass a file over",
      { files: [...files, file("V3_missing.sql")] },
      /V3_missing.sql: found a name that Flyway passes over/,
    ],
    ["when Flyway would run a callback", { files: [...files, file("afterMigrate.sql")] }, /afterMigrate.sql: found a callback/],
    [
      "when Flyway would run a script instead",
      { files: [...files, file("B2__all.sql")] },
      /B2__all.sql: found a script for a new database/,
    ],
    [
      "when a file beside sets more",
      { files: [...files, { name: "V1__users.sql.conf", text: "placeholderReplacement=false" }] },
      /V1__users.sql.conf: found placeholderReplacement/,
    ],
  ])("%s", (_when, change, problem) => {
    expect(() => pendingOf(change)).toThrow(problem);
  });

  test("when a placeholder is left", () => {
    const [last] = pendingOf({ rows, files: [...files, file("V3__p.sql", "create table \u0024{name} (id int)")] });
    expect(() => last && judgeMigration(last)).toThrow(/the placeholder/);
  });
});
