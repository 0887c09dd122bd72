import { describe, expect, test } from "vitest";
import { type GateFacts, judgeGate } from "./migration-gate.ts";

const now = new Date("2026-11-22T03:00:00Z");
const facts: GateFacts = {
  requesters: ["alice"],
  authors: ["alice"],
  agreed: ["bob"],
  approvals: { approvers: [], required: 1, validFor: "24h", migrations: "environment" },
  plannedAt: new Date("2026-11-22T01:00:00Z"),
  now,
  blocked: [],
  maintenance: [],
  overrides: [],
};
const sunday = { days: ["Sun" as const], from: "02:00", to: "04:00", timezone: "UTC" };
const override = (rule?: string) => ({ id: "o-1", reason: "The shop is down", matcher: rule === undefined ? {} : { rule } });

test("somebody other than requester and author opens it", () => {
  expect(judgeGate(facts)).toEqual({ open: true, approvers: ["bob"], window: "no maintenance window is agreed on" });
});

describe("it stays shut", () => {
  test.each<[string, Partial<GateFacts>, RegExp]>([
    ["where nobody agreed", { agreed: [] }, /1 must agree, and nobody did/],
    ["for whoever asked", { agreed: ["alice"], authors: ["carol"] }, /alice asked for it/],
    ["for whoever started an earlier attempt", { requesters: ["alice", "bob"] }, /bob asked for it/],
    ["for whoever wrote a file, however the name is written", { authors: ["carol", "BOB"] }, /nobody did/],
    [
      "for whoever is not named",
      { approvals: { approvers: ["carol"], required: 1, validFor: "24h", migrations: "environment" } },
      /bob is not among the approvers/,
    ],
    [
      "for one where two must agree",
      { approvals: { approvers: [], required: 2, validFor: "24h", migrations: "environment" } },
      /2 must agree, and bob did/,
    ],
    [
      "for the same one twice",
      { agreed: ["bob", "bob"], approvals: { approvers: [], required: 2, validFor: "24h", migrations: "environment" } },
      /2 must agree, and bob did/,
    ],
    [
      "also where an installation asks nobody else",
      { agreed: [], approvals: { approvers: [], required: 0, validFor: "24h", migrations: "environment" } },
      /1 must agree/,
    ],
    ["when the plan has aged out to the second", { plannedAt: new Date(now.getTime() - 24 * 3_600_000) }, /24h/],
    ["when nobody knows how old the plan is", { plannedAt: new Date(Number.NaN) }, /age is not known/],
    ["while the state is blocked", { blocked: [{ sentence: "An alert is open." }] }, /The state is blocked: An alert is open./],
    ["outside of every window", { maintenance: [{ ...sunday, to: "02:30" }] }, /No maintenance window is open/],
    [
      "under an override of something else",
      { maintenance: [{ ...sunday, to: "02:30" }], overrides: [override("bulk-deletion")] },
      /No maintenance window/,
    ],
  ])("%s", (_what, change, problem) => {
    const verdict = judgeGate({ ...facts, ...change });
    expect(verdict).toMatchObject({ open: false, problem: expect.stringMatching(problem) });
  });
});

test("a window, or an override with its reason, makes the time right", () => {
  expect(judgeGate({ ...facts, maintenance: [sunday] })).toMatchObject({ open: true, window: "inside a maintenance window" });
  for (const each of [override(), override("migration-outside-window")]) {
    const verdict = judgeGate({ ...facts, maintenance: [{ ...sunday, to: "02:30" }], overrides: [each] });
    expect(verdict).toMatchObject({ open: true, window: "outside, under override o-1: The shop is down" });
  }
});

test("two of the named suffice where two must agree", () => {
  const approvals = { approvers: ["bob", "carol", "dora"], required: 2, validFor: "24h", migrations: "environment" as const };
  expect(judgeGate({ ...facts, approvals, agreed: ["carol", "bob", "alice"] })).toMatchObject({ open: true, approvers: ["carol", "bob"] });
});
