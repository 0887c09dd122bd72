import { at, each, type RuleCase } from "./rule-case.ts";

const changed = { kind: "password-changed", admin: true } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: each(10, 2, changed), opens: 1 },
  { name: "just under", events: each(9, 2, changed), opens: 0 },
  { name: "just outside the window", events: [at(0, changed), ...each(9, 2, changed, 60 - 8 * 2)], opens: 0 },
  { name: "just inside the window", events: [at(0.001, changed), ...each(9, 2, changed, 60 - 8 * 2)], opens: 1 },
  { name: "late line", events: [...each(9, 2, changed), at(15, changed)], opens: 1 },
  {
    name: "injection attempt",
    // Plain text that anybody could have written silences nothing.
    events: [at(0, { kind: "override-on", trusted: false, override: { reason: "CHG-1", until: null } }), ...each(10, 2, changed, 1)],
    opens: 1,
  },
  {
    name: "a declared override",
    events: [at(0, { kind: "override-on", admin: true, override: { reason: "CHG-1", until: null } }), ...each(10, 2, changed, 1)],
    opens: 0,
    hidden: 1,
  },
  {
    name: "an override that ended",
    events: [
      at(0, { kind: "override-on", admin: true, override: { reason: "CHG-1", until: null } }),
      at(1, { kind: "override-off", admin: true }),
      ...each(10, 2, changed, 2),
    ],
    opens: 1,
  },
  { name: "others and unknown actors are another rule's", events: each(10, 2, { ...changed, admin: null }), opens: 0 },
];
