import { describe, expect, test } from "vitest";
import { ApiFailure } from "./api-failure.ts";
import { type DispatchPorts, dispatchOnce, type Order, type SentNote } from "./dispatch.ts";
import type { Run } from "./github.ts";

const NOW = new Date("2026-11-20T14:03:07Z");
const order = (requestId: string): Order => ({ work: "restore", lane: "app-prod", requestId, inputs: { request_id: requestId } });
const FIRST = order("3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871");
const OTHER = order("9b3e9f66-5b71-4b2a-8cd5-ba5e05cfb4ca");
const failure = (status: number | null) =>
  new ApiFailure({ status, endpoint: "POST dispatches", message: "as GitHub says", retryAt: null });

function runOf({ requestId }: Order, status = "in_progress"): Run {
  return {
    id: 1,
    title: `restore app-prod → copy (request ${requestId})`,
    status,
    conclusion: null,
    actor: "alice",
    createdAt: NOW,
    startedAt: NOW,
    updatedAt: NOW,
    url: "https://x.test/1",
  };
}

/** A GitHub that lists what it was sent, and one browser's memory; both are shared by the tabs under test. */
function world(options: { readonly answer?: ApiFailure; readonly starts?: boolean; readonly lists?: boolean } = {}) {
  const { answer, starts = true, lists = true } = options;
  const runs: Run[] = [];
  const sent: string[] = [];
  const notes = new Map<string, SentNote>();
  let queue: Promise<unknown> = Promise.resolve();
  const ports: DispatchPorts = {
    github: {
      runs: async () => (lists ? [...runs] : []),
      dispatch: async (_, __, inputs) => {
        const requestId = inputs.request_id ?? "";
        sent.push(requestId);
        if (starts) runs.push(runOf(order(requestId)));
        if (answer) throw answer;
        return { runId: 1, url: "https://x.test/1" };
      },
    },
    branch: "production",
    isComplete: () => false,
    now: () => NOW,
    wait: async () => undefined,
    alone: (_, task) => {
      const next = queue.then(task);
      queue = next.catch(() => undefined);
      return next;
    },
    readNote: (name) => notes.get(name) ?? null,
    writeNote: (name, note) => (note === null ? notes.delete(name) : notes.set(name, note)),
  };
  return { ports, runs, sent, notes };
}

test("an order is sent once and its run is linked", async () => {
  const { ports, sent } = world();
  expect(await dispatchOnce(ports, FIRST, null)).toEqual({ kind: "sent", url: "https://x.test/1" });
  expect(sent).toEqual([FIRST.requestId]);
});

describe("never twice", () => {
  test("the same order again finds its run", async () => {
    const { ports, sent } = world();
    await dispatchOnce(ports, FIRST, null);
    expect((await dispatchOnce(ports, FIRST, null)).kind).toBe("found");
    expect(sent).toHaveLength(1);
  });

  test("two tabs at the same moment, even while GitHub does not list the run yet", async () => {
    const { ports, sent } = world({ lists: false });
    const outcomes = await Promise.all([dispatchOnce(ports, FIRST, null), dispatchOnce(ports, OTHER, null)]);
    expect(outcomes.map((each) => each.kind)).toEqual(["sent", "busy"]);
    expect(sent).toHaveLength(1);
  });

  test("another person's run keeps mine from being sent, until I have seen it", async () => {
    const { ports, runs, sent } = world();
    runs.push(runOf(OTHER));
    expect(await dispatchOnce(ports, FIRST, null)).toMatchObject({ kind: "busy", requestId: OTHER.requestId });
    expect(sent).toHaveLength(0);
    expect((await dispatchOnce(ports, FIRST, OTHER.requestId)).kind).toBe("sent");
  });

  test("a run that only tidies up after complete work does not stand in the way", async () => {
    const { ports, runs } = world();
    runs.push(runOf(OTHER));
    const complete = { ...ports, isComplete: (requestId: string) => requestId === OTHER.requestId };
    expect((await dispatchOnce(complete, FIRST, null)).kind).toBe("sent");
  });

  test("finished work does not stand in the way", async () => {
    const { ports, runs } = world();
    runs.push(runOf(OTHER, "completed"));
    expect((await dispatchOnce(ports, FIRST, null)).kind).toBe("sent");
  });
});

describe("a lost answer", () => {
  test.each([null, 502])("(%s) is not an error when the run is there", async (status) => {
    const { ports, sent } = world({ answer: failure(status) });
    expect((await dispatchOnce(ports, FIRST, null)).kind).toBe("found");
    expect(sent).toHaveLength(1);
  });

  test("without a run stays unknown; looking again finds what came late and sends nothing", async () => {
    const { ports, runs, sent } = world({ answer: failure(null), starts: false });
    expect((await dispatchOnce(ports, FIRST, null)).kind).toBe("unknown");
    runs.push(runOf(FIRST));
    expect((await dispatchOnce(ports, FIRST, null)).kind).toBe("found");
    expect(sent).toHaveLength(1);
  });
});

test("a refusal starts nothing and leaves no note behind", async () => {
  const { ports, notes } = world({ answer: failure(422), starts: false });
  expect(await dispatchOnce(ports, FIRST, null)).toMatchObject({ kind: "refused", failure: { kind: "conflict" } });
  expect(notes.size).toBe(0);
});

test("where the runs cannot be read nothing is sent", async () => {
  const { ports, sent } = world();
  const blind = { ...ports, github: { ...ports.github, runs: () => Promise.reject(failure(403)) } };
  expect(await dispatchOnce(blind, FIRST, null)).toMatchObject({ kind: "refused", failure: { kind: "permission" } });
  expect(sent).toHaveLength(0);
});
