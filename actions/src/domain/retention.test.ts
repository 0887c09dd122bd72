import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_RETENTION } from "./config.ts";
import { applyRetention, type RetainedSnapshot, type RetentionPolicy } from "./retention.ts";

const now = new Date("2026-11-24T12:00:00Z");
const policy = DEFAULT_RETENTION;

function snapshot(takenAt: string, other: Partial<RetainedSnapshot> = {}): RetainedSnapshot {
  return {
    id: takenAt,
    takenAt: new Date(takenAt),
    trigger: "scheduled",
    managed: true,
    held: false,
    inUse: false,
    letGo: false,
    ...other,
  };
}

const keptOf = (snapshots: readonly RetainedSnapshot[], rules = policy, at = now) =>
  applyRetention(snapshots, rules, at).flatMap(({ id, keep }) => (keep ? [id] : []));
const reasonsOf = (snapshots: readonly RetainedSnapshot[], id: string, at = now) =>
  applyRetention(snapshots, policy, at).find((each) => each.id === id)?.reasons;

const daysBefore = (days: number, hour = 3) => new Date(Date.UTC(2026, 10, 24 - days, hour)).toISOString();

describe("tables worked out by hand", () => {
  test("a hundred days of one a day: 7 days, 4 Sundays, 3 month ends, each once", () => {
    // 2026-11-24 is a Tuesday. The newest of a week is its Sunday, of a month its last day; 24 November serves day, week and month.
    const kept = keptOf(Array.from({ length: 100 }, (_, days) => snapshot(daysBefore(days))));
    expect(kept.map((id) => id.slice(0, 10))).toEqual([
      "2026-11-24",
      "2026-11-23",
      "2026-11-22",
      "2026-11-21",
      "2026-11-20",
      "2026-11-19",
      "2026-11-18",
      "2026-11-15",
      "2026-11-08",
      "2026-10-31",
      "2026-09-30",
    ]);
  });

  test("a day keeps its newest, and days without snapshots use nothing up", () => {
    const taken = [daysBefore(0, 3), daysBefore(0, 9), daysBefore(10, 3), daysBefore(10, 9), daysBefore(20), daysBefore(30)];
    expect(
      keptOf(
        taken.map((each) => snapshot(each)),
        { ...policy, daily: 3, weekly: 0, monthly: 0 },
      ),
    ).toEqual([daysBefore(0, 9), daysBefore(10, 9), daysBefore(20)]);
  });

  test("while a rule has room the oldest is kept, and it says so", () => {
    const taken = [snapshot(daysBefore(0, 9)), snapshot(daysBefore(0, 6)), snapshot(daysBefore(0, 3))];
    expect(keptOf(taken)).toEqual([daysBefore(0, 9), daysBefore(0, 3)]);
    expect(reasonsOf(taken, daysBefore(0, 3))).toEqual([
      "oldest, while daily has room",
      "oldest, while weekly has room",
      "oldest, while monthly has room",
    ]);
    expect(reasonsOf(taken, daysBefore(0, 6))).toEqual(["none of 7 daily, 4 weekly and 3 monthly needs it"]);
  });

  test("one snapshot may serve several rules and names each", () => {
    expect(reasonsOf([snapshot(daysBefore(0))], daysBefore(0))).toEqual([
      "the newest snapshot",
      "daily, 1 of 7",
      "weekly, 1 of 4",
      "monthly, 1 of 3",
    ]);
  });

  test("weeks begin on Monday, also over New Year", () => {
    // Thursday 31 December 2026 and Friday 1 January 2027 are one week; Monday the 4th begins the next.
    const taken = [
      "2026-12-27T03:00:00.000Z",
      "2026-12-28T03:00:00.000Z",
      "2026-12-31T03:00:00.000Z",
      "2027-01-01T03:00:00.000Z",
      "2027-01-04T03:00:00.000Z",
    ];
    expect(
      keptOf(
        taken.map((each) => snapshot(each)),
        { ...policy, daily: 0, weekly: 3, monthly: 0 },
        new Date("2027-01-05T00:00:00Z"),
      ),
    ).toEqual(["2027-01-04T03:00:00.000Z", "2027-01-01T03:00:00.000Z", "2026-12-27T03:00:00.000Z"]);
  });
});

