import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

test("a request in a pipe with Werkzeug's styles reads as without them", () => {
  const plain = '203.0.113.12 - - [04/Nov/2025 08:05:23] "POST /login HTTP/1.1" 401 -';
  const styled = plain.replace("POST", "\u001b[31m\u001b[1mPOST").replace('1.1"', '1.1\u001b[0m"');
  for (const line of [plain, styled]) {
    expect(tellLines(line)).toMatchObject([{ kind: "auth-failed", ip: "203.0.113.12", at: Date.UTC(2025, 10, 4, 8, 5, 23) }]);
  }
});

test("lines that tell of no request are records and nothing else", () => {
  expect(tellLines("10.20.0.5 - - [20/Nov/2026 12:05:26] code 400, message Bad request syntax ('POST /login')")).toEqual([]);
  expect(tellLines('10.20.0.5 - - [20/Nov/2026 12:05:26] "\u0016\u0003\u0001" 400 -')).toEqual([]);
});
