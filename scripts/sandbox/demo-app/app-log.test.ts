import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAppLog } from "./app-log.ts";

let folder: string;
let file: string;
const now = () => new Date("2026-11-20T12:00:00.123Z");

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-app-log-"));
  file = path.join(folder, "flask_web_1.log");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("an event is a line of the contract, followed by its request as gunicorn tells it", async () => {
  const log = openAppLog(file, now);
  log.event({
    action: "password-changed",
    by: { name: "ada", roles: ["admin"] },
    on: { id: 77, name: "bob" },
    ip: "203.0.113.9",
    rows: 1,
    request: { line: "POST /admin/users/77/password", status: 302 },
  });
  const [line = "", access] = (await readFile(file, "utf8")).split("\n");
  expect(JSON.parse(line)).toEqual({
    "@timestamp": "2026-11-20T12:00:00.123Z",
    log: { level: "info" },
    message: "Password changed: bob by ada",
    event: { action: "password-changed", category: ["iam"], type: ["user", "change"], outcome: "success" },
    user: { name: "ada", roles: ["admin"], target: { id: "77", name: "bob" } },
    client: { ip: "203.0.113.9" },
    http: { request: { id: expect.any(String) } },
    holdfast: { rows: 1 },
  });
  expect(access).toBe(
    '203.0.113.9 - - [20/Nov/2026:12:00:00 +0000] "POST /admin/users/77/password HTTP/1.1" 302 28 "-" "Mozilla/5.0 (X11; Linux x86_64) Demo/1.0"',
  );
});

test("a full file turns over, two old ones are kept, and a line is never torn over two files", async () => {
  const log = openAppLog(file, now, 100);
  for (let line = 0; line < 20; line++) log.plain(`line ${line} ${"x".repeat(40)}`);
  openAppLog(file, now, 100).plain("after a restart, one more that no longer fits in");
  expect((await readdir(folder)).sort()).toEqual(["flask_web_1.log", "flask_web_1.log.1", "flask_web_1.log.2"]);
  const lines = await Promise.all([2, 1].map((old) => readFile(`${file}.${old}`, "utf8")));
  const all = `${lines.join("")}${await readFile(file, "utf8")}`.trimEnd().split("\n");
  expect(all.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual(["line 16", "line 17", "line 18", "line 19", "after a"]);
});
