import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Alert } from "../domain/index.ts";
import { createDetector, type Detector, type DetectorOptions } from "./detector.ts";
import { type DetectorState, readDetectorState } from "./detector-state.ts";
import type { Event } from "./event.ts";
import { makeEvent } from "./make-event.ts";
import { always, type Rule } from "./rule.ts";

const OPTIONS: DetectorOptions = {
  app: "web",
  cluster: "app-prod",
  show: (text) => text,
  lateness: 5_000,
  longestOverride: 60_000,
  maxKeys: 100_000,
};

function rule(changes: Partial<Rule> = {}): Rule {
  return {
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
    ...changes,
  };
}

const reopen = (state: DetectorState): DetectorState => readDetectorState(JSON.parse(JSON.stringify(state)));

/** Every transition of a run over these batches, ended by the end of time. */
function run(rules: readonly Rule[], batches: readonly (readonly Event[])[], options: Partial<DetectorOptions> = {}): readonly Alert[] {
  const detector = createDetector(rules, { ...OPTIONS, ...options });
  return [...batches.flatMap((batch) => detector.push(batch)), ...detector.advance(Number.MAX_SAFE_INTEGER)];
}

/** What happened, whatever it was called and in whichever order it was told. */
function episodes(alerts: readonly Alert[]): readonly string[] {
  return alerts
    .filter((alert) => alert.transition === "ended" && alert.withdrawn === undefined)
    .map(({ rule: id, key, openedAt, firstEventAt, lastEventAt, endedAt, count, source, line, hiddenBy }) =>
      JSON.stringify({ id, key, openedAt, firstEventAt, lastEventAt, endedAt, count, source, line, hiddenBy }),
    )
    .sort();
}

const inOrder = (events: readonly Event[]) => events.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0));

/** Whole seconds, so that equal stamps and edges of windows are common. */
const times = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 60 });
const stream = times.chain((seconds) =>
  fc.tuple(
    ...seconds.map((second, index) =>
      fc
        .record({
          ip: fc.constantFrom("192.0.2.1", "192.0.2.2"),
          kind: fc.constantFrom("auth-failed" as const, "auth-failed" as const, "user-created" as const),
          times: fc.constantFrom(1, 1, 1, 2, 5),
          source: fc.constantFrom("app", "db"),
        })
        .map((changes) => makeEvent({ ...changes, at: 1_000_000 + second * 1_000, line: index + 1 })),
    ),
  ),
);

const RULES = [rule(), rule({ id: "other-rule", threshold: 2, within: "7s", key: "none", kinds: ["user-created", "auth-failed"] })];

/** The definition, tried at every instant: count (t − within, t] per key, join the instants at which it reaches the threshold. */
function oracle(counted: Rule, events: readonly Event[], within: number, step = 1_000): readonly string[] {
  const found: string[] = [];
  const eligible = events.filter((event) => counted.kinds.includes(event.kind));
  const keyFor = (event: Event) => (counted.key === "none" ? "*" : event.ip);
  for (const key of new Set(eligible.map(keyFor))) {
    const own = eligible.filter((event) => keyFor(event) === key);
    const sum = (list: readonly Event[]) => list.reduce((total, event) => total + event.times, 0);
    const inside = (t: number) => own.filter((event) => (event.at ?? 0) > t - within && (event.at ?? 0) <= t);
    let openedAt: number | null = null;
    for (let t = 1_000_000; t <= 1_100_000; t += step) {
      const holds = sum(inside(t)) >= counted.threshold;
      if (holds) openedAt ??= t;
      if (holds || openedAt === null) continue;
      const first = Math.min(...inside(openedAt).map((event) => event.at ?? 0));
      const episode = own.filter((event) => (event.at ?? 0) >= first && (event.at ?? 0) < t);
      found.push(
        JSON.stringify({ key, openedAt, first, last: Math.max(...episode.map((event) => event.at ?? 0)), end: t, count: sum(episode) }),
      );
      openedAt = null;
    }
  }
  return found.sort();
}

const asOracle = (alerts: readonly Alert[], id: string) =>
  alerts
    .filter((alert) => alert.rule === id && alert.transition === "ended" && alert.withdrawn === undefined)
    .map(({ key, openedAt, firstEventAt, lastEventAt, endedAt, count }) =>
      JSON.stringify({
        key,
        openedAt: Date.parse(openedAt),
        first: Date.parse(firstEventAt),
        last: Date.parse(lastEventAt),
        end: Date.parse(endedAt ?? ""),
        count,
      }),
    )
    .sort();

