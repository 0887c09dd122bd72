import { describe, expect, test } from "vitest";
import { type Alert, alertSchema, excerptOf } from "../domain/index.ts";
import { createDetector, type DetectorOptions } from "./detector.ts";
import { readDetectorState } from "./detector-state.ts";
import { makeEvent } from "./make-event.ts";
import { always, type Rule } from "./rule.ts";

const START = Date.UTC(2026, 0, 5, 12);
const OPTIONS: DetectorOptions = {
  app: "web",
  cluster: "app-prod",
  show: excerptOf,
  lateness: 5_000,
  longestOverride: 60_000,
  maxKeys: 1_000,
};
const RULE: Rule = {
  id: "test-rule",
  severity: "MEDIUM",
  threshold: 3,
  within: "10s",
  key: "ip",
  kinds: ["auth-failed"],
  weigh: "times",
  admin: "any",
  override: "all",
  matches: always,
};

const open = (rule: Partial<Rule> = {}, options: Partial<DetectorOptions> = {}) =>
  createDetector([{ ...RULE, ...rule }], { ...OPTIONS, ...options });
const at = (seconds: number, changes: Parameters<typeof makeEvent>[0] = {}) => makeEvent({ ...changes, at: START + seconds * 1000 });
const FOREVER = Number.MAX_SAFE_INTEGER;
const words = (alerts: readonly Alert[]) => alerts.map((alert) => `${alert.transition} ${alert.key} ${alert.count}`);

test("an alert opens at the crossing event, is updated while it goes on, and ends when the count falls", () => {
  const detector = open();
  expect(words(detector.push([at(0), at(1), at(2)]))).toEqual(["opened 192.0.2.1 3"]);
  expect(words(detector.push([at(3), at(8), at(12), at(13), at(14)]))).toEqual(["updated 192.0.2.1 6"]);
  const [ended] = detector.advance(FOREVER);
  expect(ended).toMatchObject({
    transition: "ended",
    count: 8,
    openedAt: "2026-01-05T12:00:02.000Z",
    firstEventAt: "2026-01-05T12:00:00.000Z",
    lastEventAt: "2026-01-05T12:00:14.000Z",
    endedAt: "2026-01-05T12:00:22.000Z",
  });
  expect(alertSchema.parse(ended)).toEqual(ended);
});

test("it ends by the clock as well, once no line from before can come any more", () => {
  const detector = open();
  detector.push([at(0), at(1), at(2)]);
  expect(detector.advance(START + 14_999)).toEqual([]);
  expect(words(detector.advance(START + 15_001))).toEqual(["ended 192.0.2.1 3"]);
});

test("the id is that of rule, app, key and opening, and looks as ids do", () => {
  const id = (app: string | null) => open({}, { app }).push([at(0), at(1), at(2)])[0]?.id;
  expect(id("web")).toMatch(/^test-rule-[0-9a-f]{16}$/);
  expect(id("web")).toBe(id("web"));
  expect(id("other")).not.toBe(id("web"));
});

