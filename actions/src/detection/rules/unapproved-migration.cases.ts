import { at, NOON, type RuleCase } from "./rule-case.ts";

const ran = { kind: "migration-ran", migration: "1975ea83b712 -> ae1027a6acf, add index" } as const;
const approved = [{ migration: "ae1027a6acf", from: NOON, until: NOON + 3_600_000 }];

export const cases: readonly RuleCase[] = [
  { name: "fires", events: [at(0, ran)], approved: [], opens: 1 },
  { name: "just under", events: [at(0, ran)], approved, opens: 0 },
  { name: "just outside the window", events: [at(3600, ran)], approved, opens: 1 },
  { name: "late line", events: [at(-0.001, ran), at(-30, ran)], approved, opens: 1 },
  { name: "injection attempt", events: [at(0, { ...ran, migration: "xae1027a6acf, not the one that was approved" })], approved, opens: 1 },
  { name: "nobody knows what was approved", events: [at(0, ran)], opens: 0 },
  { name: "a line that names no migration", events: [at(0, { ...ran, migration: null })], approved, opens: 1 },
];
