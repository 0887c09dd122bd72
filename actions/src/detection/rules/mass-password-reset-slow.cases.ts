import { at, each, type RuleCase } from "./rule-case.ts";

const changed = { kind: "password-changed", admin: false } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: each(60, 7, changed), opens: 1 },
  { name: "just under", events: each(59, 7, changed), opens: 0 },
  { name: "just outside the window", events: [at(0, changed), ...each(59, 7, changed, 3600 - 58 * 7)], opens: 0 },
  { name: "just inside the window", events: [at(0.001, changed), ...each(59, 7, changed, 3600 - 58 * 7)], opens: 1 },
  { name: "late line", events: [...each(59, 7, changed), at(405, changed)], opens: 1 },
  {
    name: "injection attempt",
    events: [
      at(0, { kind: "override-on", admin: false, override: { reason: "mine", until: null } }),
      ...each(60, 7, { ...changed, admin: true }, 1),
    ],
    opens: 1,
  },
  {
    name: "administrators under a declared override",
    events: [
      at(0, { kind: "override-on", admin: true, override: { reason: "CHG-1", until: null } }),
      ...each(60, 7, { ...changed, admin: true }, 1),
    ],
    opens: 0,
    hidden: 1,
  },
];
