import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

test.each([
  ['203.0.113.9 - - [20/Nov/2026:12:29:43 +0000] "POST /login HTTP/1.1" 401 2 "-" "curl/7.88.1"', "203.0.113.9"],
  ['0:0:0:0:0:0:0:1 - - [20/Nov/2026:12:29:43 +0000] "POST /login HTTP/1.1" 401 2 21311', "::1"],
  ['2001:db8::7 - bob [20/Nov/2026:12:29:43 +0000] "GET /private HTTP/2.0" 401 -', "2001:db8::7"],
])("%s", (line, ip) => {
  expect(tellLines(line)).toMatchObject([{ kind: "auth-failed", ip, at: Date.UTC(2026, 10, 20, 12, 29, 43), trusted: false }]);
});

test("quotes and backslashes that a client sent end no request", () => {
  const line = '1.2.3.4 - - [20/Nov/2026:12:05:26 +0000] "GET /a%0aINFO" 404 207 "a\\"POST /login HTTP/1.1\\" 401" "q"';
  expect(tellLines(line)).toEqual([]);
  expect(tellLines('1.2.3.4 - - [20/Nov/2026:12:05:26 +0000] "DELETE /orders/"5 HTTP/1.1" 204 0')).toMatchObject([{ kind: "row-deleted" }]);
});
