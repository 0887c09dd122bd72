import { beforeAll, expect, test } from "vitest";
import { installSql, type MassChangeLimits, overrideSql, REMOVE_EVERYTHING, removeSql } from "../domain/index.ts";
import { lintSql } from "./lint-sql.ts";
import { loadParser } from "./parser.ts";
import { losesData } from "./verdict.ts";

beforeAll(() => loadParser());

const users = { schema: "public", name: "users" };
const limits: MassChangeLimits = { rows: 500, windowRows: 500, windowSeconds: 60, percent: "10", leastRows: 10, observe: false };
const losing = (sql: string) => lintSql("guard.sql", sql).filter(({ verdict }) => losesData(verdict));

test("no statement that installs a guard or an override may lose data, whatever the names and the reason", () => {
  for (const table of [users, { schema: 'a"; drop table users; --', name: "b'; drop table users; --" }]) {
    for (const versionColumn of [null, "version", "rowVersion"])
      expect(losing(installSql({ tables: [table, users], limits, versionColumn }))).toEqual([]);
    const sql = overrideSql({ table, rows: 5, seconds: 60, reason: "it's a \\'; drop table users; -- test" });
    expect(losing(sql)).toEqual([]);
    expect(lintSql("override.sql", sql)).toHaveLength(1);
    expect(lintSql("override.sql", sql)[0]?.findings.map(({ id }) => id)).toEqual(["guard-override"]);
  }
});

test("a guard that is taken away is said to be so, statement by statement", () => {
  expect(losing(removeSql([users], "all")).map(({ findings }) => findings[0]?.id)).toEqual(Array(5).fill("drop-trigger"));
  expect(losing(removeSql([users], "lost-updates"))).toHaveLength(2);
  expect(losing(REMOVE_EVERYTHING).map(({ findings }) => findings[0]?.id)).toEqual(["drop-schema"]);
});

test("the limits stand in the triggers, where a plan shows them", () => {
  const sql = installSql({ tables: [users], limits: { ...limits, windowRows: 2_000, percent: null }, versionColumn: null });
  expect(sql.match(/refuse_mass_change\('500', '2000', '60', '', '10', 'refuse'\)/g)).toHaveLength(3);
  expect(sql).not.toContain("refuse_stale");
});
