import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

let world: SandboxWorld;

beforeAll(async () => {
  world = await openSandboxWorld({ promoted: false });
});
afterAll(() => world.close());

const SNAPSHOT_KINDS = ["snapshot.requested", "snapshot.creating", "snapshot.completed"];

function snapshotInputs(requestId: string) {
  return {
    cluster: "app-prod",
    reason: "Because of a test of races",
    request_id: requestId,
    trigger: "manual",
    app_version: "1.0.0",
  };
}

function restoreInputs(requestId: string, target: string, snapshot: string) {
  return { cluster: "app-prod", target, snapshot, time: "", reason: "Because of a test of races", request_id: requestId };
}

const kindsOf = async (requestId: string) => (await world.entriesOf(requestId)).map((entry) => entry.kind);

// Told in order: nothing can be dispatched at production before something was promoted.
describe("promotion", () => {
  const promoter = () => world.sandbox.github.createToken({ login: "alice", permissions: { actions: "write", contents: "read" } });

  test("refuses a commit whose CI has not passed, and leaves no production behind", async () => {
    const id = await world.dispatch(promoter(), "promote.yml", { reason: "Promoted too early by a test" }, "main");
    const [run] = await world.ended([id]);
    expect(run?.conclusion).toBe("failure");
    await expect(world.dispatch(world.tokens.operator, "snapshot.yml", snapshotInputs(randomUUID()))).rejects.toThrow(/No ref found/);
    expect(await world.entries()).toMatchObject([
      {
        kind: "promotion.refused",
        actor: "alice",
        reason: "Promoted too early by a test",
        data: { problem: expect.stringContaining("CI has not passed") },
      },
    ]);
  });

  test("refuses a reason that is none, without writing it down", async () => {
    const [run] = await world.ended([await world.dispatch(promoter(), "promote.yml", { reason: "<b>hm</b>" }, "main")]);
    expect(run?.conclusion).toBe("failure");
    expect((await world.entries()).at(-1)).toMatchObject({ kind: "promotion.refused", reason: "(refused before it was read)" });
  });

  test("takes the same commit once CI has passed on it", async () => {
    await world.sandbox.promote();
    expect((await world.entries()).map((entry) => entry.kind).slice(2)).toEqual(["promotion.completed"]);
  });
});

test("the clock ticks twice in one slot while an operator takes a snapshot: one scheduled snapshot, one manual, both whole", async () => {
  const manual = randomUUID();
  const clock = world.sandbox.github.createToken({ login: "alice", permissions: { actions: "write", contents: "read" } });
  const runs = await Promise.all([
    world.dispatch(clock, "schedule.yml", {}, "main"),
    world.dispatch(world.tokens.operator, "snapshot.yml", snapshotInputs(manual)),
    world.dispatch(clock, "schedule.yml", {}, "main"),
  ]);
  expect((await world.ended(runs)).map((run) => run.conclusion)).toEqual(["success", "success", "success"]);
  const scheduled = world.sandbox.github.runs().filter((run) => run.title.includes("(scheduled, request "));
  expect(scheduled).toHaveLength(1);
  expect((await world.ended(scheduled.map((run) => run.id)))[0]?.conclusion).toBe("success");

  const snapshots = await world.snapshots();
  expect(snapshots.map((each) => each.trigger).sort()).toEqual(["manual", "scheduled"]);
  for (const { requestId } of snapshots) expect(await kindsOf(requestId ?? "")).toEqual(SNAPSHOT_KINDS);
});

test("two operators with two tabs each: no run on one cluster is dropped, and none overtakes another's job", async () => {
  const before = (await world.snapshots()).length;
  const { operator, approver } = world.tokens;
  const requests = [operator, approver, operator, approver].map((token) => ({ token, id: randomUUID() }));
  const runs = await world.ended(
    await Promise.all(requests.map(({ token, id }) => world.dispatch(token, "snapshot.yml", snapshotInputs(id)))),
  );
  expect(runs.map((run) => run.conclusion)).toEqual(["success", "success", "success", "success"]);
  const inOrder = runs.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  for (const [index, run] of inOrder.entries()) {
    expect(run.startedAt >= (inOrder[index - 1]?.completedAt ?? ""), "one job of the group at a time").toBe(true);
  }
  expect(await world.snapshots()).toHaveLength(before + 4);
  for (const { token, id } of requests) {
    const entries = await world.entriesOf(id);
    expect(entries.map((entry) => entry.kind)).toEqual(SNAPSHOT_KINDS);
    expect(new Set(entries.map((entry) => entry.actor))).toEqual(new Set([token === operator ? "alice" : "bob"]));
  }
});

test("the same request dispatched three times, as retries after lost answers are, is one snapshot and one entry a step", async () => {
  const before = (await world.snapshots()).length;
  const id = randomUUID();
  const runs = await Promise.all([1, 2, 3].map(() => world.dispatch(world.tokens.operator, "snapshot.yml", snapshotInputs(id))));
  expect((await world.ended(runs)).map((run) => run.conclusion)).toEqual(["success", "success", "success"]);
  expect(await world.snapshots()).toHaveLength(before + 1);
  expect(await kindsOf(id)).toEqual(SNAPSHOT_KINDS);
});

test("two operators restore to one new name at once: the first gets it, the other is refused with the reason", async () => {
  const snapshot = (await world.snapshots())[0]?.id ?? "";
  const clusters = await world.clusterIds();
  const [first, second] = [randomUUID(), randomUUID()];
  const runs = await world.ended(
    await Promise.all([
      world.dispatch(world.tokens.operator, "restore.yml", restoreInputs(first, "app-contested", snapshot)),
      world.dispatch(world.tokens.approver, "restore.yml", restoreInputs(second, "app-contested", snapshot)),
    ]),
  );
  expect(runs.map((run) => run.conclusion).sort()).toEqual(["failure", "success"]);
  const loser = runs.find((run) => run.conclusion === "failure")?.title.includes(first) ? first : second;
  expect(await kindsOf(loser)).toEqual(["restore.refused"]);
  expect((await kindsOf(loser === first ? second : first)).at(-1)).toBe("restore.completed");
  expect((await world.entriesOf(loser))[0]?.data.problem).toContain("in use by a cluster that this request did not make");
  expect((await world.clusterIds()).toSorted()).toEqual([...clusters, "app-contested"].toSorted());
});

test("a restore does not wait behind snapshots, and neither loses the other's work", async () => {
  const snapshot = (await world.snapshots())[0]?.id ?? "";
  const [one, other, restore] = [randomUUID(), randomUUID(), randomUUID()];
  const runs = await world.ended(
    await Promise.all([
      world.dispatch(world.tokens.operator, "snapshot.yml", snapshotInputs(one)),
      world.dispatch(world.tokens.operator, "snapshot.yml", snapshotInputs(other)),
      world.dispatch(world.tokens.approver, "restore.yml", restoreInputs(restore, "app-beside", snapshot)),
    ]),
  );
  expect(runs.map((run) => run.conclusion)).toEqual(["success", "success", "success"]);
  const [, , restored] = runs;
  const lastSnapshot = runs.slice(0, 2).toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))[1];
  expect((restored?.startedAt ?? "") < (lastSnapshot?.startedAt ?? ""), "the restore began before the queued snapshot").toBe(true);
  expect((await kindsOf(restore)).at(-1)).toBe("restore.completed");
  for (const id of [one, other]) expect(await kindsOf(id)).toEqual(SNAPSHOT_KINDS);
});
