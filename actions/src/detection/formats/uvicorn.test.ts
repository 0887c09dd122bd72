import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

test("uvicorn has no time of its own: the stamp counts", () => {
  expect(tellLines('INFO:     10.20.0.5:45086 - "POST /login HTTP/1.1" 401 Unauthorized', {}, 5_000)).toMatchObject([
    { kind: "auth-failed", ip: "10.20.0.5", at: 5_000 },
  ]);
  expect(tellLines('INFO:     10.20.0.5:45086 - "GET /a%0AINFO%20forged HTTP/1.1" 404 Not Found')).toEqual([]);
});

test("hypercorn writes both of its heads before a request", () => {
  const line =
    '[2026-11-20 12:05:27 +0000] [31899] [INFO] 10.20.0.5:4711 - - [20/Nov/2026:12:05:27 +0000] "POST /login 1.1" 401 2 "-" "curl"';
  expect(tellLines(line)).toMatchObject([{ kind: "auth-failed", ip: "10.20.0.5", at: Date.UTC(2026, 10, 20, 12, 5, 27) }]);
});