describe("whatever happens on the way, the alerts are the same", () => {
  test("as the definition of a window, tried at every instant, says", () => {
    fc.assert(
      fc.property(stream, (events) => {
        const alerts = run(RULES, [inOrder(events)]);
        expect(asOracle(alerts, "test-rule")).toEqual(oracle(rule(), events, 10_000));
        expect(asOracle(alerts, "other-rule")).toEqual(oracle(rule({ ...RULES[1] }), events, 7_000));
      }),
      { numRuns: 300 },
    );
  });

  test("batches split anywhere", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 60 })), (events, cuts) => {
        const sorted = inOrder(events);
        const marks = [0, ...cuts.toSorted((a, b) => a - b), sorted.length];
        const batches = marks.slice(1).map((mark, index) => sorted.slice(marks[index], mark));
        expect(run(RULES, batches)).toEqual(run(RULES, [sorted]));
      }),
    );
  });

  test("the process killed and started again between any two events", () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 8 }), (events, every) => {
        const sorted = jumble(inOrder(events), every);
        let detector: Detector = createDetector(RULES, OPTIONS);
        const told: Alert[] = [];
        for (const [index, event] of sorted.entries()) {
          if (index % every === 0) detector = createDetector(RULES, OPTIONS, reopen(detector.state()));
          told.push(...detector.push([event]));
        }
        told.push(...detector.advance(Number.MAX_SAFE_INTEGER));
        expect(told).toEqual(run(RULES, [sorted]));
      }),
    );
  });

  test("equal stamps in any order, ids and all", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), (events, dice) => {
        const shuffled = events
          .map((event, index) => ({ event, die: dice[index] ?? 0 }))
          .sort((a, b) => (a.event.at ?? 0) - (b.event.at ?? 0) || a.die - b.die)
          .map(({ event }) => event);
        const one = run(RULES, [inOrder(events)]);
        const other = run(RULES, [shuffled]);
        expect(episodes(other)).toEqual(episodes(one));
        expect(idsOf(other)).toEqual(idsOf(one));
      }),
      { numRuns: 300 },
    );
  });

  test("lines late within the allowance", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 5_000 }), { minLength: 60, maxLength: 60 }), (events, delays) => {
        const arriving = events
          .map((event, index) => ({ event, arrival: (event.at ?? 0) + (delays[index] ?? 0) }))
          .sort((a, b) => a.arrival - b.arrival)
          .map(({ event }) => event);
        expect(episodes(run(RULES, [arriving]))).toEqual(episodes(run(RULES, [inOrder(events)])));
      }),
      { numRuns: 500 },
    );
  });

  test("crowds so dense that the window keeps only what decides", () => {
    const dense = fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 200, maxLength: 400 });
    const delays = fc.array(fc.nat({ max: 5_000 }), { minLength: 400, maxLength: 400 });
    fc.assert(
      fc.property(dense, delays, fc.integer({ min: 2, max: 12 }), (stamps, late, threshold) => {
        const events = stamps.map((ms, index) => makeEvent({ at: 1_000_000 + Math.floor(ms / 100) * 100, line: index + 1, source: "app" }));
        const arriving = events
          .map((event, index) => ({ event, arrival: (event.at ?? 0) + (late[index] ?? 0) }))
          .sort((a, b) => a.arrival - b.arrival)
          .map(({ event }) => event);
        const dense = rule({ threshold, within: "1s" });
        const alerts = run([dense], [arriving]);
        expect(asOracle(alerts, "test-rule")).toEqual(oracle(dense, events, 1_000, 100));
      }),
      { numRuns: 60 },
    );
  });

  test("other rules beside", () => {
    fc.assert(
      fc.property(stream, (events) => {
        const only = (alerts: readonly Alert[]) => alerts.filter((alert) => alert.rule === "test-rule");
        expect(only(run(RULES, [inOrder(events)]))).toEqual(run([rule()], [inOrder(events)]));
      }),
    );
  });
});

/** A fixed disorder within the allowance. */
function jumble(events: readonly Event[], every: number): readonly Event[] {
  return events
    .map((event, index) => ({ event, arrival: (event.at ?? 0) + ((index * every * 977) % 5_000) }))
    .sort((a, b) => a.arrival - b.arrival)
    .map(({ event }) => event);
}

function idsOf(alerts: readonly Alert[]): readonly string[] {
  return alerts
    .filter((alert) => alert.transition === "opened")
    .map((alert) => alert.id)
    .sort();
}
