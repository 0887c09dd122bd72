/** A rewind as people ask for it, through GitHub: planned, refused, approved, applied; what others wrote stays, and nothing is left behind. */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../scripts/sandbox/demo-app/database.ts";
import { until } from "../../scripts/testing/patience.ts";
import { REWIND_PLAN_STEPS, REWIND_STEPS } from "../src/domain/index.ts";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

let world: SandboxWorld;
let client: pg.Client;
let damage: { readonly at: Date; readonly transaction: string };
/** Every password as it was. */
let hashes: ReadonlyMap<string, string>;

beforeAll(async () => {
  world = await openSandboxWorld({ reviewers: { rewind: ["bob"], preventSelfReview: true } });
  client = await connect(world.sandbox.app.database);
  hashes = await hashesNow();
  damage = await doDamage();
  await client.query("update users set password_hash = 'chosen anew' where id = 7");
  await client.query("update users set display_name = 'Renamed since' where id = 8");
});
afterAll(async () => {
  await client.end();
  await world.close();
});

/** One transaction that gives everybody the same password, and deletes orders. */
async function doDamage(): Promise<typeof damage> {
  await client.query("begin; update users set password_hash = 'sha256$0$changeme'; delete from orders where id in (1, 2)");
  const { rows } = await client.query<typeof damage>("select clock_timestamp() as at, pg_current_xact_id()::text as transaction");
  await client.query("commit");
  const [done] = rows;
  if (done === undefined) throw new Error("the database does not tell the time");
  return done;
}

const ordersNow = async () =>
  (await client.query<{ id: string }>("select id from orders where id <= 3 order by id")).rows.map(({ id }) => id);

async function hashesNow(): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ id: string; password_hash: string }>("select id, password_hash from users");
  return new Map(rows.map((row) => [row.id, row.password_hash]));
}

async function ask(inputs: Readonly<Record<string, string>>) {
  const requestId = inputs.request_id ?? randomUUID();
  const given = {
    cluster: "app-prod",
    mode: "plan",
    tables: "users,orders",
    from: damage.at.toISOString(),
    to: damage.at.toISOString(),
    // Named, because the orders were all made shortly before, in a transaction no smaller than the damage.
    hints: JSON.stringify({ skew: "5s", step: "1ms", deletions: "damage", transactions: [damage.transaction] }),
    reason: "Everybody has the same password",
    request_id: requestId,
    ...inputs,
  };
  return { requestId, run: await world.dispatch(world.tokens.operator, "rewind.yml", given) };
}

async function decide(run: number, state: "approved" | "rejected"): Promise<void> {
  await until("the rewind waits for a person", () => {
    const last = world.sandbox.github
      .runs()
      .find((each) => each.id === run)
      ?.attempts.at(-1);
    return last?.status === "waiting" || last?.status === "completed" ? true : null;
  });
  const url = `${world.sandbox.github.url}/repos/acme/holdfast/actions/runs/${run}/pending_deployments`;
  const headers = { authorization: `Bearer ${world.tokens.approver}`, "content-type": "application/json" };
  const pending: readonly { readonly environment: { readonly id: number } }[] = JSON.parse(await (await fetch(url, { headers })).text());
  const body = JSON.stringify({ environment_ids: pending.map((each) => each.environment.id), state, comment: "Looked at the plan" });
  expect((await fetch(url, { method: "POST", headers, body })).status).toBe(200);
}

async function endOf(run: number, requestId: string) {
  const [ended] = await world.ended([run]);
  const entries = await world.entriesOf(requestId);
  const own = entries.filter((entry) => entry.kind.startsWith("rewind.") && !entry.kind.startsWith("rewind.image-"));
  return { conclusion: ended?.conclusion, kinds: own.map((entry) => entry.kind), entries };
}

