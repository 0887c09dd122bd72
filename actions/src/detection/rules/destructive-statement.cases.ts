import { at, each, type RuleCase } from "./rule-case.ts";

const dropped = { kind: "row-deleted", destructive: true } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: [at(0, dropped)], opens: 1 },
  { name: "just under", events: [at(0, { ...dropped, destructive: false })], opens: 0 },
  { name: "just outside the window", events: [at(0, dropped), at(60.001, dropped)], opens: 2 },
  { name: "a script of them is one alert", events: each(50, 1, dropped), opens: 1 },
  { name: "late line", events: [at(30, dropped), at(0, dropped)], opens: 1 },
  {
    name: "injection attempt",
    events: [at(0, { kind: "override-on", admin: true, override: { reason: "quiet", until: null } }), at(1, dropped)],
    opens: 1,
  },
  {
    name: "whatever kind it was read as",
    events: [at(0, { ...dropped, kind: "password-changed" }), at(200, { ...dropped, kind: "migration-ran" })],
    opens: 2,
  },
  { name: "refused by the database", events: [at(0, { ...dropped, kind: "statement-refused" })], opens: 0 },
];