describe("whatever the rules say", () => {
  const none = { ...policy, daily: 0, weekly: 0, monthly: 0 };
  const old = "2025-01-01T00:00:00.000Z";

  test("the newest is kept, also without any rule and beside one from the future", () => {
    expect(keptOf([snapshot(daysBefore(1)), snapshot(daysBefore(2))], none)).toEqual([daysBefore(1)]);
    const future = "2031-01-01T00:00:00.000Z";
    expect(keptOf([snapshot(future), snapshot(daysBefore(1)), snapshot(daysBefore(2))], none)).toEqual([future, daysBefore(1)]);
  });

  test.each([
    ["held", { held: true }, "on hold"],
    ["in use", { inUse: true }, "in use by a restore"],
    ["foreign", { managed: false }, "not made by Holdfast"],
    ["manual", { trigger: "manual" }, "until a person lets it go"],
    ["taken before a restore", { trigger: "pre-restore" }, "until a person lets it go"],
    ["without a trigger", { trigger: null }, "nothing says what asked for it"],
    ["unfinished", { takenAt: null }, "still being made"],
  ] as const)("one that is %s stays and says why", (_, other, reason) => {
    const verdicts = applyRetention([snapshot(daysBefore(0)), snapshot(old, other)], none, now);
    const verdict = verdicts.find(({ id }) => id === old);
    expect(verdict?.keep).toBe(true);
    expect(verdict?.reasons.join()).toContain(reason);
  });

  test.each(["manual", "pre-restore"] as const)("a %s one that a person let go may go, unless it is held", (trigger) => {
    const taken = [snapshot(daysBefore(0)), snapshot(old, { trigger, letGo: true })];
    expect(applyRetention(taken, none, now).at(-1)).toMatchObject({ keep: false, reasons: ["a person let it go"] });
    expect(keptOf([snapshot(daysBefore(0)), snapshot(old, { trigger, letGo: true, held: true })], none)).toContain(old);
  });

  test("one from before a migration stays its fourteen days and no longer", () => {
    const at = (ms: number) => new Date(now.getTime() - 14 * 86_400_000 + ms).toISOString();
    const taken = [snapshot(daysBefore(0)), snapshot(at(1), { trigger: "pre-migration" }), snapshot(at(0), { trigger: "pre-migration" })];
    expect(keptOf(taken, none)).toEqual([daysBefore(0), at(1)]);
  });

  test("manual and foreign snapshots use up no bucket", () => {
    const taken = [
      snapshot(daysBefore(0)),
      snapshot(daysBefore(1, 9), { trigger: "manual" }),
      snapshot(daysBefore(1, 3)),
      snapshot(daysBefore(2), { managed: false }),
      snapshot(daysBefore(3)),
    ];
    expect(keptOf(taken, { ...none, daily: 3 })).toEqual(taken.map(({ id }) => id));
  });
});

/** `forget` as restic's documentation tells it, written as differently as possible: one rule at a time over groups of snapshots. */
function forget(times: readonly Date[], { daily, weekly, monthly }: RetentionPolicy): ReadonlySet<number> {
  const sorted = times.map(Number).sort((a, b) => b - a);
  const monday = (ms: number) => {
    const date = new Date(ms);
    date.setUTCHours(0, 0, 0, 0);
    date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
    return date.toISOString();
  };
  const iso = (ms: number) => new Date(ms).toISOString();
  const rules = [
    [daily, (ms: number) => iso(ms).slice(0, 10)],
    [weekly, monday],
    [monthly, (ms: number) => iso(ms).slice(0, 7)],
  ] as const;
  const kept = new Set<number>();
  for (const [count, name] of rules) {
    const groups = groupBy(sorted, name);
    const newest = [...groups.values()].map((group) => Math.max(...group)).slice(0, count);
    for (const each of newest) kept.add(each);
    const oldest = sorted.at(-1);
    if (newest.length < count && oldest !== undefined) kept.add(oldest);
  }
  return kept;
}

