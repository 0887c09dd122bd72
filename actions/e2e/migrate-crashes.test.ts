/**
 * A migration and its taking back, killed with SIGKILL at every step and inside their statements, and run again with the same request: the database is as
 * before or as after, everything happened once, and the ledger says which.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fault, Seen } from "../../scripts/sandbox/github/serve.ts";
import { until } from "../../scripts/testing/patience.ts";
import { schemaLines } from "../src/database/migrations/schema-lines.ts";
import { entryId, nameRequest, planIn, REHEARSAL_STEPS, rehearsalIn, TAGS } from "../src/domain/index.ts";
import { type Moment, openFuses } from "./fuses.ts";
import { openWorkerWorld, type WorkerProcess, type WorkerWorld } from "./worker-world.ts";

type Stage = "plan" | "rehearse" | "apply";

// A machine under load takes its time: nothing here may end because somebody waited too long.
const CONFIG = `clusters:
  - id: app-prod
    region: eu-west-1
    database: app
    protect: [users]
    migrations: {directory: db, locks: 30m, statements: 30m}
`;
const FILES = {
  "1_score.sql":
    "create table made (id int); insert into gate values (1); alter table users add column score int; update users set score = 7;",
  "1_score.down.sql": "insert into gate values (2); alter table users drop column score; drop table made;",
  "2_index.sql": "create index concurrently users_by_score on users (score);",
  "2_index.down.sql": "drop index concurrently users_by_score;",
};
/** COMMIT of whoever wrote to it waits for whoever holds the lock 7. */
const GATE = `create table gate (id int);
  create function wait_at_commit() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(7); return null; end $$;
  create constraint trigger gate after insert on gate deferrable initially deferred for each row execute function wait_at_commit()`;
const RUN = "77";
const COMMIT = "c".repeat(40);

let world: WorkerWorld;
let live: pg.Client;
const fuses = openFuses();

/** The run that the workers belong to: asked for by alice, let in by bob once it was rehearsed, its files written by carol. */
let letIn = false;
const TOLD: readonly (readonly [RegExp, unknown])[] = [
  [
    new RegExp(`/actions/runs/${RUN}$`),
    { id: Number(RUN), triggering_actor: { login: "alice" }, run_attempt: 1, html_url: "https://github.example/run" },
  ],
  [new RegExp(`/actions/runs/${RUN}/attempts/1$`), { actor: { login: "alice" }, triggering_actor: { login: "alice" } }],
  [/\/repos\/acme\/holdfast\/commits$/, [{ sha: COMMIT, author: { login: "carol" } }]],
];

const APPROVAL = { state: "approved", user: { login: "bob" }, comment: "Read it", environments: [{ name: "migration-approval" }] };

function github(request: Seen): Fault | undefined {
  if (request.path.endsWith(`/actions/runs/${RUN}/approvals`)) return { kind: "answer", status: 200, json: letIn ? [APPROVAL] : [] };
  const told = request.method === "GET" ? TOLD.find(([path]) => path.test(request.path)) : undefined;
  if (told !== undefined) return { kind: "answer", status: 200, json: told[1] };
  return fuses.burn(request);
}

beforeAll(async () => {
  world = await openWorkerWorld({ github, config: CONFIG });
  mkdirSync(join(world.checkout, "db"));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(world.checkout, "db", name), text);
  live = await connect();
  await live.query(GATE);
  const snapshot = { cluster: "app-prod", reason: "A point to go back to", request_id: randomUUID(), trigger: "manual", app_version: "1" };
  const taken = await world.run("snapshot", snapshot);
  if (taken.code !== 0) throw new Error(taken.printed);
});
afterAll(async () => {
  await live?.end();
  await world?.close();
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ ...(await world.aws.endpoint("app-prod")), ...world.aws.master, ssl: false });
  client.on("error", () => {});
  await client.connect();
  return client;
}

const stateNow = async () => ({
  schema: await schemaLines(live),
  users: (await live.query("select * from users order by id")).rows,
});
const standing = async () =>
  (await live.query<{ version: string; state: string }>("select version, state from holdfast.migrations order by 1")).rows.map(
    ({ version, state }) => `${version} ${state}`,
  );

