import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Alert, parseConfig, type Suppression } from "../domain/index.ts";
import { type Circumstances, decideNotices, nextDecision, TIMING } from "./decide-notices.ts";
import type { Notice } from "./notice.ts";
import { destinationsFor, destinationsOf, type Route } from "./routes.ts";
import { EMPTY_STATE, type NotifierState, notifierStateSchema } from "./state.ts";
import { trackAlerts } from "./track-alerts.ts";

const START = Date.parse("2026-11-20T11:00:00.000Z");
const SECOND = 1_000;
const MINUTE = 60_000;

function routes(...notify: readonly object[]): readonly Route[] {
  return parseConfig({
    clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }],
    apps: [
      { name: "web", cluster: "app-prod" },
      { name: "api", cluster: "app-prod" },
    ],
    notify,
  }).notify;
}

const SLACK = routes({ slack: { secret: "SLACK" } });
const MAIL_FOR_API = routes({ match: { app: "api" }, email: { to: ["api@example.org"] } });

function alert(name: string, changes: Partial<Alert> = {}): Alert {
  const at = new Date(START).toISOString();
  return {
    v: 1,
    id: `repeated-auth-failure-${name}`,
    transition: "opened",
    rule: "repeated-auth-failure",
    severity: "MEDIUM",
    app: "web",
    cluster: "app-prod",
    key: name,
    openedAt: at,
    firstEventAt: at,
    lastEventAt: at,
    endedAt: null,
    count: 5,
    threshold: 5,
    within: "300s",
    source: "flask_web_1",
    line: 7,
    excerpt: [],
    hiddenBy: null,
    ...changes,
  };
}

const updated = (name: string, count: number, changes: Partial<Alert> = {}) => alert(name, { transition: "updated", count, ...changes });
const ended = (name: string, at: number, changes: Partial<Alert> = {}) =>
  alert(name, { transition: "ended", endedAt: new Date(at).toISOString(), ...changes });

/** As the ledger tells of it at that time. */
function asOf(suppression: Suppression, now: number): Suppression {
  const over = suppression.ended === null && now >= Date.parse(suppression.until);
  return over ? { ...suppression, ended: { at: suppression.until, by: null, reason: "Its time ran out" } } : suppression;
}

/** Plays transitions at their times and decides whenever something could be due; what was said, with when. */
function play(
  script: readonly (readonly [at: number, ...alerts: Alert[]])[],
  {
    until,
    on = SLACK,
    suppressions = [],
    keyOf = ({ key }) => key,
  }: { until: number; on?: readonly Route[]; suppressions?: readonly Suppression[]; keyOf?: Circumstances["keyOf"] },
) {
  let state: NotifierState = EMPTY_STATE;
  const said: { readonly at: number; readonly destination: string; readonly notice: Notice }[] = [];
  const hidden: string[] = [];
  const left = [...script];
  const circumstances = (now: number): Circumstances => ({
    now,
    destinations: destinationsOf(on),
    suppressions: suppressions.map((each) => asOf(each, now)),
    routes: on,
    keyOf,
    timing: TIMING,
    head: null,
  });
  for (
    let now = START;
    now <= START + until;
    now = Math.min(nextDecision(state, { timing: TIMING }) ?? now + 10_000, now + 10_000, START + (left[0]?.[0] ?? until * 2))
  ) {
    while (left[0] !== undefined && START + left[0][0] <= now) {
      const [, ...alerts] = left.shift() ?? [0];
      state = trackAlerts(state, alerts, on, now).state;
    }
    const decision = decideNotices(state, circumstances(now));
    hidden.push(...decision.hidden.map((each) => each.alert));
    said.push(...decision.state.outbox.map(({ destination, notice }) => ({ at: now - START, destination, notice })));
    state = { ...decision.state, outbox: [] };
  }
  return { said, state, hidden };
}

const summary = ({ said }: ReturnType<typeof play>) =>
  said.map(({ at, notice }) => [
    at / SECOND,
    ...notice.sections.map(({ reason, opened, ongoing, ended: over }) => `${reason} ${opened}/${ongoing}/${over}`),
  ]);

describe("one alert", () => {
  test("is told within a second, at most every ten minutes while it goes on, and once at its end", () => {
    const grows = Array.from({ length: 25 * 60 }, (_, second): [number, Alert] => [second * SECOND + 50, updated("a", 6 + second)]);
    const script: [number, Alert][] = [[0, alert("a")], ...grows, [25 * MINUTE, ended("a", START + 25 * MINUTE)]];
    expect(summary(play(script, { until: 60 * MINUTE }))).toEqual([
      [0.5, "first 1/1/0"],
      [610, "update 0/1/0"],
      [1210, "update 0/1/0"],
      [1500, "end 0/0/1"],
    ]);
  });

  test("that does not change is not told again", () => {
    expect(summary(play([[0, alert("a")]], { until: 60 * MINUTE }))).toHaveLength(1);
  });

  test("that ended before it could be told is told once, as over", () => {
    expect(summary(play([[0, alert("a"), ended("a", START)]], { until: 30 * MINUTE }))).toEqual([[0.5, "first 1/0/1"]]);
  });

  test("that flaps is told less and less often", () => {
    const flaps = Array.from({ length: 60 }, (_, index): [number, Alert, Alert] => [
      index * 10 * SECOND,
      alert(`n${index}`),
      ended(`n${index}`, START + index * 10 * SECOND),
    ]);
    expect(play(flaps, { until: 10 * MINUTE }).said.length).toBeLessThanOrEqual(5);
  });
});

