import type { Draft } from "@holdfast/actions/domain";
import { describe, expect, test } from "vitest";
import type { Run } from "./github.ts";
import { draft, ledgerOf, REQUEST } from "./sample-ledger.ts";
import { unexplainedRuns, workViews } from "./work.ts";

const TITLE = `restore app-prod → app-prod-copy (request ${REQUEST})`;

function run(more: Partial<Run> = {}): Run {
  const at = new Date("2026-11-20T14:00:00Z");
  return {
    id: 7,
    title: TITLE,
    status: "in_progress",
    conclusion: null,
    actor: "alice",
    createdAt: at,
    startedAt: at,
    updatedAt: at,
    url: "https://x.test/7",
    ...more,
  };
}

const second = (value: number) => `2026-11-20T14:00:${String(value).padStart(2, "0")}.000Z`;
const begun: Draft[] = [
  draft("restore.requested", second(10), { data: { target: "app-prod-copy", point: { time: "2026-11-20T13:00:00Z" } } }),
  draft("restore.cluster-creating", second(16)),
];
const view = (
  drafts: readonly Draft[],
  runs: readonly Run[],
  readAt: Date | null = new Date("2026-11-20T15:00:00Z"),
  rejected: readonly number[] = [],
) => workViews(ledgerOf(drafts).flat(), runs, { runsReadAt: readAt, rejected: new Set(rejected) })[0];

describe("where the work stands", () => {
  test("before the first entry the run alone tells", () => {
    expect(view([], [run({ status: "queued" })])).toMatchObject({ state: "queued", target: "app-prod-copy", reason: null });
  });

  test("a run that waits for a person says so, with what its title tells", () => {
    const title = `restore app-prod → b from snap-1 (request ${REQUEST}): Prices are wrong`;
    expect(view([], [run({ status: "waiting", title })])).toMatchObject({
      state: "waiting",
      reason: "Prices are wrong",
      point: { snapshot: "snap-1" },
    });
    expect(view([], [run({ status: "waiting" })])?.steps[0]?.state).toBe("waiting");
  });

  test("a rejected run made nothing, unless it had begun before", () => {
    const over = run({ status: "completed", conclusion: "failure" });
    expect(view([], [over], undefined, [over.id])?.state).toBe("rejected");
    expect(view([], [over])?.state).toBe("lost");
    expect(view(begun, [over], undefined, [over.id])?.state).toBe("lost");
  });

  test.each([
    ["cut-over", `cut-over app-prod → app-new (request ${REQUEST}): x`, ["cut-over.requested", "cut-over.carried"]],
    ["rewind", `rewind app-prod → users from a/b (apply, request ${REQUEST}): x`, ["rewind.requested", "rewind.imaged", "rewind.planned"]],
  ] as const)("a %s that was prepared and then rejected went no further, and is not lost", (work, title, kinds) => {
    const data = { restored: "app-new", tables: ["users"], mode: "apply" };
    const prepared = kinds.map((kind, index) => draft(kind, second(10 + index), { data }));
    const over = run({ title, status: "completed", conclusion: "failure" });
    expect(unexplainedRuns(ledgerOf(prepared).flat(), [over])).toEqual([over.id]);
    expect(view(prepared, [over], undefined, [over.id])).toMatchObject({ state: "rejected", ending: null });
    expect(view(prepared, [over])?.state).toBe("lost");
    expect(view([...prepared, draft("request.rejected", second(30), { run: "9/1", data: { work } })], [])?.state).toBe("rejected");
  });

  test("a cut-over that swapped a name was not rejected, whatever a review says", () => {
    const title = `cut-over app-prod → app-new (request ${REQUEST}): x`;
    const swapping = (["cut-over.requested", "cut-over.carried", "cut-over.old-renamed"] as const).map((kind, index) =>
      draft(kind, second(10 + index), { data: { restored: "app-new" } }),
    );
    const over = run({ title, status: "completed", conclusion: "failure" });
    expect(view(swapping, [over], undefined, [over.id])).toMatchObject({ state: "lost", target: "app-new", cluster: "app-prod" });
  });

  test("the first step without an entry is the one in progress", () => {
    const found = view(begun, [run()]);
    expect(found?.state).toBe("running");
    expect(found?.reason).toBe("Prices are wrong");
    expect(found?.steps.map((step) => step.state)).toEqual(["done", "done", "current", ...Array<string>(5).fill("waiting")]);
    expect(found?.steps[1]).toMatchObject({ startedAt: new Date(second(10)), doneAt: new Date(second(16)) });
    expect(found?.steps[2]).toMatchObject({ startedAt: new Date(second(16)), doneAt: null, expected: null });
  });

  test("a failure says so, with its entry", () => {
    const found = view(
      [...begun, draft("restore.failed", second(20), { step: "failed-1" })],
      [run({ status: "completed", conclusion: "failure" })],
    );
    expect(found).toMatchObject({ state: "failed", ending: { kind: "restore.failed" } });
    expect(found?.steps[2]?.state).toBe("stopped");
  });

  test("a run started again is not failed any more", () => {
    expect(view([...begun, draft("restore.failed", second(20), { step: "failed-1" })], [run()])).toMatchObject({
      state: "running",
      ending: null,
    });
  });

  test("a refusal is told apart from a failure", () => {
    expect(view([draft("restore.refused", second(20), { step: "refused-1" })], [])?.state).toBe("refused");
  });

  test("a run that ended without an ending in the ledger is not called done", () => {
    expect(view(begun, [run({ status: "completed", conclusion: "success" })])?.state).toBe("lost");
  });

  test("entries newer than the list of runs are not called lost", () => {
    expect(view(begun, [], new Date("2026-11-20T13:00:00Z"))?.state).toBe("running");
    expect(view(begun, [], null)?.state).toBe("running");
    expect(view(begun, [])?.state).toBe("lost");
  });

  test("of two runs of one request the running one tells", () => {
    const later = run({ id: 8, status: "completed", conclusion: "success", createdAt: new Date("2026-11-20T14:00:05Z") });
    expect(view(begun, [later, run()])).toMatchObject({ state: "running", run: { id: 7 } });
  });

  test("a worker started by hand needs no run", () => {
    expect(view([draft("snapshot.requested", second(1), { run: "local" })], [])?.state).toBe("running");
  });
});

