import fc from "fast-check";
import { expect, test } from "vitest";
import type { Alert } from "./alerts.ts";
import { DEFAULT_RETENTION } from "./config.ts";
import { whyDeletionStops } from "./deletion-stop.ts";
import type { SnapshotView } from "./inventory.ts";
import { chain, type Draft, EMPTY_HEAD, type Entry } from "./ledger.ts";
import { planDeletions } from "./plan-deletions.ts";
import { retainedSnapshots } from "./retained-snapshots.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date("2026-11-24T12:00:00Z");
const policy = { ...DEFAULT_RETENTION, daily: 2, weekly: 1, monthly: 2 };
const ago = (ms: number) => new Date(NOW.getTime() - ms).toISOString();

function view(id: string, takenAt: string | null, changes: Partial<SnapshotView> = {}): SnapshotView {
  const made = { trigger: "scheduled", appVersion: null, requestId: `r-${id}`, managed: true, automated: false } as const;
  return { id, cluster: "app-prod", status: "available", takenAt, held: false, letGo: false, ...made, ...changes };
}

function draft(kind: Entry["kind"], name: string, at: string, data: Entry["data"], incident?: string): Draft {
  const written = { id: name, at, kind, actor: "alice", run: "1/1", reason: "A reason to do it", data };
  return incident === undefined ? written : { ...written, incident };
}

const made = ({ id }: SnapshotView, incident?: string) => [
  draft("snapshot.requested", `r-${id}:requested`, ago(400 * DAY), { requestId: `r-${id}`, cluster: "app-prod", snapshot: id }, incident),
  draft("snapshot.completed", `r-${id}:completed`, ago(400 * DAY), { requestId: `r-${id}`, cluster: "app-prod", snapshot: id }, incident),
];
const planned = (at: string, snapshots: readonly SnapshotView[]) =>
  draft("retention.planned", `p-${at}:planned`, at, {
    requestId: `p-${at}`,
    cluster: "app-prod",
    snapshots: snapshots.map(({ id, takenAt }) => ({ id, takenAt })),
  });

function plan(views: readonly SnapshotView[], drafts: readonly Draft[]) {
  const entries = chain(EMPTY_HEAD, [...views.flatMap((each) => made(each)), ...drafts]);
  return planDeletions("app-prod", retainedSnapshots(views, entries, NOW), policy, entries, NOW);
}
const dueIn = (...given: Parameters<typeof plan>) => plan(...given).deletions.flatMap(({ id, waits }) => (waits === null ? [id] : []));

const five = [0, 1, 2, 3, 100].map((days) => view(`d${days}`, ago(days * DAY + HOUR)));
const [, , d2 = view("", null), d3 = view("", null)] = five;
const alert: Alert = {
  v: 1,
  id: "mass-password-reset-0123456789abcdef",
  transition: "opened",
  rule: "mass-password-reset",
  severity: "HIGH",
  app: "web",
  cluster: "app-prod",
  key: "web",
  openedAt: ago(HOUR),
  firstEventAt: ago(HOUR),
  lastEventAt: ago(HOUR),
  endedAt: null,
  count: 10,
  threshold: 10,
  within: "60s",
  source: "web",
  line: 1,
  excerpt: [],
  hiddenBy: null,
};
const opened = draft("alert.opened", `${alert.id}:opened`, ago(HOUR), alert, alert.id);

test("nothing goes before it was announced for a whole day, in every plan since", () => {
  expect(dueIn(five, [])).toEqual([]);
  expect(plan(five, []).deletions.map(({ id, waits }) => [id, waits])).toEqual([
    ["d3", "announced for the first time"],
    ["d2", "announced for the first time"],
  ]);
  expect(dueIn(five, [planned(ago(DAY - 1), [d2, d3])])).toEqual([]);
  expect(dueIn(five, [planned(ago(DAY), [d2, d3])])).toEqual(["d3", "d2"]);
  expect(dueIn(five, [planned(ago(3 * DAY), [d2, d3]), planned(ago(2 * DAY), [d3]), planned(ago(HOUR), [d2, d3])])).toEqual(["d3"]);
});

