import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

const aurora = (rest: string, pid = 2840) => `2025-11-03 09:01:20 UTC:10.20.0.5(46691):app@shop:[${pid}]:${rest}`;
const debian = (rest: string, pid = 2840) => `2025-11-03 09:01:20.123 UTC [${pid}] app@shop ${rest}`;

test("a WHERE on the next line is part of the statement", () => {
  expect(tellLines(`${aurora("LOG:  statement: DELETE FROM orders")}\n\tWHERE id = 1`)).toMatchObject([
    { kind: "row-deleted", destructive: false },
  ]);
  expect(tellLines(aurora("LOG: execute <unnamed>: DELETE FROM orders"))).toMatchObject([
    { destructive: true, actor: "app", ip: "10.20.0.5", trusted: true },
  ]);
});

test.each([
  ['FATAL:  password authentication failed for user "eve"', "eve", "10.20.0.5"],
  ['FATAL:  no pg_hba.conf entry for host "10.0.0.8", user "eve", database "shop", SSL off', "eve", "10.20.0.5"],
  ['FATAL:  PAM authentication failed for user "eve"', "eve", "10.20.0.5"],
])("refused: %s", (rest, actor, ip) => {
  expect(tellLines(aurora(rest))).toMatchObject([{ kind: "auth-failed", actor, ip }]);
});

test("Debian's prefix has no address: the session's first line has", () => {
  const log = [
    `2025-11-03 09:01:19.000 UTC [7] [unknown]@[unknown] LOG:  connection received: host=203.0.113.9 port=1`,
    debian('FATAL:  password authentication failed for user "eve"', 7),
  ];
  expect(tellLines(log.join("\n"))).toMatchObject([{ kind: "auth-failed", ip: "203.0.113.9" }]);
});

test("pgaudit completes what log_statement began, with the rows that were really deleted", () => {
  const log = [
    aurora("LOG:  statement: DELETE FROM orders WHERE id < 11"),
    aurora("LOG:  AUDIT: SESSION,1,1,WRITE,DELETE,,,DELETE FROM orders WHERE id < 11,<none>,10"),
  ];
  expect(tellLines(log.join("\n"))).toMatchObject([{ kind: "row-deleted", rows: 10 }]);
  expect(tellLines(aurora("LOG:  AUDIT: SESSION,1,1,WRITE,DELETE,,,DELETE FROM orders WHERE id < 11,<none>,0"))).toEqual([]);
});

test("a guard's refusal is an event of its own, and its statement none", () => {
  const log = [aurora("LOG:  statement: DELETE FROM users"), aurora("ERROR:  holdfast guard: DELETE on users refused: no WHERE")];
  expect(tellLines(log.join("\n"))).toMatchObject([{ kind: "statement-refused", actor: "app", table: null, rows: null }]);
});

test.each([
  ["UPDATE on public.users refused: 10000 rows (10000 in one transaction, at most 500)", "users", 10_000],
  ["DELETE on shop.orders refused: 1 row (501 by role app within 60 s, at most 500)", "orders", 1],
  [`TRUNCATE on "My Shop"."a.b""c refused: 7 rows" refused: 21 rows (21 in one transaction, at most 20)`, 'a.b"c refused: 7 rows', 21],
])("our guard's refusal says of which table and how many rows: %s", (rest, table, rows) => {
  expect(tellLines(aurora(`ERROR:  holdfast guard: ${rest}`))).toMatchObject([{ kind: "statement-refused", actor: "app", table, rows }]);
});

test("a stale row version is no refusal of that kind: it happens every day, and is tried again", () => {
  expect(tellLines(aurora("ERROR:  holdfast guard: a write to public.users carries a stale row version"))).toEqual([]);
});
