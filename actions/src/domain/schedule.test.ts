import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import { requestId } from "./names.ts";
import { parse } from "./problem.ts";
import { dueSnapshots, dueWork, nameRequest, slotStart } from "./schedule.ts";

const at = (text: string) => new Date(`2026-11-${text}Z`);
const config = parseConfig({ clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }] });

test.each([
  ["daily at 03:17", "20T03:16:59", "19T03:17:00"],
  ["daily at 03:17", "20T03:17:00", "20T03:17:00"],
  ["daily", "20T00:00:00", "20T00:00:00"],
  ["hourly", "20T11:59:59", "20T11:00:00"],
  ["weekly", "20T11:00:00", "16T00:00:00"],
  ["weekly", "16T00:00:00", "16T00:00:00"],
])("%s at %s lies in the slot that began %s", (cadence, now, start) => {
  expect(slotStart(cadence, at(now))).toEqual(at(start));
});

test("off has no slot and nothing is due", () => {
  expect(slotStart("off", at("20T12:00:00"))).toBeNull();
});

test("a slot is asked for once, however many ticks it has and however late they come", () => {
  const [first] = dueSnapshots(config, at("20T03:23:00"), new Set());
  const [late] = dueSnapshots(config, at("20T22:23:00"), new Set());
  expect(late?.requestId).toBe(first?.requestId);
  expect(late?.lateMs).toBe(19 * 3_600_000 + 6 * 60_000);
  expect(dueSnapshots(config, at("20T04:23:00"), new Set([first?.requestId ?? ""]))).toEqual([]);
});

test("a drill of each tier is asked for once a week, and not before there is a snapshot to prove", () => {
  const drills = (snapshotted: readonly string[], requested: readonly string[] = []) =>
    dueWork(config, at("20T03:23:00"), new Set(requested), new Set(snapshotted)).filter((due) => due.work === "drill");
  expect(drills([])).toEqual([]);
  expect(dueWork(config, at("20T05:23:00"), new Set(), new Set(["app-prod"])).at(-1)).toMatchObject({
    work: "retention",
    subject: "app-prod",
  });
  const both = drills(["app-prod"]);
  expect(both.map((due) => due.subject)).toEqual(["app-prod snapshot", "app-prod continuous"]);
  expect(
    drills(
      ["app-prod"],
      both.map((due) => due.requestId),
    ),
  ).toEqual([]);
});

test("the next slot is a new request", () => {
  const [today] = dueSnapshots(config, at("20T03:23:00"), new Set());
  expect(dueSnapshots(config, at("21T03:23:00"), new Set([today?.requestId ?? ""]))).toHaveLength(1);
});

test("everything that has a cadence is asked for, each once in its slot, snapshots first; canaries only where an app has an address for them", () => {
  const whole = parseConfig({
    clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }],
    apps: [
      { name: "web", cluster: "app-prod", canary: { url: "https://app.example.org/" } },
      { name: "worker", cluster: "app-prod" },
    ],
    schedule: { snapshot: "daily", detect: "hourly", pull: "hourly" },
  });
  const due = dueWork(whole, at("20T12:30:00"), new Set());
  expect(due.map((each) => `${each.work} ${each.subject}`)).toEqual(["snapshot app-prod", "detect app-prod", "pull-alerts ", "canary web"]);
  expect(new Set(due.map((each) => each.requestId)).size).toBe(4);
  const asked = new Set(due.map((each) => each.requestId));
  expect(dueWork(whole, at("20T12:59:59"), asked)).toEqual([]);
  expect(dueWork(whole, at("20T13:00:00"), asked).map((each) => each.work)).toEqual(["detect", "pull-alerts", "canary"]);
});

test("a request named from a text is a UUID that inputs accept", () => {
  expect(parse(requestId, nameRequest("any text"), "id")).toBe(nameRequest("any text"));
  expect(nameRequest("another")).not.toBe(nameRequest("any text"));
});