describe("what cannot count is counted", () => {
  test("a line later than allowed", () => {
    const detector = open();
    expect(detector.push([at(0), at(1), at(30), at(2)])).toEqual([]);
    expect(detector.counts()).toMatchObject({ events: 4, late: 1, latestBy: 23_000 });
  });

  test("a stamp of the future, which makes no later line late", () => {
    const detector = open();
    const told = detector.push([at(0), at(86_400 * 365 * 70), at(1), at(2)], START);
    expect(words(told)).toEqual(["opened 192.0.2.1 3"]);
    expect(detector.counts()).toMatchObject({ clock: 1, late: 0 });
  });

  test("a time that is none", () => {
    const detector = open();
    detector.push([makeEvent({ at: Number.NaN }), makeEvent({ at: -1 }), makeEvent({ at: 1e18 }), makeEvent({ at: null })]);
    expect(detector.counts()).toMatchObject({ clock: 3, undated: 1 });
  });

  test("an event that does not say what the rule counts by", () => {
    const detector = open();
    detector.push([at(0, { ip: null })]);
    expect(detector.counts().unkeyed).toBe(1);
  });

  test("more keys than are kept; the one that goes on is not the one forgotten", () => {
    const detector = open({}, { maxKeys: 100 });
    const flood = Array.from({ length: 1_000 }, (_, index) => at(index / 200, { ip: `2001:db8::${index.toString(16)}` }));
    const told = detector.push(flood.flatMap((event, index) => (index % 30 === 0 ? [event, at(index / 200)] : [event])));
    expect(words(told)).toContain("opened 192.0.2.1 3");
    expect(detector.counts().dropped["test-rule"]).toBeGreaterThan(800);
    expect(JSON.stringify(detector.state()).length).toBeLessThan(100 * 400);
  });

  test("alerts are bounded as well", () => {
    const detector = open({ threshold: 1 }, { maxKeys: 10 });
    const told = detector.push(Array.from({ length: 50 }, (_, index) => at(0, { ip: `2001:db8::${index.toString(16)}` })));
    expect(told).toHaveLength(10);
    expect(detector.counts().dropped["test-rule"]).toBe(40);
  });

  test("keys that have expired are forgotten without a word", () => {
    const detector = open();
    for (let index = 0; index < 500; index++) detector.push([at(index * 60, { ip: `2001:db8::${index.toString(16)}` })]);
    expect(JSON.stringify(detector.state()).length).toBeLessThan(2_000);
    expect(detector.counts().dropped).toEqual({});
  });
});

describe("overrides", () => {
  const on = (seconds: number, until: number | null = null) =>
    at(seconds, { kind: "override-on", actor: "ada", admin: true, override: { reason: "CHG-1042", until } });
  const off = (seconds: number) => at(seconds, { kind: "override-off", actor: "ada", admin: true });

  test("an alert that one hides says which", () => {
    const [opened] = open().push([on(0), at(1), at(2), at(3)]);
    expect(opened?.hiddenBy).toBe("override by ada since 2026-01-05T12:00:00.000Z: CHG-1042");
  });

  test("one without an end, or with one far away, ends at the longest allowed", () => {
    const detector = open({}, { longestOverride: 20_000 });
    const told = detector.push([on(0, START + 1e9), at(20), at(21), at(22)]);
    expect(told.map((alert) => alert.hiddenBy)).toEqual([null]);
  });

  test("an off that comes late does not bring the past back", () => {
    const detector = open();
    const told = [...detector.push([on(0), at(1), at(2), at(3), off(0.5), at(4), at(5), at(6)]), ...detector.advance(FOREVER)];
    const visible = told.filter((alert) => alert.hiddenBy === null);
    expect(words(visible)).toEqual(["opened 192.0.2.1 3", "ended 192.0.2.1 3"]);
    expect(visible[0]?.firstEventAt).toBe("2026-01-05T12:00:04.000Z");
  });

  test("an on that comes late takes back what it covers, and the alert says so", () => {
    const detector = open();
    const told = [...detector.push([at(1), at(2), at(3), on(0)]), ...detector.advance(FOREVER)];
    expect(told.map(({ transition, hiddenBy }) => [transition, hiddenBy === null])).toEqual([
      ["opened", true],
      ["updated", false],
      ["ended", false],
    ]);
    expect(new Set(told.map((alert) => alert.id)).size).toBe(1);
  });

  test("an on that leaves an alert with too little withdraws it", () => {
    const detector = open();
    const told = [...detector.push([at(1), at(2), at(3), on(2.5)]), ...detector.advance(FOREVER)];
    expect(told.map((alert) => alert.transition)).toEqual(["opened", "ended"]);
    expect(told[1]?.withdrawn).toContain("override");
  });

  test("one that nobody can trust hides nothing and is counted", () => {
    const detector = open();
    const told = detector.push([{ ...on(0), trusted: false }, { ...on(0), admin: false }, at(1), at(2), at(3)]);
    expect(told.map((alert) => alert.hiddenBy)).toEqual([null]);
    expect(detector.counts().overridesRefused).toBe(2);
  });

  test("one that people declared hides what its matcher names, whatever the rule lets a line hide", () => {
    const detector = open({ override: "none" });
    const declared = { name: "request-1", from: START, until: START + 60_000 };
    detector.declare({ overrides: [{ ...declared, matcher: { key: "192.0.2.9" } }] });
    expect(detector.push([at(1), at(2), at(3)]).map((alert) => alert.hiddenBy)).toEqual([null]);
    const told = detector.push([4, 5, 6].map((second) => at(second, { ip: "192.0.2.9" })));
    expect(told.map((alert) => alert.hiddenBy)).toEqual(["request-1"]);
  });
});

