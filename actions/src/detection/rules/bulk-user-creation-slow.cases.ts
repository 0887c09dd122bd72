import { at, each, type RuleCase } from "./rule-case.ts";

const changed = { kind: "user-created", admin: false } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: each(100, 10, changed), opens: 1 },
  { name: "just under", events: each(99, 10, changed), opens: 0 },
  { name: "just outside the window", events: [at(0, changed), ...each(99, 10, changed, 3600 - 98 * 10)], opens: 0 },
  { name: "just inside the window", events: [at(0.001, changed), ...each(99, 10, changed, 3600 - 98 * 10)], opens: 1 },
  { name: "late line", events: [...each(99, 10, changed), at(979, changed)], opens: 1 },
  {
    name: "injection attempt",
    // A stamp of next year, where the reader knows better, must not make the hour's lines late.
    events: [...each(50, 10, changed), at(400 * 86_400, changed), ...each(50, 10, changed, 500)],
    opens: 1,
  },
];