// Told in order, because each world takes long to build.
test("a plan counts rows and names keys and columns and shows no value; rejected, nothing changes and no cluster is left", async () => {
  const before = await hashesNow();
  const { run, requestId } = await ask({ mode: "apply", incident: "INC-9" });
  await decide(run, "rejected");
  const { conclusion, kinds, entries } = await endOf(run, requestId);
  expect([conclusion, kinds]).toEqual(["failure", REWIND_PLAN_STEPS.map((step) => step.kind)]);
  const planned = entries.find((entry) => entry.kind === "rewind.planned");
  expect(planned?.data).toMatchObject({
    changed: hashes.size - 1,
    returned: 2,
    asked: 1,
    tables: [
      { table: "public.users", changes: [{ columns: ["password_hash"], rows: hashes.size - 1 }] },
      { table: "public.orders", returned: { rows: 2, keys: [["1"], ["2"]] } },
    ],
    questions: [{ kind: "changed-since", table: "public.users", key: ["7"], columns: ["password_hash"] }],
  });
  expect(planned?.incident).toBe("INC-9");
  expect(JSON.stringify(entries)).not.toContain("sha256$");
  expect(JSON.stringify(entries)).not.toContain("chosen anew");
  expect(await hashesNow()).toEqual(before);
  expect(await world.clusterIds()).toEqual(["app-prod"]);
});

test("another plan than the one that was looked at is refused before anybody is asked", async () => {
  const { run, requestId } = await ask({ mode: "apply", digest: "0".repeat(64) });
  const { conclusion, entries } = await endOf(run, requestId);
  expect(conclusion).toBe("failure");
  expect(entries.at(-1)).toMatchObject({
    kind: "rewind.refused",
    data: { problem: expect.stringContaining("rows have changed meanwhile") },
  });
  expect(await world.clusterIds()).toEqual(["app-prod"]);
});

test("an approved rewind brings back the damaged values alone, once, after a snapshot, and leaves no cluster", async () => {
  const approved = await ask({ mode: "apply" });
  await decide(approved.run, "approved");
  const { conclusion, kinds, entries } = await endOf(approved.run, approved.requestId);
  expect([conclusion, kinds]).toEqual(["success", REWIND_STEPS.map((step) => step.kind)]);
  expect(entries.find((entry) => entry.kind === "rewind.applying")?.data.gate).toBe("environment rewind: bob");
  expect(entries.findLast((entry) => entry.kind === "rewind.completed")?.data).toMatchObject({
    changed: hashes.size - 1,
    returned: 2,
    left: 0,
    unanswered: 1,
    durationSeconds: expect.any(Number),
  });
  expect(await hashesNow()).toEqual(new Map([...hashes, ["7", "chosen anew"]]));
  const { rows } = await client.query("select display_name from users where id = 8");
  expect(rows).toEqual([{ display_name: "Renamed since" }]);
  expect(await ordersNow()).toEqual(["1", "2", "3"]);
  expect(await world.clusterIds()).toEqual(["app-prod"]);
  const guards = (await world.snapshots()).map((each) => each.trigger);
  expect(guards).toEqual(["pre-restore"]);

  const again = await ask({ mode: "apply", request_id: approved.requestId });
  await decide(again.run, "approved");
  expect(await endOf(again.run, approved.requestId)).toMatchObject({ conclusion: "success", kinds });
  expect(await world.snapshots()).toHaveLength(1);
});

test("what a rewind brought back and somebody deleted since is asked about, whatever a second one says of deletions", async () => {
  await client.query("delete from orders where id = 2");
  const { run, requestId } = await ask({ mode: "plan" });
  const { conclusion, entries } = await endOf(run, requestId);
  expect(conclusion).toBe("success");
  expect(entries.find((entry) => entry.kind === "rewind.planned")?.data).toMatchObject({
    changed: 0,
    returned: 0,
    questions: expect.arrayContaining([expect.objectContaining({ kind: "unclear-deletion", table: "public.orders", key: ["2"] })]),
  });
  expect(await ordersNow()).toEqual(["1", "3"]);
});
