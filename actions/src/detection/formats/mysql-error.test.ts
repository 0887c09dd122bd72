import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

test.each([
  ["2025-11-08  9:01:40 9 [Warning] Access denied for user 'app'@'198.51.100.41' (using password: YES)", Date.UTC(2025, 10, 8, 9, 1, 40)],
  [
    "2024-01-15T10:00:00.123456Z 12 [Note] [MY-010926] [Server] Access denied for user 'app'@'198.51.100.41' (using password: YES)",
    Date.UTC(2024, 0, 15, 10, 0, 0, 123),
  ],
])("%s", (line, at) => {
  expect(tellLines(line)).toMatchObject([{ kind: "auth-failed", actor: "app", ip: "198.51.100.41", at }]);
});

test("who is denied a database has logged in", () => {
  expect(tellLines("2025-11-08  9:01:40 9 [Warning] Access denied for user 'app'@'%' to database 'shop'")).toEqual([]);
});