describe("an answer to an alert", () => {
  const ALERT = "mass-password-reset-0123456789abcdef";
  const title = `respond acknowledge ${ALERT} (request ${REQUEST}): Looking into it`;
  const recorded = { ...draft("alert.acknowledged", second(9)), id: `${ALERT}:acknowledged`, incident: ALERT };

  test("is found by the request that its entry names, and belongs to no cluster", () => {
    expect(view([recorded], [run({ title, status: "completed", conclusion: "success" })])).toMatchObject({
      requestId: REQUEST,
      work: "respond",
      answer: "acknowledge",
      cluster: null,
      target: ALERT,
      state: "completed",
    });
    expect(view([recorded], [])).toMatchObject({ answer: "acknowledge", target: ALERT, state: "completed" });
  });

  test("that somebody else had given before is complete without an entry of its own", () => {
    expect(view([], [run({ title, status: "completed", conclusion: "success" })])?.state).toBe("completed");
    expect(view([], [run({ title, status: "completed", conclusion: "failure" })])?.state).toBe("lost");
  });

  test("that was refused says so", () => {
    expect(view([draft("respond.refused", second(9), { step: "refused-1" })], [])).toMatchObject({ work: "respond", state: "refused" });
  });

  test("a silence that ran out is nobody's request", () => {
    const expired = { ...draft("silence.ended", second(9)), data: { suppression: "x", expired: true } };
    expect(view([expired], [])).toBeUndefined();
  });
});

test("a step's usual time comes from three completed runs of it, failed ones apart", () => {
  const past = (index: number, took: number, end: "completed" | "failed") => {
    const id = `00000000-0000-4000-8000-00000000000${index}`;
    const at = (seconds: number) => new Date(Date.UTC(2026, 10, index, 10, 0, seconds)).toISOString();
    const last =
      end === "completed" ? draft("snapshot.completed", at(took), { id }) : draft("snapshot.failed", at(took), { id, step: "failed-1" });
    return [draft("snapshot.requested", at(0), { id }), draft("snapshot.creating", at(1), { id }), last];
  };
  const expectedOf = (...groups: readonly (readonly Draft[])[]) =>
    workViews(ledgerOf(...groups).flat(), [], { runsReadAt: null, rejected: new Set() })[0]?.steps[2]?.expected;
  expect(expectedOf(past(1, 31, "completed"), past(2, 41, "completed"))).toBeNull();
  expect(expectedOf(past(1, 31, "completed"), past(2, 41, "completed"), past(3, 9, "failed"), past(4, 91, "completed"))).toEqual({
    medianMs: 40_000,
    p90Ms: 90_000,
    n: 3,
  });
});

describe("what other runs wrote about a request", () => {
  const TOLD = `restore app-prod → app-prod-copy from snap-1 (request ${REQUEST}): Prices are wrong`;
  const about = (kind: Draft["kind"], at: string): Draft => ({
    ...draft(kind, at, { run: "9/1", data: { work: "restore", title: TOLD, askedBy: "alice", ofRun: "7/1" } }),
    actor: "bob",
    reason: "Wrong second",
  });

  test.each([
    ["request.rejected", "rejected"],
    ["request.lapsed", "lapsed"],
    ["request.lost", "lost"],
  ] as const)("%s is how it ended, also when GitHub has forgotten the run", (kind, state) => {
    const told = { state, work: "restore", target: "app-prod-copy", actor: "alice", reason: "Prices are wrong" };
    expect(view([about(kind, second(30))], [])).toMatchObject(told);
    expect(view([about(kind, second(30))], [run({ title: TOLD, status: "completed", conclusion: "failure" })])).toMatchObject(told);
  });

  test("an approval is neither the request nor a step of it", () => {
    const approved = view([about("request.approved", second(9)), ...begun], [run()]);
    expect(approved).toMatchObject({
      state: "running",
      actor: "alice",
      reason: "Prices are wrong",
      point: { time: "2026-11-20T13:00:00Z" },
    });
    expect(approved?.steps.filter((step) => step.state === "done")).toHaveLength(2);
  });

  test("an earlier attempt's rejection is not the end of what was completed, or failed, afterwards", () => {
    const rejected = about("request.rejected", second(5));
    expect(view([rejected, ...begun, draft("restore.completed", second(40))], [])?.state).toBe("completed");
    expect(view([...begun, draft("restore.failed", second(40)), rejected], [])).toMatchObject({
      state: "failed",
      ending: { kind: "restore.failed" },
    });
  });
});
