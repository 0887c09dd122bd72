import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

test("pairs read as fields, and are not trusted", () => {
  expect(tellLines('time="2025-11-03T08:05:58Z" level=warning msg="Failed login for bob from 10.0.0.1"')).toMatchObject([
    { kind: "auth-failed", actor: "bob", ip: "10.0.0.1", at: Date.UTC(2025, 10, 3, 8, 5, 58), trusted: false },
  ]);
  expect(tellLines("ts=2025-11-03T08:05:58Z event=user.deleted user=ada target=bob")).toMatchObject([
    { kind: "row-deleted", actor: "ada", target: "bob" },
  ]);
});