describe("what is shown", () => {
  test("the newest lines that led to it, redacted, visible and short", () => {
    const text = (index: number) => `line ${index} password=hunter2 \u001b[2J ${"x".repeat(5_000)}`;
    const told = open({ threshold: 7 }).push(Array.from({ length: 7 }, (_, index) => at(index, { text: text(index) })));
    const excerpt = told[0]?.excerpt ?? [];
    expect(excerpt.map((line) => line.slice(0, 6))).toEqual(["line 2", "line 3", "line 4", "line 5", "line 6"]);
    for (const line of excerpt) {
      expect(line).not.toContain("hunter2");
      expect(line).not.toContain("\u001b");
      expect(line.length).toBeLessThanOrEqual(500);
    }
  });

  test("no secret and no hidden character in a key or in what is remembered", () => {
    const detector = open({ key: "actor" });
    detector.push(
      [0, 1, 2].map((second) =>
        at(second, { actor: "ro\u202eot password=hunter2", text: "token: ghp_0123456789012345678901234567890123456" }),
      ),
    );
    const state = JSON.stringify(detector.state());
    for (const secret of ["hunter2", "ghp_0123", "\u202e"]) expect(state).not.toContain(secret);
  });
});

test("a state that is none is refused", () => {
  expect(() => readDetectorState({ v: 1, newest: "now" })).toThrow("the detector's state is not valid");
});

test("a rule whose numbers changed while it was down ends its open alerts and begins anew", () => {
  const detector = open();
  detector.push([at(0), at(1), at(2)]);
  const state = readDetectorState(JSON.parse(JSON.stringify(detector.state())));
  const later = createDetector([{ ...RULE, threshold: 2 }], OPTIONS, state);
  expect(words(later.push([at(3)]))).toEqual([]);
  expect(words(later.advance(FOREVER))).toEqual(["ended 192.0.2.1 3"]);
});

test("a rule that was removed while it was down still ends what it opened, and is then forgotten", () => {
  const detector = open();
  detector.push([at(0), at(1), at(2)]);
  const state = readDetectorState(JSON.parse(JSON.stringify(detector.state())));
  const later = createDetector([], OPTIONS, state);
  expect(words(later.advance(FOREVER))).toEqual(["ended 192.0.2.1 3"]);
  expect(later.state().trackers).toEqual([]);
});

describe("where accounts and addresses may not be found again", () => {
  const hashed = (secret: string) => (key: string) => `keyed-${secret}-${key.length}`;
  const three = [at(0), at(1), at(2)];
  const idOf = (options: Partial<DetectorOptions>, events = three) => open({}, options).push(events)[0]?.id;

  test("an id cannot be tried out without the key of the hashes, and is the same wherever that is known", () => {
    const ids = [idOf({}), idOf({ discreet: hashed("one") }), idOf({ discreet: hashed("two") })];
    expect(new Set(ids).size).toBe(3);
    expect(idOf({ discreet: hashed("one") })).toBe(ids[1]);
  });

  test("where nothing stands for a key, two alerts of one moment are still two", () => {
    const others = three.map((event) => ({ ...event, ip: "192.0.2.2", line: event.line + 10 }));
    const opened = open({}, { discreet: () => null })
      .push([...three, ...others])
      .filter(({ transition }) => transition === "opened");
    expect(new Set(opened.map(({ id }) => id)).size).toBe(2);
  });

  test("an override that people declared for one key goes by its hash", () => {
    const detector = open({}, { discreet: hashed("one") });
    const matcher = { key: "keyed-one-9" };
    detector.declare({ overrides: [{ name: "o1", from: START - 1_000, until: START + 60_000, matcher }] });
    expect(detector.push(three).map(({ hiddenBy }) => hiddenBy)).toEqual(["o1"]);
    expect(detector.push(three.map((event) => ({ ...event, ip: "192.0.2.77" }))).map(({ hiddenBy }) => hiddenBy)).toEqual([null]);
  });
});
