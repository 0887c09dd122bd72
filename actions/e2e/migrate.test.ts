/** The whole story of migrations: planned, rehearsed, rejected, corrected, approved by somebody else, snapshotted, applied; and what must never be. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { until } from "../../scripts/testing/patience.ts";
import { planIn, rehearsalIn } from "../src/domain/index.ts";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

let world: SandboxWorld;
let live: pg.Client;

beforeAll(async () => {
  world = await openSandboxWorld();
  const { aws } = world.sandbox;
  live = new pg.Client({ ...(await aws.endpoint("app-prod")), ...aws.master, ssl: false });
  await live.connect();
  const snapshot = {
    cluster: "app-prod",
    reason: "So that there is a recovery point",
    request_id: randomUUID(),
    trigger: "manual",
    app_version: "1",
  };
  await world.ended([await world.dispatch(world.tokens.operator, "snapshot.yml", snapshot)]);
});
afterAll(async () => {
  await live?.end();
  await world?.close();
});

const folder = "docs/examples/migrations";
const rows = async () => ({
  users: (await live.query("select * from users order by id")).rows,
  orders: (await live.query("select * from orders order by id")).rows,
});

const attemptOf = (id: number) =>
  world.sandbox.github
    .runs()
    .find((run) => run.id === id)
    ?.attempts.at(-1);

async function ask(token: string, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${world.sandbox.github.url}/repos/acme/holdfast/actions/runs/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Until the run waits for people, or is over. */
async function planned(
  reason: string,
  undo: { readonly undo?: string } = {},
): Promise<{ readonly id: number; readonly requestId: string; readonly status: string }> {
  const requestId = randomUUID();
  const id = await world.dispatch(world.tokens.operator, "migrate.yml", { cluster: "app-prod", reason, request_id: requestId, ...undo });
  const status = await until("the plan waits for people", () => {
    const now = attemptOf(id);
    const removed = now?.jobs.find(({ name }) => name === "remove")?.status === "completed";
    return now?.status === "completed" || (now?.status === "waiting" && removed) ? now.status : null;
  });
  return { id, requestId, status };
}

async function decide(id: number, state: "approved" | "rejected", comment = "I have read it"): Promise<string | null | undefined> {
  const waiting = z
    .array(z.object({ environment: z.object({ id: z.number() }) }))
    .parse(await ask(world.tokens.approver, "GET", `${id}/pending_deployments`));
  const environment_ids = waiting.map(({ environment }) => environment.id);
  await ask(world.tokens.approver, "POST", `${id}/pending_deployments`, { environment_ids, state, comment });
  return (await world.ended([id]))[0]?.conclusion;
}

const kindsOf = async (requestId: string) => (await world.entriesOf(requestId)).map(({ kind }) => kind);

test("a dangerous migration is shown for what it does, also by its rehearsal, and whoever may reject it leaves everything as it was", async () => {
  await world.commitAs("alice", { [`${folder}/0002_mark_old_orders.sql`]: "update orders set status = 'archived';\n" });
  const before = await rows();
  const { id, requestId, status } = await planned("Old orders are to be marked");
  expect(status).toBe("waiting");
  const entries = await world.entries();
  const plan = planIn(entries, requestId);
  expect(plan).toMatchObject({
    verdict: "destroys-data",
    authors: ["alice"],
    migrations: [
      { file: "0001_index_orders_by_time.sql", mode: "alone" },
      {
        file: "0002_mark_old_orders.sql",
        statements: [{ verdict: "destroys-data", rows: { expected: before.orders.length, from: "explain" } }],
      },
    ],
  });
  expect(rehearsalIn(entries, requestId)?.ran).toMatchObject([
    { version: "1" },
    { rows: [before.orders.length], changes: [{ table: "public.orders", updated: before.orders.length }], checks: expect.any(Array) },
  ]);
  expect(await world.clusterIds()).toEqual(["app-prod"]);
  expect(await decide(id, "rejected", "That marks every order, new ones too")).toBe("failure");
  expect(await rows()).toEqual(before);
  expect(await kindsOf(requestId)).toEqual(["plan.completed"]);
});

test("corrected and approved by somebody else, it is snapshotted, applied and checked; the same request again does nothing", async () => {
  const sql = "update orders set status = 'archived' where id <= 20;\n";
  await world.commitAs("alice", { [`${folder}/0002_mark_old_orders.sql`]: sql });
  const { id, requestId } = await planned("Old orders are to be marked");
  const conclusion = await decide(id, "approved");
  expect([conclusion, (await world.entriesOf(requestId)).at(-1)?.data.problem]).toEqual(["success", undefined]);
  expect((await live.query("select from orders where status = 'archived'")).rowCount).toBe(20);
  expect((await live.query("select indisvalid from pg_index where indexrelid = 'orders_by_time'::regclass")).rows).toEqual([
    { indisvalid: true },
  ]);
  expect(await kindsOf(requestId)).toEqual([
    "plan.completed",
    "request.approved",
    "migration.approved",
    "migration.prepared",
    "migration.applied",
    "migration.applied",
    "migration.completed",
  ]);
  const completed = (await world.entriesOf(requestId)).at(-1);
  expect((await world.snapshots()).filter(({ trigger }) => trigger === "pre-migration").map((each) => each.id)).toEqual([
    completed?.data.snapshot,
  ]);
  expect((await world.entriesOf(requestId)).find(({ kind }) => kind === "migration.approved")?.data).toMatchObject({
    approvers: ["bob"],
    authors: ["alice"],
  });

  const again = await planned("There is nothing left to do");
  expect(again.status).toBe("completed");
  expect(await kindsOf(again.requestId)).toEqual(["plan.completed"]);
});

