import { at, each, type RuleCase } from "./rule-case.ts";

const changed = { kind: "auth-failed", admin: false } as const;

export const cases: readonly RuleCase[] = [
  { name: "fires", events: each(5, 30, changed), opens: 1 },
  { name: "just under", events: each(4, 30, changed), opens: 0 },
  { name: "just outside the window", events: [at(0, changed), ...each(4, 30, changed, 300 - 3 * 30)], opens: 0 },
  { name: "just inside the window", events: [at(0.001, changed), ...each(4, 30, changed, 300 - 3 * 30)], opens: 1 },
  { name: "late line", events: [...each(4, 30, changed), at(89, changed)], opens: 1 },
  {
    name: "injection attempt",
    // A user name can hold an address; what counts is the connection's, and an attempt without one counts under no address.
    events: each(20, 1, { ...changed, actor: "x from 198.51.100.7", ip: null }),
    opens: 0,
  },
  { name: "each address by itself", events: [...each(4, 30, changed), ...each(4, 30, { ...changed, ip: "192.0.2.2" }, 5)], opens: 0 },
  { name: "one line that stands for several", events: [at(0, changed), at(5, { ...changed, times: 4 })], opens: 1 },
];
