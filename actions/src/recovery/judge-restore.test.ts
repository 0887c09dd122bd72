import { expect, test } from "vitest";
import type { RestoreRequest } from "../domain/index.ts";
import { judgeRestore } from "./judge-restore.ts";

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const source = { earliestRestorableTime: at("10:00:00"), latestRestorableTime: at("11:00:00") };
const available = { cluster: "app-prod", status: "available" };

function request(point: RestoreRequest["point"]): RestoreRequest {
  return {
    cluster: "app-prod",
    target: "app-prod-2",
    point,
    reason: "Because of a test",
    requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
  };
}
const toTime = (time: string) => request({ kind: "time", time: at(time) });
const toSnapshot = request({ kind: "snapshot", snapshot: "s-1" });

test.each(["10:00:00", "10:30:00", "11:00:00"])("a time inside the range, its ends included, may begin: %s", (time) => {
  expect(judgeRestore(toTime(time), source, null)).toEqual({ decision: "go" });
});

test("a time before the range is refused with the bound", () => {
  expect(judgeRestore(toTime("09:59:59"), source, null)).toMatchObject({
    decision: "refuse",
    problem: expect.stringContaining("2026-11-20T10:00:00.000Z"),
  });
});

test("a time just after the range waits, because the range follows", () => {
  expect(judgeRestore(toTime("11:00:01"), source, null).decision).toBe("wait");
});

test("a cluster without a range yet makes a time wait", () => {
  expect(judgeRestore(toTime("10:30:00"), { earliestRestorableTime: null, latestRestorableTime: null }, null).decision).toBe("wait");
});

test.each<[string, Parameters<typeof judgeRestore>[2], string]>([
  ["available", available, "go"],
  ["still being created", { ...available, status: "creating" }, "wait"],
  ["being deleted", { ...available, status: "deleting" }, "refuse"],
  ["of another cluster", { ...available, cluster: "other" }, "refuse"],
  ["not there", null, "refuse"],
])("a snapshot that is %s", (_what, snapshot, decision) => {
  expect(judgeRestore(toSnapshot, source, snapshot).decision).toBe(decision);
});

test("an unknown cluster is refused", () => {
  expect(judgeRestore(toSnapshot, null, available).decision).toBe("refuse");
});
