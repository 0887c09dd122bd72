import { describe, expect, test } from "vitest";
import { laneOf, readRunTitle } from "./run-title.ts";
import { REQUEST } from "./sample-ledger.ts";

const TITLE = `restore app-prod → app-prod-copy (request ${REQUEST})`;

describe("run titles", () => {
  test("of work on clusters are read", () => {
    expect(readRunTitle(TITLE)).toEqual({
      work: "restore",
      cluster: "app-prod",
      answer: null,
      target: "app-prod-copy",
      point: null,
      requestId: REQUEST,
      reason: null,
    });
    expect(readRunTitle(`restore a → b from 2026-11-20T14:02:40Z (request ${REQUEST}): Prices (all) are → wrong`)).toMatchObject({
      target: "b",
      point: { time: "2026-11-20T14:02:40Z" },
      reason: "Prices (all) are → wrong",
    });
    expect(readRunTitle(`restore a → b from rds:app-prod-1 (request ${REQUEST}): x`)?.point).toEqual({ snapshot: "rds:app-prod-1" });
    expect(readRunTitle(`restore a → b from s-1 (request ${REQUEST}, incident INC-7): x`)).toMatchObject({
      requestId: REQUEST,
      reason: "x",
    });
    expect(readRunTitle(`snapshot app-prod (pre-migration, request ${REQUEST})`)).toMatchObject({
      work: "snapshot",
      cluster: "app-prod",
      requestId: REQUEST,
    });
  });

  test("of rewinds name tables and an interval, which is no point to go back to", () => {
    const interval = "2026-11-20T14:02:41.000Z/2026-11-20T14:02:43.000Z";
    expect(readRunTitle(`rewind app-prod → users,orders from ${interval} (apply, request ${REQUEST}, incident INC-7): x`)).toMatchObject({
      work: "rewind",
      cluster: "app-prod",
      target: "users,orders",
      point: null,
      requestId: REQUEST,
      reason: "x",
    });
  });

  test("of cut-overs name the cluster that takes the place", () => {
    expect(readRunTitle(`cut-over app-prod → app-new (request ${REQUEST}, incident INC-7): The table is gone`)).toMatchObject({
      work: "cut-over",
      cluster: "app-prod",
      target: "app-new",
      requestId: REQUEST,
      reason: "The table is gone",
    });
  });

  test("of answers to alerts are read", () => {
    expect(readRunTitle(`respond acknowledge bulk-deletion-0123456789abcdef (request ${REQUEST}): Looking (now) into it`)).toEqual({
      work: "respond",
      cluster: null,
      answer: "acknowledge",
      target: "bulk-deletion-0123456789abcdef",
      point: null,
      requestId: REQUEST,
      reason: "Looking (now) into it",
    });
    expect(readRunTitle(`respond silence bulk-deletion   until 2026-11-20T15:00:00Z (request ${REQUEST}): x`)).toMatchObject({
      answer: "silence",
      target: "bulk-deletion until 2026-11-20T15:00:00Z",
    });
  });

  test.each([
    `respond acknowledge a (request 00000000-0000-4000-8000-000000000000) (request ${REQUEST}): x`,
    `respond delete everything (request ${REQUEST}): x`,
    "Snapshot",
    "restore app-prod → x",
    `drill app-prod (request ${REQUEST})`,
    `restore app-prod → x (request ${REQUEST}) and more`,
  ])("%s is somebody else's", (title) => {
    expect(readRunTitle(title)).toBeNull();
  });
});

describe("what keeps a second one from being sent", () => {
  const lane = (title: string) => {
    const read = readRunTitle(`${title} (request ${REQUEST}): x`);
    return read === null ? null : laneOf(read);
  };

  test("is the cluster for work on it, and the alert for an answer", () => {
    expect(lane("restore app-prod → a")).toBe(lane("restore app-prod → b"));
    expect(lane("respond acknowledge alert-1")).toBe(lane("respond acknowledge alert-1"));
    expect(lane("respond acknowledge alert-1")).not.toBe(lane("respond acknowledge alert-2"));
    expect(lane("respond acknowledge alert-1")).not.toBe(lane("respond resolve alert-1"));
  });

  test("is any other silence for a silence, whose end differs with every second", () => {
    expect(lane("respond silence a until 2026-11-20T15:00:00Z")).toBe(lane("respond silence a until 2026-11-20T15:00:01Z"));
  });
});