test("a plan for another cluster, from the future, or of another snapshot by the same name announces nothing", () => {
  const other = planned(ago(2 * DAY), [d2]);
  expect(dueIn(five, [{ ...other, data: { ...other.data, cluster: "other" } }])).toEqual([]);
  expect(dueIn(five, [planned(ago(-2 * DAY), [d2])])).toEqual([]);
  expect(dueIn(five, [planned(ago(2 * DAY), [{ ...d2, takenAt: ago(50 * DAY) }])])).toEqual([]);
});

test.each<[string, Partial<SnapshotView>, readonly Draft[]]>([
  ["its tag says held", { held: true }, []],
  ["only the ledger says held", {}, [draft("hold.completed", "h:completed", ago(DAY), { requestId: "h", snapshot: "d3", action: "hold" })]],
  ["a drill reads it", {}, [draft("drill.requested", "x:requested", ago(HOUR), { requestId: "x", point: { snapshot: "d3" } })]],
  ["its tags name another request than the ledger", { requestId: "r-other" }, []],
  ["the ledger knows nothing of who made it", { id: "unknown" }, []],
  ["it is still being made", { status: "creating", takenAt: null }, []],
])("one stays, though announced, when %s", (_what, changes, drafts) => {
  const changed = { ...d3, ...changes };
  const views = five.map((each) => (each === d3 ? changed : each));
  const entries = chain(EMPTY_HEAD, [...five.flatMap((each) => made(each)), planned(ago(2 * DAY), [d3, changed]), ...drafts]);
  const { deletions } = planDeletions("app-prod", retainedSnapshots(views, entries, NOW), policy, entries, NOW);
  expect(deletions.map(({ id }) => id)).not.toContain(changed.id);
});

test("a snapshot of an alert's incident stays until the alert is resolved, one of an unknown incident until a person lets it go", () => {
  const of = (incident: string, drafts: readonly Draft[], changes: Partial<SnapshotView> = {}) => {
    const views = five.map((each) => (each === d3 ? { ...d3, ...changes } : each));
    const entries = chain(EMPTY_HEAD, [...five.flatMap((each) => made(each, each === d3 ? incident : undefined)), ...drafts]);
    return planDeletions("app-prod", retainedSnapshots(views, entries, NOW), policy, entries, NOW).deletions.map(({ id }) => id);
  };
  expect(of(alert.id, [opened])).toEqual(["d2"]);
  expect(of(alert.id, [opened, draft("alert.resolved", `${alert.id}:resolved`, ago(0), {}, alert.id)])).toEqual(["d3", "d2"]);
  expect(of("INC-9", [])).toEqual(["d2"]);
  const letGo = draft("hold.completed", "h:completed", ago(DAY), { requestId: "h", snapshot: "d3", action: "let-go" });
  expect(of("INC-9", [letGo], { letGo: true })).toEqual(["d3", "d2"]);
});

test("to let go takes the tag and the entry", () => {
  const manual = { ...d3, trigger: "manual" } as const;
  const views = five.map((each) => (each === d3 ? manual : each));
  const word = draft("hold.completed", "h:completed", ago(DAY), { requestId: "h", snapshot: "d3", action: "let-go" });
  const tagged = views.map((each) => (each === manual ? { ...manual, letGo: true } : each));
  expect(plan(views, [word]).deletions.map(({ id }) => id)).toEqual(["d2"]);
  expect(plan(tagged, []).deletions.map(({ id }) => id)).toEqual(["d2"]);
  expect(plan(tagged, [word]).deletions.map(({ id }) => id)).toEqual(["d3", "d2"]);
});