/** By a run that this person starts. */
async function approve(login: string, digest: string): Promise<string | null | undefined> {
  const token = world.sandbox.github.createToken({ login, permissions: { actions: "write" } });
  const none = { rule: "", app: "", key: "", severity: "", until: "" };
  const inputs = { action: "approve", subject: digest, ...none, reason: "The rehearsal changed twenty orders", request_id: randomUUID() };
  return (await world.ended([await world.dispatch(token, "respond.yml", inputs)]))[0]?.conclusion;
}

test("what was applied is taken back later by the file beside it, approved by two in both ways, counted from GitHub, and is pending again", async () => {
  const nowhere = await planned("Old orders are wanted back", { undo: "2" });
  const refused = (await world.entriesOf(nowhere.requestId)).at(-1);
  expect([refused?.kind, refused?.data.problem]).toEqual([
    "plan.refused",
    expect.stringMatching(/0002_mark_old_orders.down.sql: found no such file; allowed: .*restore or rewind to the second before it/),
  ]);
  const back = "update orders set status = 'open' where status = 'archived';\n";
  const config = await readFile(fileURLToPath(new URL("../../holdfast.yml", import.meta.url)), "utf8");
  await world.commitAs("alice", {
    [`${folder}/0002_mark_old_orders.down.sql`]: back,
    "holdfast.yml": `${config}approvals: { required: 2, migrations: dispatch }\n`,
  });
  const { id, requestId, status } = await planned("Old orders are wanted back", { undo: "2" });
  expect(status).toBe("waiting");
  const entries = await world.entries();
  expect(planIn(entries, requestId)).toMatchObject({
    undo: "2",
    authors: ["alice"],
    migrations: [{ version: "2", file: "0002_mark_old_orders.down.sql", statements: [{ verdict: "may-destroy-data" }] }],
  });
  expect(rehearsalIn(entries, requestId)?.ran).toMatchObject([{ version: "2", rows: [20] }]);

  // One of the two who must agree lets the waiting job in, the other approves by a run of their own.
  expect(await decide(id, "approved")).toBe("failure");
  const tooFew = (await world.entriesOf(requestId)).at(-1);
  expect([tooFew?.kind, tooFew?.data.problem]).toEqual(["migration.refused", "2 must agree, and bob did."]);
  const digest = rehearsalIn(await world.entries(), requestId)?.digest ?? "";
  expect([await approve("alice", digest), await approve("holdfast-collector", digest)]).toEqual(["failure", "success"]);
  await ask(world.tokens.operator, "POST", `${id}/rerun`);
  await until("the second attempt waits", () => (attemptOf(id)?.number === 2 && attemptOf(id)?.status === "waiting" ? true : null));
  expect(await decide(id, "approved")).toBe("success");
  expect((await live.query("select from orders where status = 'archived'")).rowCount).toBe(0);
  const own = (await world.entriesOf(requestId)).filter(({ kind }) => kind.startsWith("migration.") && kind !== "migration.refused");
  expect(own.map(({ kind }) => kind)).toEqual(["migration.approved", "migration.prepared", "migration.applied", "migration.completed"]);
  expect(own.every(({ data }) => data.undo === "2")).toBe(true);
  expect(own[0]?.data.approvers).toEqual(["bob", "holdfast-collector"]);
  const history = "select version from holdfast.migrations union all select 'undone ' || version from holdfast.undone order by 1";
  expect((await live.query(history)).rows).toEqual([{ version: "1" }, { version: "undone 2" }]);
  await world.commitAs("alice", { "holdfast.yml": config });
});

test("nobody approves what they wrote, and what changed between approval and application is not applied", async () => {
  await world.commitAs("bob", { [`${folder}/0003_phone.sql`]: "alter table users add column phone text;\n" });
  const before = await rows();
  const { id, requestId } = await planned("Phones are wanted by the shop");
  await live.query("alter table orders add column sneaked int");
  expect(await decide(id, "approved")).toBe("failure");
  const changed = (await world.entriesOf(requestId)).at(-1);
  expect([changed?.kind, changed?.data.problem]).toEqual(["migration.refused", expect.stringContaining("is not what stands now")]);

  await live.query("alter table orders drop column sneaked");
  await ask(world.tokens.operator, "POST", `${id}/rerun`);
  await until("the second attempt waits", () => (attemptOf(id)?.number === 2 && attemptOf(id)?.status === "waiting" ? true : null));
  expect(await decide(id, "approved")).toBe("failure");
  const refused = (await world.entriesOf(requestId)).at(-1);
  expect([refused?.kind, refused?.data.problem]).toEqual(["migration.refused", "1 must agree, and nobody did; not counted: bob wrote it."]);
  expect(await rows()).toEqual(before);
});
