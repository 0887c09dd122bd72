import { at, each, type RuleCase } from "./rule-case.ts";

const refused = { kind: "statement-refused", table: "users", rows: 10_000 } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: [at(0, refused)], opens: 1 },
  { name: "just under", events: [at(0, { ...refused, kind: "row-deleted" })], opens: 0 },
  { name: "just outside the window", events: [at(0, refused), at(600.001, refused)], opens: 2 },
  { name: "whoever tries again and again is one alert", events: each(50, 1, refused), opens: 1 },
  { name: "late line", events: [at(30, refused), at(0, refused)], opens: 1 },
  {
    name: "injection attempt",
    events: [at(0, { kind: "override-on", admin: true, override: { reason: "quiet", until: null } }), at(1, refused)],
    opens: 1,
  },
];