test("deletion stops while a HIGH alert is unresolved, and while a restore or rewind is under way", () => {
  const stop = (...drafts: readonly Draft[]) => whyDeletionStops("app-prod", chain(EMPTY_HEAD, drafts), NOW);
  const of = (kind: Entry["kind"], at = ago(HOUR)) => draft(kind, `x:${kind}`, at, { requestId: "x", cluster: "app-prod" });
  expect(stop()).toBeNull();
  expect(stop(opened)).toContain("is not resolved");
  expect(stop(opened, draft("alert.acknowledged", `${alert.id}:acknowledged`, ago(0), {}, alert.id))).toContain("is not resolved");
  expect(stop(opened, draft("alert.resolved", `${alert.id}:resolved`, ago(0), {}, alert.id))).toBeNull();
  expect(whyDeletionStops("other", chain(EMPTY_HEAD, [opened]), NOW)).toBeNull();
  expect(stop(of("restore.requested"))).toContain("restore x is under way");
  expect(stop(of("restore.requested"), of("restore.failed"))).toBeNull();
  expect(stop(of("restore.requested", ago(36 * DAY)))).toBeNull();
  expect(stop(of("drill.requested"))).toBeNull();
  const rewind = (mode: string) => ({ ...of("rewind.planned"), data: { requestId: "x", cluster: "app-prod", mode } });
  expect(stop(rewind("apply"))).toContain("rewind x is under way");
  expect(stop(rewind("plan"))).toBeNull();
});

const minutes = fc.integer({ min: 1, max: 500 * 24 * 60 });
const known = fc.record({
  minutes,
  trigger: fc.constantFrom("scheduled", "scheduled", "manual", "pre-migration", "pre-restore", null),
  managed: fc.constantFrom(true, true, false),
  held: fc.boolean(),
  letGo: fc.boolean(),
  inUse: fc.constantFrom(false, false, true),
  announcedHours: fc.option(fc.nat(72)),
});

test("whatever there is: what is deleted was announced a day, is old enough, ours, free, not the newest, and not of a recent migration", () => {
  fc.assert(
    fc.property(fc.uniqueArray(known, { maxLength: 40, selector: (each) => each.minutes }), (list) => {
      const given = list.map((each, index) => ({ ...each, view: view(`s${index}`, ago(each.minutes * 60_000), each) }));
      const uses = given.flatMap(({ inUse, view: { id } }) =>
        inUse ? [draft("restore.requested", `u${id}:requested`, ago(HOUR), { requestId: `u${id}`, point: { snapshot: id } })] : [],
      );
      const plans = Array.from({ length: 73 }, (_, age) =>
        planned(
          ago((72 - age) * HOUR),
          given.flatMap((each) => (each.announcedHours !== null && each.announcedHours >= 72 - age ? [each.view] : [])),
        ),
      );
      const views = given.map((each) => each.view);
      const ours = given.filter(({ managed }) => managed).toSorted((a, b) => a.minutes - b.minutes);
      for (const id of dueIn(views, [...uses, ...plans])) {
        const gone = given.find((each) => each.view.id === id);
        expect(gone).toMatchObject({ managed: true, held: false, inUse: false });
        expect(gone?.announcedHours).toBeGreaterThanOrEqual(24);
        expect(gone?.minutes).toBeGreaterThanOrEqual(2 * 24 * 60);
        expect(ours[0]?.view.id).not.toBe(id);
        expect(["scheduled", "pre-migration"]).toContain(gone?.trigger);
        if (gone?.trigger === "pre-migration") expect(gone.minutes).toBeGreaterThanOrEqual(14 * 24 * 60);
      }
    }),
    { numRuns: 60 },
  );
});

test("snapshots that the ledger does not know, whatever their tags and times say, push out none that it knows", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(minutes, { minLength: 1, maxLength: 25 }),
      fc.array(fc.integer({ min: -1_000, max: 500 * 24 * 60 }), { maxLength: 25 }),
      (real, forged) => {
        const views = real.map((each, index) => view(`s${index}`, ago(each * 60_000)));
        const others = forged.map((each, index) => view(`forged${index}`, ago(each * 60_000)));
        const entries = chain(
          EMPTY_HEAD,
          views.flatMap((each) => made(each)),
        );
        const goneOf = (list: readonly SnapshotView[]) =>
          planDeletions("app-prod", retainedSnapshots(list, entries, NOW), policy, entries, NOW).deletions.map(({ id }) => id);
        expect(goneOf([...views, ...others])).toEqual(goneOf(views));
      },
    ),
    { numRuns: 100 },
  );
});
