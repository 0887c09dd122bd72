import { expect, test } from "vitest";
import type { Event } from "./event.ts";
import { makeEvent } from "./make-event.ts";
import { rulesInForce } from "./rules-in-force.ts";
import { openTuner } from "./tune.ts";

const START = Date.UTC(2026, 0, 5);
const DAY = 86_400_000;
const OPTIONS = { app: null, cluster: null, show: (text: string) => text, lateness: 60_000, longestOverride: 3_600_000, maxKeys: 10_000 };

const burst = (day: number, count: number): readonly Event[] =>
  Array.from({ length: count }, (_, index) => makeEvent({ kind: "user-created", at: START + day * DAY + index * 1000, line: index }));

function proposalFor(events: readonly Event[], rule: string) {
  const tuner = openTuner(rulesInForce(), OPTIONS);
  tuner.take(events);
  return tuner.finish().find((each) => each.rule === rule);
}

test("every choice says what it would have raised", () => {
  const history = [0, 1, 2, 3, 4, 5, 6].flatMap((day) => burst(day, 25)).concat(burst(7, 55));
  const proposal = proposalFor(history, "bulk-user-creation");
  const raised = Object.fromEntries((proposal?.choices ?? []).map((choice) => [choice.threshold, choice.alerts]));
  expect(raised).toMatchObject({ 10: 8, 20: 8, 30: 1, 40: 1, 60: 0 });
  expect(proposal).toMatchObject({ current: 20, proposed: 30 });
  expect(proposal?.choices.find((choice) => choice.threshold === 30)?.raised).toMatchObject([
    { key: "*", count: 55, openedAt: "2026-01-12T00:00:29.000Z" },
  ]);
});

test("what raises next to nothing stays as it is, never lower", () => {
  expect(proposalFor(burst(0, 12), "bulk-user-creation")).toMatchObject({ current: 20, proposed: 20 });
});

test("a rule that one event fires has nothing to tune", () => {
  expect(proposalFor(burst(0, 1), "destructive-statement")).toBeUndefined();
});
