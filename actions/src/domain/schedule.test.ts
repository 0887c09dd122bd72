import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import { requestId } from "./names.ts";
import { parse } from "./problem.ts";
import { dueSnapshots, nameRequest, slotStart } from "./schedule.ts";

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

test("the next slot is a new request", () => {
  const [today] = dueSnapshots(config, at("20T03:23:00"), new Set());
  expect(dueSnapshots(config, at("21T03:23:00"), new Set([today?.requestId ?? ""]))).toHaveLength(1);
});

test("a request named from a text is a UUID that inputs accept", () => {
  expect(parse(requestId, nameRequest("any text"), "id")).toBe(nameRequest("any text"));
  expect(nameRequest("another")).not.toBe(nameRequest("any text"));
});
