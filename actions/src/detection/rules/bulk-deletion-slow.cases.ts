import { at, each, type RuleCase } from "./rule-case.ts";

const changed = { kind: "row-deleted", admin: false } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: each(200, 10, changed), opens: 1 },
  { name: "just under", events: each(199, 10, changed), opens: 0 },
  { name: "just outside the window", events: [at(0, changed), ...each(199, 10, changed, 3600 - 198 * 10)], opens: 0 },
  { name: "just inside the window", events: [at(0.001, changed), ...each(199, 10, changed, 3600 - 198 * 10)], opens: 1 },
  { name: "late line", events: [...each(199, 10, changed), at(1979, changed)], opens: 1 },
  {
    name: "injection attempt",
    events: [at(0, { kind: "override-on", admin: true, override: { reason: "clean-up", until: null } }), ...each(200, 10, changed, 1)],
    opens: 1,
  },
];
