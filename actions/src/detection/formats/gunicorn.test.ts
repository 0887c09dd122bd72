import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

test("an access log in a team's own format is read as gunicorn writes it", () => {
  const accessLog = '%(t)s %({x-forwarded-for}i)s "%(r)s" %(s)s %(L)s';
  const line = '[03/Nov/2025:08:05:38 +0000] 9.9.9.9, 203.0.113.9 "POST /login HTTP/1.1" 401 0.012';
  expect(tellLines(line, { accessLog })).toMatchObject([{ kind: "auth-failed", ip: "203.0.113.9", at: Date.UTC(2025, 10, 3, 8, 5, 38) }]);
  expect(tellLines("10.0.0.1|DELETE|/api/orders/5|204", { accessLog: "%(h)s|%(m)s|%(U)s|%(s)s" })).toMatchObject([
    { kind: "row-deleted", table: "orders" },
  ]);
});

test("a format without request or status is refused", () => {
  expect(() => tellLines("x", { accessLog: "%(h)s %(t)s" })).toThrow(/must hold %\(s\)s and %\(r\)s/);
});

test("its own lines tell nothing", () => {
  expect(tellLines("[2025-11-03 08:00:00 +0000] [29424] [INFO] Booting worker with pid: 29424")).toEqual([]);
});
