import { at, each, type RuleCase } from "./rule-case.ts";

const changed = { kind: "auth-failed", admin: false } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: each(10, 20, changed), opens: 1 },
  { name: "just under", events: each(9, 20, changed), opens: 0 },
  { name: "just outside the window", events: [at(0, changed), ...each(9, 20, changed, 300 - 8 * 20)], opens: 0 },
  { name: "just inside the window", events: [at(0.001, changed), ...each(9, 20, changed, 300 - 8 * 20)], opens: 1 },
  { name: "late line", events: [...each(9, 20, changed), at(159, changed)], opens: 1 },
  {
    name: "injection attempt",
    // Names made to differ only in what is not seen stay names of their own, and none of them reaches the alert as it was.
    events: each(9, 20, { ...changed, actor: "root" }).concat(at(200, { ...changed, actor: "root\u202e" })),
    opens: 0,
  },
  {
    name: "many addresses at one account",
    events: each(10, 20, changed).map((event, index) => ({ ...event, ip: `192.0.2.${index + 1}` })),
    opens: 1,
  },
];
