/** A database's line stands in the log before its application says who acted: what it told alone is put right by that, without an alarm. */
import { describe, expect, test } from "vitest";
import { createDetector } from "./detector.ts";
import type { Event } from "./event.ts";
import { openOccurrences } from "./occurrences.ts";
import { openReader } from "./reader.ts";
import { builtInRules } from "./rules-in-force.ts";
import { READER_DEFAULTS } from "./tell-lines.ts";

const START = Date.UTC(2026, 10, 20, 12);
const OPTIONS = {
  app: "web",
  cluster: "app-prod",
  show: (text: string) => text,
  lateness: 60_000,
  longestOverride: 3_600_000,
  maxKeys: 1_000,
};

const iso = (at: number) => new Date(at).toISOString();
const statement = (at: number, sql: string) =>
  `${iso(at).slice(0, 10)} ${iso(at).slice(11, 19)} UTC:10.20.0.5(46691):app@shop:[2840]:LOG:  statement: ${sql}`;
const said = (at: number, message: string) =>
  `[${iso(at).slice(0, 10)} ${iso(at).slice(11, 19)},${iso(at).slice(20, 23)}] INFO in portal: ${message}`;

/** The lines of the database and those of the application, in the order in which they come. */
function alertsOf(lines: readonly (readonly ["database" | "application", string])[]) {
  const occurrences = openOccurrences();
  const readers = {
    database: openReader({ ...READER_DEFAULTS, source: "db-1", timezone: "UTC", occurrences }),
    application: openReader({ ...READER_DEFAULTS, timezone: "UTC", occurrences }),
  };
  const detector = createDetector(builtInRules(), OPTIONS);
  const counts = { database: 0, application: 0 };
  const push = (events: readonly Event[]) => detector.push(events);
  const alerts = lines.flatMap(([from, text]) => {
    counts[from] += 1;
    const reader = readers[from];
    const events = reader.read({ text, source: from === "database" ? "db-1" : "web", number: counts[from], stamp: null });
    return push([...events, ...reader.flush()]);
  });
  return [...alerts, ...detector.advance(Number.MAX_SAFE_INTEGER)];
}

const told = (alerts: ReturnType<typeof alertsOf>) =>
  alerts
    .filter(({ transition }) => transition !== "updated")
    .map(({ transition, rule, count, withdrawn }) => `${transition}${withdrawn === undefined ? "" : " withdrawn"} ${rule} ${count}`);

function resets(count: number, apart: number, order: "by turns" | "database first", by = "by admin 'ada'") {
  const pairs = Array.from({ length: count }, (_, index) => {
    const at = START + index * apart;
    return [
      ["database", statement(at, `UPDATE users SET password_hash = 'x' WHERE id = ${index}`)],
      ["application", said(at + 400, `Password changed for user 'u${index}' ${by}`)],
    ] as const;
  });
  return order === "by turns" ? pairs.flat() : [...pairs.map(([database]) => database), ...pairs.map(([, application]) => application)];
}

describe("an administrator's script that the database tells of first", () => {
  test("is the administrator's, and no alarm of another kind", () => {
    expect(told(alertsOf(resets(14, 4_000, "by turns")))).toEqual([
      "opened mass-password-reset-admin 10",
      "ended mass-password-reset-admin 14",
    ]);
  });

  test("takes its alarm back where it was too fast for the application's lines", () => {
    const alerts = told(alertsOf(resets(12, 100, "database first")));
    expect(alerts.filter((each) => each.endsWith(" mass-password-reset 10") || each.includes("withdrawn"))).toEqual([
      "opened mass-password-reset 10",
      expect.stringMatching(/^ended withdrawn mass-password-reset /),
    ]);
    expect(alerts).toContain("ended mass-password-reset-admin 12");
  });
});

test("what nobody says an administrator did stays what the database told", () => {
  expect(told(alertsOf(resets(14, 4_000, "by turns", "by 'mallory'")))).toEqual([
    "opened mass-password-reset 10",
    "ended mass-password-reset 14",
  ]);
});

test("an unfiltered statement stands for itself whoever gave it", () => {
  const lines = [
    ["database", statement(START, "UPDATE users SET password_hash = 'x'")],
    ["application", said(START + 400, "Password changed for user 'bob' by admin 'ada'")],
  ] as const;
  expect(told(alertsOf(lines))).toContain("opened destructive-statement 1");
  expect(told(alertsOf(lines)).join()).not.toContain("withdrawn");
});
