import { describe, expect, test } from "vitest";
import { alertDraft } from "./alert-entries.ts";
import { alertReasons } from "./alert-state.ts";
import type { Alert } from "./alerts.ts";
import { parseConfig } from "./config.ts";
import { chain, type Draft, EMPTY_HEAD, type EntryKind, headOf } from "./ledger.ts";
import { systemState } from "./state.ts";
import type { Reading } from "./state-reasons.ts";
import type { CollectorHealth, SourceHealth } from "./watch.ts";

const NOW = new Date("2026-11-20T12:00:00.000Z");
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString();

const CONFIG = parseConfig({
  clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }],
  apps: [{ name: "web", cluster: "app-prod", canary: { url: "https://app.example.org/" } }],
  schedule: { snapshot: "off" },
});

function source(changes: Partial<SourceHealth> = {}): SourceHealth {
  return {
    name: "flask_web_1",
    app: "web",
    cluster: "app-prod",
    following: true,
    lastLineAt: minutesAgo(1),
    lagMs: 20,
    lastHour: { lines: 1000, dropped: 0, unreadable: 20, late: 0 },
    clockSkewMs: 0,
    canary: null,
    ...changes,
  };
}

function collector(changes: Partial<CollectorHealth> = {}): CollectorHealth {
  const notices = { waiting: 0, failed: 0 };
  return { v: 1, collector: "host-1", startedAt: minutesAgo(600), at: minutesAgo(1), sources: [source()], notices, spooled: 0, ...changes };
}

function entry(kind: EntryKind, minutes: number, data: Draft["data"] = {}): Draft {
  return { id: `${kind} ${minutes}`, at: minutesAgo(minutes), kind, actor: "bot", run: "1/1", reason: "A test", data };
}

const SOUND = entry("canary.received", 30, { app: "web" });

function stateOf(
  collectors: readonly CollectorHealth[] | Reading<readonly CollectorHealth[]>,
  drafts: readonly Draft[] = [SOUND],
  config = CONFIG,
) {
  const [cluster] = config.clusters;
  if (cluster === undefined) throw new Error("the configuration has a cluster");
  const made = { trigger: null, appVersion: null, requestId: null, managed: false, automated: true, held: false, letGo: false };
  const snapshots = [{ id: "s", cluster: "app-prod", status: "available", takenAt: minutesAgo(60), ...made }];
  const view = { id: "app-prod", status: "available", earliestRestorableTime: null, latestRestorableTime: null, snapshots, restored: [] };
  const entries = chain(EMPTY_HEAD, drafts);
  return systemState({
    cluster,
    config,
    now: NOW,
    inventory: { ok: true, at: NOW, value: { v: 1, at: minutesAgo(1), clusters: [view], orphans: [], quota: null } },
    ledger: { ok: true, at: NOW, value: { ok: true, entries, head: headOf(entries) } },
    collectors: "ok" in collectors ? collectors : { ok: true, at: NOW, value: collectors },
  });
}

const codesOf = (...given: Parameters<typeof stateOf>) => stateOf(...given).reasons.map((reason) => reason.code);

test("a collector that follows its sources, and a canary that came back, are normal", () => {
  expect(stateOf([collector()])).toEqual({ word: "normal", reasons: [] });
});

