import { at, each, type RuleCase } from "./rule-case.ts";

const changed = { kind: "row-deleted", admin: false } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: each(20, 2, changed), opens: 1 },
  { name: "just under", events: each(19, 2, changed), opens: 0 },
  { name: "just outside the window", events: [at(0, changed), ...each(19, 2, changed, 60 - 18 * 2)], opens: 0 },
  { name: "just inside the window", events: [at(0.001, changed), ...each(19, 2, changed, 60 - 18 * 2)], opens: 1 },
  { name: "late line", events: [...each(19, 2, changed), at(35, changed)], opens: 1 },
  {
    name: "injection attempt",
    // No override hides deletions, whoever declares it.
    events: [at(0, { kind: "override-on", admin: true, override: { reason: "clean-up", until: null } }), ...each(20, 2, changed, 1)],
    opens: 1,
  },
  { name: "one statement over many rows", events: [at(0, { ...changed, rows: 20 })], opens: 1 },
  { name: "administrators count", events: each(20, 2, { ...changed, admin: true }), opens: 1 },
];
