/** What people decided about waiting runs is in the ledger: written by the run that was let in, or by the next one where none was. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { type Faults, openFaults } from "../../scripts/sandbox/faults/arm-faults.ts";
import { until } from "../../scripts/testing/patience.ts";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

const INCIDENT = "INC-2026-11-20";
/** GitHub without its history of reviews, as long as `forgetful`. */
let forgetful = false;
const faults: Faults = {
  ...openFaults(),
  github: async ({ path }) =>
    forgetful && path.endsWith("/approvals") ? { kind: "answer", status: 403, json: { message: "Not for you" } } : undefined,
};
let world: SandboxWorld;
let snapshot: string;

beforeAll(async () => {
  world = await openSandboxWorld({ reviewers: { restore: ["bob"], cutOver: ["bob"], preventSelfReview: true }, faults });
  await takeSnapshot();
  snapshot = (await world.snapshots())[0]?.id ?? "";
});
afterAll(() => world.close());

async function takeSnapshot(): Promise<void> {
  const inputs = { cluster: "app-prod", reason: "Because of a test of decisions", trigger: "manual", app_version: "1" };
  const id = await world.dispatch(world.tokens.operator, "snapshot.yml", { ...inputs, request_id: randomUUID() });
  expect((await world.ended([id]))[0]?.conclusion).toBe("success");
}

async function askForRestore(target: string): Promise<{ readonly id: number; readonly requestId: string }> {
  const requestId = randomUUID();
  const inputs = { cluster: "app-prod", target, snapshot, time: "", reason: "Prices look wrong since noon", request_id: requestId };
  const id = await world.dispatch(world.tokens.operator, "restore.yml", { ...inputs, incident: INCIDENT });
  await until("the run waits for a decision", () => (attemptOf(id)?.status === "waiting" ? true : null));
  return { id, requestId };
}

const attemptOf = (id: number) =>
  world.sandbox.github
    .runs()
    .find((run) => run.id === id)
    ?.attempts.at(-1);

async function ask(login: keyof typeof world.tokens, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${world.sandbox.github.url}/repos/acme/holdfast/actions/runs/${path}`, {
    method,
    headers: { authorization: `Bearer ${world.tokens[login]}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function decide(id: number, state: "approved" | "rejected", comment: string): Promise<void> {
  await answer(id, state, comment);
  await world.ended([id]);
}

async function answer(id: number, state: "approved" | "rejected", comment: string): Promise<void> {
  const waiting = z
    .array(z.object({ environment: z.object({ id: z.number() }) }))
    .parse(await ask("approver", "GET", `${id}/pending_deployments`));
  const environment_ids = waiting.map(({ environment }) => environment.id);
  await ask("approver", "POST", `${id}/pending_deployments`, { environment_ids, state, comment });
}

const told = async (requestId: string) => {
  const entries = await world.entriesOf(requestId);
  return entries.filter((entry) => entry.kind.startsWith("request."));
};

test("a restore that was let in says by whom, why and for which environment, before its first step", async () => {
  const { id, requestId } = await askForRestore("app-approved");
  await decide(id, "approved", "Right cluster, right second");
  const [approval, first, ...rest] = await world.entriesOf(requestId);
  expect(approval).toMatchObject({
    kind: "request.approved",
    actor: "bob",
    reason: "Right cluster, right second",
    incident: INCIDENT,
    data: { work: "restore", environments: ["restore"], ofRun: `${id}/1` },
  });
  expect(first).toMatchObject({ kind: "restore.requested", actor: "alice" });
  expect(rest.at(-1)?.kind).toBe("restore.completed");
});

test("a rejected restore, and one cancelled while it waited, are told of by the next worker, once", async () => {
  const rejected = await askForRestore("app-rejected");
  await decide(rejected.id, "rejected", "The damage is elsewhere");
  const cancelled = await askForRestore("app-cancelled");
  await ask("operator", "POST", `${cancelled.id}/cancel`);
  await world.ended([cancelled.id]);
  expect(await world.entriesOf(rejected.requestId)).toEqual([]);

  await takeSnapshot();
  await takeSnapshot();
  expect(await world.entriesOf(rejected.requestId)).toMatchObject([
    {
      kind: "request.rejected",
      actor: "bob",
      reason: "The damage is elsewhere",
      incident: INCIDENT,
      data: { work: "restore", askedBy: "alice", environments: ["restore"], title: expect.stringContaining("→ app-rejected from") },
    },
  ]);
  expect(await world.entriesOf(cancelled.requestId)).toMatchObject([
    { kind: "request.lapsed", actor: "alice", incident: INCIDENT, data: { conclusion: "cancelled" } },
  ]);
  expect(await world.clusterIds()).not.toEqual(expect.arrayContaining(["app-rejected"]));
});

test("a cut-over whose swap is rejected was prepared and is over, and the next worker says so", async () => {
  const requestId = randomUUID();
  const inputs = { cluster: "app-prod", restored: "app-approved", confirm: "app-prod", reason: "Prices are right in the restored one" };
  const id = await world.dispatch(world.tokens.operator, "cut-over.yml", { ...inputs, request_id: requestId, incident: INCIDENT });
  await until("the first job waits for a decision", () => (attemptOf(id)?.status === "waiting" ? true : null));
  await answer(id, "approved", "Carry over what the live one has");
  await until("the second job waits for a decision", async () =>
    (await world.entriesOf(requestId)).some(({ kind }) => kind === "cut-over.carried") && attemptOf(id)?.status === "waiting" ? true : null,
  );
  await decide(id, "rejected", "The writes are not stopped");
  await takeSnapshot();
  const kinds = (await world.entriesOf(requestId)).map(({ kind }) => kind);
  expect(kinds).toEqual(["request.approved", "cut-over.requested", "cut-over.carried", "request.rejected"]);
  expect(await world.clusterIds()).toEqual(expect.arrayContaining(["app-prod", "app-approved"]));
});

test("a run that is started again after a rejection and let in tells both decisions", async () => {
  const { id, requestId } = await askForRestore("app-second-thoughts");
  await decide(id, "rejected", "Not before noon");
  await ask("operator", "POST", `${id}/rerun`);
  await until("the second attempt waits", () => (attemptOf(id)?.number === 2 && attemptOf(id)?.status === "waiting" ? true : null));
  await decide(id, "approved", "Now it is right");
  const decisions = await told(requestId);
  expect(decisions.map(({ kind, reason }) => [kind, reason]).toSorted()).toEqual([
    ["request.approved", "Now it is right"],
    ["request.rejected", "Not before noon"],
  ]);
  expect((await world.entriesOf(requestId)).at(-1)?.kind).toBe("restore.completed");
});

test("where GitHub does not tell who approved, the restore goes on and the ledger says that it is not known", async () => {
  forgetful = true;
  const { id, requestId } = await askForRestore("app-unread");
  await decide(id, "approved", "Right cluster, right second");
  forgetful = false;
  const [unread, ...steps] = await world.entriesOf(requestId);
  expect(unread).toMatchObject({
    kind: "request.reviews-unread",
    actor: "alice",
    data: { problem: expect.stringContaining("Not for you") },
  });
  expect(steps.at(-1)?.kind).toBe("restore.completed");
});