describe("a storm", () => {
  test("of 1,000 alerts of one rule is a handful of notices that count them all, their end included", () => {
    const opened = Array.from({ length: 1_000 }, (_, index): [number, Alert] => [index * 20, alert(`n${index}`)]);
    const over: [number, ...Alert[]] = [5 * MINUTE, ...opened.map(([, each]) => ended(each.key, START + 5 * MINUTE))];
    const { said, state } = play([...opened, over], { until: 30 * MINUTE });
    expect(said.length).toBeLessThanOrEqual(5);
    const sections = said.flatMap(({ notice }) => notice.sections);
    expect(sections.reduce((sum, section) => sum + section.opened, 0)).toBe(1_000);
    expect(sections.reduce((sum, section) => sum + section.ended, 0)).toBe(1_000);
    expect(state.groups).toEqual([]);
  });

  test("over every rule and app is a handful of notices", () => {
    const rules = ["mass-password-reset", "bulk-deletion", "bulk-user-creation", "repeated-auth-failure", "destructive-statement"];
    const opened = Array.from({ length: 1_000 }, (_, index): [number, Alert] => [
      index * 20,
      alert(`n${index}`, { rule: rules[index % 5] ?? "", app: index % 2 === 0 ? "web" : "api" }),
    ]);
    const { said } = play(opened, { until: 3 * MINUTE });
    expect(said.length).toBeLessThanOrEqual(5);
    expect(said.flatMap(({ notice }) => notice.sections).reduce((sum, section) => sum + section.opened, 0)).toBe(1_000);
  });

  test("beyond what is remembered one by one is still counted", () => {
    const flood = Array.from({ length: 2_500 }, (_, index) => alert(`n${index}`));
    const { said } = play([[0, ...flood]], { until: 5 * SECOND });
    expect(said[0]?.notice.sections[0]).toMatchObject({ opened: 2_500, ongoing: 2_500 });
  });

  test("does not keep a graver alert of the same rule waiting", () => {
    const { said } = play(
      [
        [0, alert("a")],
        [5 * SECOND, alert("b", { severity: "HIGH" })],
      ],
      { until: 10 * SECOND },
    );
    expect(said.map(({ at, notice }) => [at, notice.severity])).toEqual([
      [500, "MEDIUM"],
      [5_500, "HIGH"],
    ]);
  });
});

test("whatever happens in whatever order, every alert is told exactly once as new, and the state stays readable", () => {
  const event = fc.record({
    at: fc.integer({ min: 0, max: 20 * 60 }),
    name: fc.integer({ min: 0, max: 9 }),
    rule: fc.constantFrom("bulk-deletion", "repeated-auth-failure"),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const script = events
        .toSorted((a, b) => a.at - b.at)
        .flatMap(({ at, name, rule }): [number, Alert][] => {
          const id = { id: `${rule}-${name}`, rule };
          return [
            [at * SECOND, alert(`n${name}`, id)],
            [(at + 90) * SECOND, ended(`n${name}`, START + (at + 90) * SECOND, id)],
          ];
        })
        .toSorted(([a], [b]) => a - b);
      const { said, state } = play(script, { until: 60 * MINUTE });
      const told = said.flatMap(({ notice }) => notice.sections).reduce((sum, { opened }) => sum + opened, 0);
      expect(told).toBe(new Set(events.map(({ name, rule }) => `${rule}-${name}`)).size);
      expect(notifierStateSchema.safeParse(JSON.parse(JSON.stringify(state))).success).toBe(true);
    }),
    { numRuns: 25 },
  );
});

test("a replay of everything tells nothing again, also of what is long over", () => {
  const script: [number, Alert][] = [
    [0, alert("a")],
    [MINUTE, alert("b")],
    [2 * MINUTE, ended("a", START + 2 * MINUTE)],
  ];
  const { state, said } = play(script, { until: 40 * MINUTE });
  const now = START + 41 * MINUTE;
  const again = trackAlerts(
    state,
    script.map(([, each]) => each),
    SLACK,
    now,
  ).state;
  const decided = decideNotices(again, {
    now: now + MINUTE,
    destinations: destinationsOf(SLACK),
    suppressions: [],
    routes: SLACK,
    keyOf: ({ key }) => key,
    timing: TIMING,
    head: null,
  });
  expect(said.length).toBeGreaterThan(1);
  expect(decided.state.outbox).toEqual([]);
});

test("nextDecision says when to look again, so that nobody has to poll", () => {
  const { state } = trackAlerts(EMPTY_STATE, [alert("a")], SLACK, START);
  expect(nextDecision(state, { timing: TIMING })).toBe(START + 500);
  expect(nextDecision(EMPTY_STATE, { timing: TIMING })).toBeNull();
});

