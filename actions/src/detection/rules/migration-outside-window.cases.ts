import { at, each, type RuleCase } from "./rule-case.ts";

// The test's window is Monday from 12:00 to 13:00 in London.
const ran = { kind: "migration-ran", migration: "0042_drop_column" } as const;
const HOUR = 3600;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: [at(2 * HOUR, ran)], opens: 1 },
  { name: "just under", events: [at(0, ran), at(HOUR - 0.001, ran)], opens: 0 },
  { name: "just outside the window", events: [at(-0.001, ran), at(HOUR, ran)], opens: 2 },
  { name: "a deployment is one alert", events: each(10, 30, ran, 2 * HOUR), opens: 1 },
  { name: "late line", events: [at(2 * HOUR + 30, ran), at(2 * HOUR, ran)], opens: 1 },
  {
    name: "injection attempt",
    events: [at(2 * HOUR, { kind: "override-on", trusted: false, override: { reason: "fix", until: null } }), at(2 * HOUR + 1, ran)],
    opens: 1,
  },
  {
    name: "declared by an override",
    events: [at(2 * HOUR, { kind: "override-on", admin: true, override: { reason: "fix", until: null } }), at(2 * HOUR + 1, ran)],
    opens: 0,
    hidden: 1,
  },
];
