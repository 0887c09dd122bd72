import { installSql, overrideSql, removeSql } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { checkGuard, type GuardDraft, newFileLink, nextNumber } from "./guard-draft.ts";
import { draft, ledgerOf } from "./sample-ledger.ts";

const DRAFT: GuardDraft = {
  kind: "mass-changes",
  number: "42",
  table: "public.users",
  rows: "500",
  window: "60s",
  windowRows: "",
  percent: "",
  mode: "observe",
  column: "version",
  length: "15m",
  reason: "CHG-1042: new hashes",
};
const users = { schema: "public", name: "users" };

test.each<[string, Partial<GuardDraft>, string, string]>([
  [
    "limits, as many rows in the window as in a transaction",
    {},
    "42_guard_users.sql",
    installSql({
      tables: [users],
      limits: { rows: 500, windowRows: 500, windowSeconds: 60, percent: null, leastRows: 10, observe: true },
      versionColumn: null,
    }),
  ],
  [
    "every limit that is given",
    { windowRows: "2000", percent: "12.5", mode: "refuse", window: "1h" },
    "42_guard_users.sql",
    installSql({
      tables: [users],
      limits: { rows: 500, windowRows: 2000, windowSeconds: 3_600, percent: "12.5", leastRows: 10, observe: false },
      versionColumn: null,
    }),
  ],
  [
    "a version column",
    { kind: "lost-updates", table: " shop.Or ders " },
    "42_versions_or_ders.sql",
    installSql({ tables: [{ schema: "shop", name: "Or ders" }], limits: null, versionColumn: "version" }),
  ],
  [
    "an override",
    { kind: "override" },
    "42_override_users.sql",
    overrideSql({ table: users, rows: 500, seconds: 900, reason: "CHG-1042: new hashes" }),
  ],
  ["a removal", { kind: "removal", rows: "", reason: "" }, "42_unguard_users.sql", removeSql([users], "all")],
])("the migration holds %s, word for word as the command line prints it", (_what, change, file, sql) => {
  expect(checkGuard({ ...DRAFT, ...change })).toEqual({ ok: true, file, sql });
});

test("everything that is wrong is said at once, by field, with what is allowed", () => {
  const checked = checkGuard({ ...DRAFT, number: "x", table: "users", rows: "", window: "2d", windowRows: "0", percent: "101" });
  expect(checked).toEqual({
    ok: false,
    problems: {
      number: expect.stringContaining("allowed: digits"),
      table: expect.stringContaining("allowed: schema.table"),
      rows: "Rows is missing.",
      window: expect.stringContaining("up to a day"),
      windowRows: expect.stringContaining("allowed: a whole number"),
      percent: expect.stringContaining("at most 100"),
    },
  });
});

test("what a kind does not use is not asked of it", () => {
  const { problems } = {
    problems: {},
    ...checkGuard({ ...DRAFT, kind: "override", rows: "0", window: "", reason: "short", length: "soon" }),
  };
  expect(Object.keys(problems).toSorted()).toEqual(["length", "reason", "rows"]);
});

test("the next number follows the newest that went through the gate, and the baseline", () => {
  const applied = (...all: readonly (readonly [string, string])[]) =>
    ledgerOf(
      all.map(([cluster, version]) =>
        draft("migration.applied", "2026-11-25T10:00:00.000Z", { step: `applied-${version}`, data: { cluster, version } }),
      ),
    ).flat();
  expect(nextNumber([], "app-prod", undefined)).toBe("1");
  expect(nextNumber(applied(["app-prod", "9"], ["app-prod", "10"], ["other", "77"]), "app-prod", "3")).toBe("11");
  expect(nextNumber(applied(["app-prod", "a1b2"]), "app-prod", "20260101120000")).toBe("20260101120001");
});

test("GitHub begins the file where migrations are, on its own site or an enterprise's", () => {
  const deployment = { owner: "acme", repository: "holdfast", apiUrl: "https://api.github.com", branch: "production" };
  expect(newFileLink("db/my migrations", "42_guard_users.sql", deployment)).toBe(
    "https://github.com/acme/holdfast/new/main/db/my%20migrations?filename=42_guard_users.sql",
  );
  expect(newFileLink("db", "1_a.sql", { ...deployment, apiUrl: "https://git.example.org/api/v3" })).toBe(
    "https://git.example.org/acme/holdfast/new/main/db?filename=1_a.sql",
  );
  expect(newFileLink("db", "1_a.sql", { ...deployment, apiUrl: "http://127.0.0.1:4000" })).toBeNull();
});
