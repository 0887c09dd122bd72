import { beforeAll, describe, expect, test } from "vitest";
import { digestOf } from "../domain/index.ts";
import { makePlan, type PlanInputs } from "./make-plan.ts";
import { loadParser } from "./parser.ts";
import type { Applied, MigrationFile } from "./pending-migration.ts";

beforeAll(loadParser);

const up = (number: number): MigrationFile => ({ name: `${number}_a.sql`, text: `create table t${number} (id int)` });
const down = (number: number, text = `drop table t${number}`): MigrationFile => ({ name: `${number}_a.down.sql`, text });
const line = (number: number, state: Applied["state"] = "applied"): Applied => ({
  version: String(number),
  digest: digestOf(up(number).text),
  state,
});
const base: PlanInputs = {
  cluster: "app",
  database: "app",
  settings: { tool: "sql", directory: "db", locks: "5s", statements: "15m", moreRows: 0 },
  protect: [],
  checks: [],
  files: [],
  rendering: null,
  applied: [],
  own: [],
  history: { tool: "sql" },
  schema: "0".repeat(64),
};
const planOf = (files: readonly MigrationFile[], applied: readonly Applied[], undo?: string) =>
  makePlan({ ...base, files, applied, ...(undo === undefined ? {} : { undo }) });
const all = [up(1), down(1), up(2), down(2), up(10), down(10)];

test("the newest is taken back alone, an older one with everything above it, newest first, and each says of which text it is the way back", () => {
  const applied = [line(1), line(2), line(10)];
  expect(planOf(all, applied, "10").migrations).toMatchObject([
    { version: "10", name: "a", file: "10_a.down.sql", digest: digestOf("drop table t10"), undoes: digestOf(up(10).text) },
  ]);
  expect(planOf(all, applied, "2").migrations.map(({ file }) => file)).toEqual(["10_a.down.sql", "2_a.down.sql"]);
});

test("the way back is judged as any other file, and what is pending beside it is left alone", () => {
  const { verdict, migrations } = planOf([...all, up(11)], [line(1), line(2), line(10)], "10");
  expect([verdict, migrations[0]?.statements[0]?.findings.map(({ id }) => id)]).toEqual(["destroys-data", ["drop-table"]]);
  const columns = "alter table t10 drop column a, add column c int, drop column b; alter table s.u drop column d";
  expect(planOf([up(10), down(10, columns)], [line(10)], "10").migrations[0]?.statements.map(({ drops }) => drops)).toEqual([
    [{ table: "t10", columns: ["a", "b"] }],
    [{ table: "s.u", columns: ["d"] }],
  ]);
});

describe("nothing is taken back, and why is said, where", () => {
  test.each<[string, readonly MigrationFile[], readonly Applied[], RegExp]>([
    ["it is not applied", all, [line(1)], /undo: found 2, which is not applied; allowed: .*the newest is 1/],
    ["nothing is", all, [], /Holdfast applied no migration/],
    ["there is no way back", [up(2)], [line(2)], /2_a.down.sql: found no such file; allowed: .*restore or rewind to the second before/],
    ["one above it has none", [up(2), down(2), up(10)], [line(2), line(10)], /10_a.down.sql: found no such file/],
    ["the file is another than was applied", [{ ...up(2), text: "select 1" }, down(2)], [line(2)], /other text than was applied/],
    ["the file is gone", [down(2)], [line(2)], /2: found applied to the database, but without a file/],
    ["it is not known to be over", [up(2), down(2)], [line(2, "running")], /begun and not known to be over/],
    ["its way back may never run", [up(2), down(2, "set role admin")], [line(2)], /changes-role/],
  ])("%s", (_what, files, applied, problem) => {
    expect(() => planOf(files, applied, "2")).toThrow(problem);
  });
});

test("a pending migration says whether there is a way back, and one that could not run is found before anybody needs it", () => {
  expect(planOf([up(1), down(1), up(2)], []).migrations.map(({ wayBack }) => wayBack)).toEqual([true, false]);
  expect(() => planOf([up(1), down(1, "drop tabel t1")], [])).toThrow(/1_a.down.sql:1/);
});

test("approval for applying never holds for taking back, nor for another text of the way back", () => {
  const digests = [
    planOf([up(1), down(1)], []),
    planOf([up(1), down(1)], [line(1)], "1"),
    planOf([up(1), down(1, "drop table t1 cascade")], [line(1)], "1"),
  ].map(({ digest }) => digest);
  expect(new Set(digests).size).toBe(3);
});