/** One request: its stages, run to their end or killed on the way. */
function openRequest(undo: { readonly undo?: string } = {}) {
  const requestId: string = randomUUID();
  const inputs = { cluster: "app-prod", reason: "To be killed and asked for again", request_id: requestId, ...undo };
  const begin = async (stage: Stage): Promise<WorkerProcess> => {
    letIn = stage === "apply";
    const entries = await world.entries();
    const digest = stage === "plan" ? "" : (stage === "rehearse" ? planIn(entries, requestId) : rehearsalIn(entries, requestId))?.digest;
    return world.start("migrate", { ...inputs, stage, digest: digest ?? "" }, { GITHUB_RUN_ID: RUN, GITHUB_SHA: COMMIT });
  };
  const killed = async (victim: WorkerProcess, at: string) => {
    const { code, printed } = await victim.done;
    // null is what a process leaves that did not end by itself.
    if (code !== null) throw new Error(`The worker ended with ${code} before ${at}:\n${printed}`);
  };
  return {
    requestId,
    async run(stage: Stage) {
      return (await begin(stage)).done;
    },
    async killAt(stage: Stage, step: string, moment: Moment, of = requestId) {
      const victim = await begin(stage);
      fuses.set(entryId(of, step), moment, () => victim.kill());
      await killed(victim, `it wrote ${step}`);
    },
    /** Killed while `waits` is how the live database sees it waiting for `held`, which is let go of afterwards. */
    async killIn(stage: Stage, waits: RegExp, held: string) {
      const holder = await connect();
      await holder.query(held);
      const victim = await begin(stage);
      await until(`a session waits in ${waits}`, async () => {
        const { rows } = await live.query<{ query: string }>(
          "select query from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        );
        return rows.some(({ query }) => waits.test(query)) ? true : null;
      });
      victim.kill();
      await killed(victim, `it waited in ${waits}`);
      await holder.end();
      await nobodyElse();
    },
    kinds: async () => (await world.entries()).filter(({ data }) => data.requestId === requestId).map(({ kind }) => kind),
  };
}

/** What a killed worker left on the server ends there within a second or two: rolled back, or done. */
async function nobodyElse(): Promise<void> {
  await until("the killed worker's session is over", async () => {
    const { rowCount } = await live.query("select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
    return rowCount === 0 ? true : null;
  });
}

type Request = ReturnType<typeof openRequest>;

async function runs(request: Request, stage: Stage): Promise<void> {
  const { code, printed } = await request.run(stage);
  expect(code, printed).toBe(0);
}

const USERS_IN_USE = "begin; lock table users in row exclusive mode";
const AT_COMMIT = "select pg_advisory_lock(7)";
const TOLD_ONCE = [
  "plan.completed",
  "request.approved",
  "migration.approved",
  "migration.prepared",
  "migration.applied",
  "migration.applied",
  "migration.completed",
];

/** What a migration made for itself is made once. */
async function madeOnce({ requestId, kinds }: Request): Promise<void> {
  expect(await kinds()).toEqual(TOLD_ONCE);
  const own = nameRequest(`snapshot before ${requestId}`);
  const snapshots = (await world.snapshots()).filter(({ TagList }) =>
    TagList?.some(({ Key, Value }) => Key === TAGS.requestId && Value === own),
  );
  expect(snapshots.map(({ Status }) => Status)).toEqual(["available"]);
  for (const id of await world.clusterIds()) if (id !== "app-prod") await world.letGoOfCluster(id);
}

test("a migration killed at every step is applied once; taken back and killed again, everything is as before", async () => {
  const before = await stateNow();
  const request = openRequest();
  const { killAt, killIn } = request;
  await killAt("plan", "planned", "before");
  await runs(request, "plan");

  const rehearsal = nameRequest(`rehearsal ${request.requestId}`);
  // The scratch cluster is changed by then, so nothing can be measured there any more; the job that removes it runs whatever happened.
  await killAt("rehearse", "checked", "before", rehearsal);
  const spoilt = await request.run("rehearse");
  expect([spoilt.code, spoilt.printed]).toEqual([1, expect.stringContaining("interrupted after it had changed the scratch cluster")]);
  for (const id of await world.clusterIds()) if (id !== "app-prod") await world.letGoOfCluster(id);
  await runs(request, "rehearse");
  const rehearsed = (await world.entries()).filter(({ data }) => data.requestId === rehearsal && data.problem === undefined);
  expect(rehearsed.map(({ kind }) => kind)).toEqual(REHEARSAL_STEPS.map(({ kind }) => kind));
  expect(await stateNow()).toEqual(before);

  // What a step has done before its entry is written is done again or found; behind its entry the next one begins.
  await killAt("apply", "approved", "before");
  await killAt("apply", "creating", "after", nameRequest(`snapshot before ${request.requestId}`));
  await killAt("apply", "prepared", "before");
  expect(await stateNow()).toEqual(before);
  await killIn("apply", /alter table users/, USERS_IN_USE);
  expect(await stateNow()).toEqual(before);
  await killIn("apply", /^commit$/, AT_COMMIT);
  await killAt("apply", "applied-1", "before");
  expect(await standing()).toEqual(["1 applied"]);
  await killIn("apply", /create index concurrently/, USERS_IN_USE);
  await killAt("apply", "applied-2", "before");
  await killAt("apply", "completed", "before");
  for (const _again of [1, 2]) await runs(request, "apply");
  expect(await standing()).toEqual(["1 applied", "2 applied"]);
  expect((await live.query("select score, count(*)::int from users group by 1")).rows).toEqual([{ score: 7, count: before.users.length }]);
  expect((await live.query("select indisvalid from pg_index where indexrelid = 'users_by_score'::regclass")).rows).toEqual([
    { indisvalid: true },
  ]);
  expect((await live.query("select id from gate")).rows).toEqual([{ id: 1 }]);
  await madeOnce(request);

  const applied = await stateNow();
  const back = openRequest({ undo: "1" });
  await runs(back, "plan");
  await runs(back, "rehearse");
  expect(await stateNow()).toEqual(applied);
  await back.killIn("apply", /drop index concurrently/, USERS_IN_USE);
  await back.killAt("apply", "applied-2", "before");
  expect(await standing()).toEqual(["1 applied"]);
  await back.killIn("apply", /alter table users/, USERS_IN_USE);
  await back.killIn("apply", /^commit$/, AT_COMMIT);
  await back.killAt("apply", "applied-1", "before");
  await runs(back, "apply");
  expect(await standing()).toEqual([]);
  expect(await stateNow()).toEqual(before);
  expect((await live.query("select id from gate order by 1")).rows).toEqual([{ id: 1 }, { id: 2 }]);
  await madeOnce(back);
});
