import { at, each, type RuleCase } from "./rule-case.ts";

const changed = { kind: "user-created", admin: false } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: each(20, 2, changed), opens: 1 },
  { name: "just under", events: each(19, 2, changed), opens: 0 },
  { name: "just outside the window", events: [at(0, changed), ...each(19, 2, changed, 60 - 18 * 2)], opens: 0 },
  { name: "just inside the window", events: [at(0.001, changed), ...each(19, 2, changed, 60 - 18 * 2)], opens: 1 },
  { name: "late line", events: [...each(19, 2, changed), at(35, changed)], opens: 1 },
  {
    name: "injection attempt",
    events: [at(0, { kind: "override-on", trusted: false, override: { reason: "import", until: null } }), ...each(20, 2, changed, 1)],
    opens: 1,
  },
  {
    name: "an import under a declared override",
    events: [at(0, { kind: "override-on", admin: true, override: { reason: "import", until: null } }), ...each(20, 2, changed, 1)],
    opens: 0,
    hidden: 1,
  },
  {
    name: "an override's line that comes after what it covers",
    events: [
      ...each(15, 2, changed, 1),
      at(0, { kind: "override-on", admin: true, override: { reason: "import", until: null } }),
      ...each(10, 2, changed, 31),
    ],
    opens: 0,
    hidden: 1,
  },
];
