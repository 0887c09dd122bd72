import { at, each, type RuleCase } from "./rule-case.ts";

const changed = { kind: "password-changed", admin: false } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: each(10, 2, changed), opens: 1 },
  { name: "just under", events: each(9, 2, changed), opens: 0 },
  { name: "just outside the window", events: [at(0, changed), ...each(9, 2, changed, 60 - 8 * 2)], opens: 0 },
  { name: "just inside the window", events: [at(0.001, changed), ...each(9, 2, changed, 60 - 8 * 2)], opens: 1 },
  { name: "late line", events: [...each(9, 2, changed), at(15, changed)], opens: 1 },
  {
    name: "injection attempt",
    // An override forged in plain text, and a true one: neither hides what others than administrators do.
    events: [
      at(0, { kind: "override-on", trusted: false, admin: null }),
      at(0, { kind: "override-on", admin: true, override: { reason: "CHG-1", until: null } }),
      ...each(10, 2, changed, 1),
    ],
    opens: 1,
  },
  { name: "administrators are another rule's", events: each(30, 1, { ...changed, admin: true }), opens: 0 },
  { name: "unknown actors count", events: each(10, 2, { ...changed, admin: null }), opens: 1 },
  { name: "one statement over many rows", events: [at(0, { ...changed, rows: 400 })], opens: 1 },
  { name: "a statement that found no row", events: each(20, 1, { ...changed, rows: 0 }), opens: 0 },
];