describe("silence is never calm", () => {
  test.each<[string, CollectorHealth | null, string]>([
    ["no collector ever reported", null, "nobody-watches"],
    ["a collector that is silent for more than 15 minutes", collector({ at: minutesAgo(15.1) }), "collector-silent"],
    ["a source that is not followed", collector({ sources: [source({ following: false })] }), "source-silent"],
    [
      "a source that says nothing for longer than it may",
      collector({ sources: [source({ lastLineAt: minutesAgo(361) })] }),
      "source-silent",
    ],
    ["lost lines", collector({ sources: [source({ lastHour: { lines: 9, dropped: 1, unreadable: 0, late: 0 } })] }), "lines-lost"],
    [
      "lines that nobody understands",
      collector({ sources: [source({ lastHour: { lines: 9, dropped: 0, unreadable: 8, late: 0 } })] }),
      "lines-lost",
    ],
    ["late lines", collector({ sources: [source({ lastHour: { lines: 9, dropped: 0, unreadable: 0, late: 1 } })] }), "watch-behind"],
    ["a source that is read behind", collector({ sources: [source({ lagMs: 61_000 })] }), "watch-behind"],
    ["a clock that is off", collector({ sources: [source({ clockSkewMs: -360_000 })] }), "watch-behind"],
    ["notices given up", collector({ notices: { waiting: 0, failed: 2 } }), "notices-failed"],
    ["alerts that no route matches", collector({ notices: { waiting: 0, failed: 0, unrouted: 3 } }), "notices-failed"],
  ])("%s", (_what, health, code) => {
    expect(codesOf(health === null ? [] : [health])).toEqual([code]);
  });

  test("reports that cannot be read", () => {
    expect(codesOf({ ok: false, problem: "403" })).toEqual(["watch-unread"]);
  });

  test("a collector exactly 15 minutes silent is not yet a reason", () => {
    expect(codesOf([collector({ at: minutesAgo(15) })])).toEqual([]);
  });

  test("where no app is configured nothing is expected to watch", () => {
    expect(codesOf([], [], { ...CONFIG, apps: [] })).toEqual([]);
  });

  test("alerts of a scheduled pass that no route matches are a reason for a day", () => {
    const passing = { ...CONFIG, schedule: { ...CONFIG.schedule, detect: "hourly" } };
    const pass = (untold: number, minutes: number) => entry("detect.completed", minutes, { cluster: "app-prod", untold });
    expect(codesOf([], [SOUND, pass(2, 600), pass(0, 10)], passing)).toEqual(["notices-failed"]);
    expect(codesOf([], [SOUND, pass(0, 600), pass(0, 10)], passing)).toEqual([]);
    expect(codesOf([], [SOUND, pass(2, 25 * 60), pass(0, 10)], passing)).toEqual([]);
  });

  test("a scheduled pass watches where no collector can, as long as it comes", () => {
    const passing = { ...CONFIG, schedule: { ...CONFIG.schedule, detect: "hourly" } };
    const pass = (minutes: number) => [SOUND, entry("detect.completed", minutes, { cluster: "app-prod" })];
    expect(codesOf([], pass(100), passing)).toEqual([]);
    expect(codesOf([], pass(300), passing)).toEqual(["nobody-watches"]);
    expect(codesOf([], pass(100), CONFIG)).toEqual(["nobody-watches"]);
  });

  test.each<[string, readonly Draft[]]>([
    ["a canary that never came back", [SOUND, entry("canary.missing", 10, { app: "web" })]],
    ["a canary that nobody sent for hours", [entry("canary.received", 181, { app: "web" })]],
    ["a canary that nobody ever sent", [entry("promotion.completed", 500)]],
  ])("%s", (_what, drafts) => {
    expect(codesOf([collector()], drafts)).toEqual(["canary-missing"]);
  });

  test("a notice given up is a reason for a day", () => {
    expect(codesOf([collector()], [entry("notice.failed", 60), SOUND])).toEqual(["notices-failed"]);
    expect(codesOf([collector()], [entry("notice.failed", 1441), SOUND])).toEqual([]);
  });

  test("a snapshot that is due and that nobody asked for makes the scheduler late", () => {
    const daily = { ...CONFIG, schedule: { ...CONFIG.schedule, snapshot: "daily at 03:17" } };
    expect(codesOf([collector()], [entry("promotion.completed", 900), SOUND], daily)).toEqual(["scheduler-late"]);
    expect(codesOf([collector()], [entry("promotion.completed", 120), SOUND], daily), "installed after it was due").toEqual([]);
  });
});

describe("alerts and overrides", () => {
  const alert: Alert = {
    v: 1,
    id: "bulk-deletion-0123456789abcdef",
    transition: "opened",
    rule: "bulk-deletion",
    severity: "HIGH",
    app: "web",
    cluster: "app-prod",
    key: "web",
    openedAt: minutesAgo(5),
    firstEventAt: minutesAgo(5),
    lastEventAt: minutesAgo(5),
    endedAt: null,
    count: 20,
    threshold: 20,
    within: "60s",
    source: "flask_web_1",
    line: 20,
    excerpt: [],
    hiddenBy: null,
  };
  const told = (changes: Partial<Alert> = {}): Draft => {
    const draft = alertDraft({ ...alert, ...changes }, { actor: "collector", run: "local", now: NOW }, { mode: "private" });
    if (draft === null) throw new Error("an update is not told");
    return draft;
  };
  const answer = { ...entry("alert.acknowledged", 1), incident: alert.id };
  const override = entry("override.started", 30, { requestId: "o1", matcher: { rule: "bulk-deletion" }, until: minutesAgo(-60) });

  test("an open HIGH alert that nobody acknowledged blocks", () => {
    expect(stateOf([collector()], [SOUND, told()])).toMatchObject({
      word: "blocked",
      reasons: [{ code: "alert-unacknowledged", sentence: expect.stringContaining("bulk-deletion in web 5 m ago") }],
    });
  });

  test("acknowledged it still degrades, and names who", () => {
    expect(stateOf([collector()], [SOUND, told(), answer])).toMatchObject({
      word: "degraded",
      reasons: [{ code: "alert-open", sentence: expect.stringContaining("acknowledged by bot") }],
    });
  });

  test("an override in force is the headline before what is merely worse, with its running bill", () => {
    const state = stateOf([], [SOUND, override, told({ hiddenBy: "o1" })]);
    expect(state.word).toBe("override");
    expect(state.reasons.map((reason) => reason.code)).toEqual(["override-in-force", "nobody-watches"]);
    expect(state.reasons[0]?.sentence).toContain("It has hidden 1 alert so far");
  });

  test("an alert of another cluster does not concern this one; one of no cluster concerns all", () => {
    expect(alertReasons("app-prod", chain(EMPTY_HEAD, [told({ cluster: "other" })]), NOW)).toEqual([]);
    expect(alertReasons("app-prod", chain(EMPTY_HEAD, [told({ cluster: null })]), NOW)).toHaveLength(1);
  });

  test("a storm is one reason that names a few", () => {
    const storm = Array.from({ length: 40 }, (_, index) => told({ id: `bulk-deletion-${index}` }));
    const [reason, ...rest] = alertReasons("app-prod", chain(EMPTY_HEAD, storm), NOW);
    expect(rest).toEqual([]);
    expect(reason?.sentence).toMatch(/^40 HIGH alerts are open.*and 37 more\.$/);
  });
});
