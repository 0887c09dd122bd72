import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

test("Aurora's microseconds and MariaDB's local time", () => {
  const rest = "i-1,app,10.0.0.4,4,9,QUERY_DML,shop,'DELETE FROM carts WHERE note=\\'a, b\\' AND id=3',0";
  expect(tellLines(`1762592400007919,${rest}`)).toMatchObject([
    { kind: "row-deleted", table: "carts", at: Date.UTC(2025, 10, 8, 9, 0, 0, 7), destructive: false },
  ]);
  expect(tellLines(`20251108 10:00:00,${rest}`, { timezone: "Europe/Berlin" })).toMatchObject([{ at: Date.UTC(2025, 10, 8, 9) }]);
});

test.each(["FAILED_CONNECT,,,1045", "CONNECT,shop,,1045"])("a connection refused: %s", (rest) => {
  expect(tellLines(`20251108 09:00:00,vm,app,198.51.100.41,4,0,${rest}`)).toMatchObject([
    { kind: "auth-failed", actor: "app", ip: "198.51.100.41" },
  ]);
});

test("what failed counts nothing, what a trigger refused is told as refused", () => {
  const line = (code: number) => `20251108 09:00:00,vm,app,198.51.100.41,4,7,QUERY,shop,'DELETE FROM users',${code}`;
  expect(tellLines(line(1146))).toMatchObject([{ kind: "row-deleted", rows: 0, destructive: false }]);
  expect(tellLines(line(1644))).toMatchObject([{ kind: "statement-refused", table: "users" }]);
  expect(tellLines("20251108 09:00:00,vm,app,198.51.100.41,4,7,TABLE,shop,users,0")).toEqual([]);
});

test("schema change and bookkeeping of one session are one migration", () => {
  const line = (sql: string, ms: number) => `17625924000${ms}000,i,app,10.0.0.4,55,96,QUERY,shop,'${sql}',0`;
  expect(
    tellLines(`${line("ALTER TABLE users ADD COLUMN phone varchar(20)", 10)}\n${line("INSERT INTO flyway_schema_history VALUES (1)", 30)}`),
  ).toHaveLength(1);
});