function groupBy(values: readonly number[], name: (value: number) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const value of values) groups.set(name(value), [...(groups.get(name(value)) ?? []), value]);
  return groups;
}

describe("properties", () => {
  const time = fc.date({ min: new Date("2024-01-01T00:00:00Z"), max: now, noInvalidDate: true });
  const rules = fc.record({ daily: fc.nat(9), weekly: fc.nat(6), monthly: fc.nat(5), preMigration: fc.constant("14d") });
  const any = fc.record({
    takenAt: fc.option(fc.date({ min: new Date("2024-01-01T00:00:00Z"), max: new Date("2027-06-01T00:00:00Z"), noInvalidDate: true })),
    trigger: fc.constantFrom("scheduled", "manual", "pre-migration", "pre-restore", null),
    managed: fc.boolean(),
    held: fc.boolean(),
    inUse: fc.boolean(),
    letGo: fc.boolean(),
  });
  const named = <T>(list: readonly T[]) => list.map((each, index) => ({ ...each, id: `s${index}` }));

  test("scheduled snapshots are kept exactly as restic keeps them, and the newest always", () => {
    fc.assert(
      fc.property(fc.uniqueArray(time, { maxLength: 80, selector: Number }), rules, (times, given) => {
        const expected = new Set(forget(times, given));
        if (times.length > 0) expected.add(Math.max(...times.map(Number)));
        const kept = applyRetention(named(times.map((takenAt) => ({ ...snapshot(takenAt.toISOString()), takenAt }))), given, now);
        expect(kept.flatMap(({ keep, takenAt }) => (keep ? [Number(takenAt)] : [])).sort()).toEqual([...expected].sort());
      }),
    );
  });

  test("never deleted: the newest, nor what is held, in use, foreign or unfinished; each verdict has a reason", () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), rules, (list, given) => {
        const snapshots = named(list);
        const verdicts = new Map(applyRetention(snapshots, given, now).map((verdict) => [verdict.id, verdict]));
        const past = snapshots.filter(({ managed, takenAt }) => managed && takenAt !== null && takenAt <= now);
        const newest = Math.max(...past.map(({ takenAt }) => Number(takenAt)));
        const newestKept = past.filter(({ takenAt }) => Number(takenAt) === newest).some(({ id }) => verdicts.get(id)?.keep);
        expect(past.length === 0 || newestKept).toBe(true);
        for (const { id, held, inUse, managed, takenAt } of snapshots) {
          expect(verdicts.get(id)?.reasons.length).toBeGreaterThan(0);
          if (held || inUse || !managed || takenAt === null) expect(verdicts.get(id)?.keep).toBe(true);
        }
      }),
    );
  });

  test("a back-dated snapshot pushes out nothing that is newer and does not owe its place to being the oldest", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(time, { minLength: 1, maxLength: 40, selector: Number }),
        fc.array(time, { maxLength: 20 }),
        rules,
        (real, extra, given) => {
          const times = real.map(Number);
          const backDated = extra.filter((each) => Number(each) < Math.min(...times));
          const of = (list: readonly Date[]) => list.map((takenAt) => ({ ...snapshot(takenAt.toISOString()), takenAt }));
          const before = applyRetention(named(of(real)), given, now);
          const after = new Map(applyRetention(named(of([...real, ...backDated])), given, now).map((each) => [each.id, each.keep]));
          for (const { id, keep, reasons } of before)
            if (keep && !reasons.every((reason) => reason.startsWith("oldest"))) expect(after.get(id)).toBe(true);
        },
      ),
    );
  });

  test("the order in which snapshots are listed changes nothing", () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), rules, (list, given) => {
        const snapshots = named(list);
        expect(applyRetention(snapshots.toReversed(), given, now)).toEqual(applyRetention(snapshots, given, now));
      }),
    );
  });
});