describe("silences and overrides", () => {
  const silence = (changes: Partial<Suppression> = {}): Suppression => ({
    kind: "silence",
    id: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
    matcher: { app: "web" },
    startedAt: new Date(START - MINUTE).toISOString(),
    until: new Date(START + 10 * MINUTE).toISOString(),
    by: "alice",
    reason: "planned work",
    incident: null,
    gate: null,
    ended: null,
    bill: { alerts: 0, occurrences: 0, byRule: [], alertIds: [] },
    seq: 4,
    ...changes,
  });

  test("hide what they match and say so once; what still goes on when they end is told", () => {
    const script: [number, ...Alert[]][] = [
      [0, alert("a"), alert("b"), alert("c", { app: "api" })],
      [5 * MINUTE, ended("b", START + 5 * MINUTE)],
    ];
    const played = play(script, { until: 15 * MINUTE, suppressions: [silence()] });
    expect(played.hidden).toEqual(["repeated-auth-failure-a", "repeated-auth-failure-b"]);
    expect(played.said.map(({ at, notice }) => [at, notice.sections.flatMap(({ alerts }) => alerts.map(({ key }) => key))])).toEqual([
      [500, ["c"]],
      // The bill.
      [10 * MINUTE, []],
      [10 * MINUTE, ["a"]],
    ]);
  });

  test("one for a single key goes by what stands for the key in the ledger", () => {
    const one = silence({ matcher: { key: "keyed-0123456789abcdef" } });
    const keyOf = ({ key }: { readonly key: string }) => (key === "a" ? "keyed-0123456789abcdef" : key);
    const played = play([[0, alert("a"), alert("b")]], { until: MINUTE, suppressions: [one], keyOf });
    expect(played.hidden).toEqual(["repeated-auth-failure-a"]);
  });

  const bill = { alerts: 2, occurrences: 31, byRule: [{ rule: "repeated-auth-failure", alerts: 2, occurrences: 31 }], alertIds: [] };

  test("an end presents its bill once, whoever ended it, to those who would have been told", () => {
    const on = [...SLACK, ...MAIL_FOR_API];
    const played = play([[0, alert("a")]], { until: 30 * MINUTE, on, suppressions: [silence({ bill })] });
    const bills = played.said.flatMap(({ at, destination, notice }) => notice.bills.map((each) => [at, destination, each.alerts]));
    expect(bills).toEqual([[10 * MINUTE, "slack:SLACK", 2]]);
  });

  test("one that was over before anybody watched presents none, and one that hid nothing says so", () => {
    const ended = { at: new Date(START - 1).toISOString(), by: "bob", reason: "Done" };
    expect(play([], { until: MINUTE, suppressions: [silence({ ended })] }).said).toEqual([]);
    const played = play([], { until: 30 * MINUTE, suppressions: [silence()] });
    expect(played.said.map(({ notice }) => [notice.id, notice.severity, notice.bills.map(({ alerts }) => alerts)])).toEqual([
      ["3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871.bill", "LOW", [0]],
    ]);
  });

  test("an alert that an override in the logs hides is not told", () => {
    expect(play([[0, alert("a", { hiddenBy: "override of web" })]], { until: 20 * MINUTE }).said).toEqual([]);
  });
});

describe("routes", () => {
  test("every route that matches is followed, and a destination that several name is told once", () => {
    const all = routes(
      { match: { severity: "HIGH" }, slack: { secret: "ONCALL" }, email: { to: ["oncall@example.org"] } },
      { match: { app: "web" }, slack: { secret: "WEB" } },
      { slack: { secret: "ONCALL" } },
    );
    expect(destinationsFor(alert("a", { severity: "HIGH", app: "api" }), all)).toEqual(["slack:ONCALL", "email:oncall@example.org"]);
    expect(destinationsFor(alert("a"), all)).toEqual(["slack:WEB", "slack:ONCALL"]);
    expect(destinationsOf(all).map(({ id }) => id)).toEqual(["slack:ONCALL", "email:oncall@example.org", "slack:WEB"]);
  });

  test("an alert that no route matches is handed back", () => {
    const high = routes({ match: { severity: "HIGH" }, slack: { secret: "ONCALL" } });
    const one = alert("a");
    expect(trackAlerts(EMPTY_STATE, [one], high, START)).toEqual({ state: EMPTY_STATE, unrouted: [one] });
  });

  test("mail as a fallback is no destination of its own, and falls back to everyone named", () => {
    const two = routes(
      { slack: { secret: "S" }, email: { to: ["a@example.org"], when: "fallback" } },
      { slack: { secret: "S" }, email: { to: ["b@example.org"], when: "fallback" } },
    );
    expect(destinationsOf(two)).toMatchObject([{ id: "slack:S", fallback: { to: ["a@example.org", "b@example.org"] } }]);
  });

  test("a route that reaches nobody or names an unknown app is refused", () => {
    expect(() => routes({ match: { app: "shop" } })).toThrow(
      /notify\[0\]\.match\.app: found "shop"; allowed: one of the apps: web, api[\s\S]*neither slack nor email/,
    );
  });
});
