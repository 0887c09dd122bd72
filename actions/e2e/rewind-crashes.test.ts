/**
 * The rewind's worker killed with SIGKILL right after each entry of its steps, one after the other, and before and after those around its one
 * transaction; run again with the same request it makes two scratch clusters, one snapshot and one change.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { entryId, REWIND_IMAGE_STEPS, REWIND_STEPS, TAGS } from "../src/domain/index.ts";
import { type Moment, openFuses } from "./fuses.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

const CONFIG = `clusters:
  - id: app-prod
    region: eu-west-1
    database: app
approvals: {required: 0}
`;

let world: WorkerWorld;
let client: pg.Client;
const fuses = openFuses();

beforeAll(async () => {
  world = await openWorkerWorld({ github: fuses.burn, config: CONFIG });
  client = new pg.Client({ ...(await world.aws.endpoint("app-prod")), ...world.aws.master, ssl: false });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await world.close();
});

async function rowsNow() {
  const { rows } = await client.query("select * from users order by id");
  return rows;
}

test("a rewind killed at every step of its plan and around its transaction happens once", async () => {
  const before = await rowsNow();
  const from = new Date().toISOString();
  await client.query("update users set password_hash = 'everybody the same'");
  const requestId = randomUUID();
  const inputs = {
    cluster: "app-prod",
    mode: "apply",
    tables: "users",
    from,
    to: new Date().toISOString(),
    hints: '{"skew":"5s","step":"1ms"}',
    reason: "To be killed and asked for again",
    request_id: requestId,
  };
  const killAt = async (stage: object, step: string, moment: Moment) => {
    // The two images are made side by side: what the other one has written meanwhile is written.
    if ((await world.entries()).some((entry) => entry.id === entryId(requestId, step))) return;
    const victim = world.start("rewind", { ...inputs, ...stage });
    fuses.set(entryId(requestId, step), moment, () => victim.kill());
    const { code, printed } = await victim.done;
    // null is what a process leaves that did not end by itself.
    if (code !== null) throw new Error(`The worker ended with ${code} before it wrote ${step}:\n${printed}`);
  };

  const plan = { stage: "plan" };
  await killAt(plan, "requested", "after");
  for (const image of ["before1", "after1"])
    for (const step of ["cluster-creating", "instance-creating", "completed"]) await killAt(plan, `${image}-${step}`, "after");
  for (const step of ["imaged", "planned"]) await killAt(plan, step, "after");
  const planned = await world.run("rewind", { ...inputs, ...plan });
  expect(planned.code, planned.printed).toBe(0);

  const digest = (await world.entries()).find((entry) => entry.id === entryId(requestId, "planned"))?.data.digest;
  const apply = { stage: "apply", digest: String(digest) };
  for (const step of ["guarding", "guarded"]) await killAt(apply, step, "after");
  // The transaction lies between these two.
  await killAt(apply, "applying", "after");
  await killAt(apply, "applied", "before");
  expect(await rowsNow()).toEqual(before);
  // The job that removes runs whatever happened, so the next attempt has to make its images again and finds nothing left to do.
  for (const id of await world.clusterIds()) if (id !== "app-prod") await world.letGoOfCluster(id);
  const anew = await world.run("rewind", { ...inputs, ...plan });
  expect(anew.code, anew.printed).toBe(0);
  await killAt(apply, "applied", "after");
  await killAt(apply, "verified", "after");
  const applied = await world.run("rewind", { ...inputs, ...apply });
  expect(applied.code, applied.printed).toBe(0);

  expect(await rowsNow()).toEqual(before);
  const own = (await world.entries()).filter((entry) => entry.data.requestId === requestId);
  const images = own.filter((entry) => entry.kind.startsWith("rewind.image-"));
  expect(images).toHaveLength(2 * REWIND_IMAGE_STEPS.length);
  expect(own.filter((entry) => !images.includes(entry)).map((entry) => entry.kind)).toEqual(REWIND_STEPS.map((step) => step.kind));
  const scratch = (await world.clusters()).filter((each) =>
    each.TagList?.some((tag) => tag.Key === TAGS.requestId && tag.Value === requestId),
  );
  expect(scratch.map((each) => each.DBClusterMembers?.length)).toEqual([1, 1]);
  expect(await world.snapshotIds()).toHaveLength(1);

  // Its scratch clusters gone, a request that is over stays over.
  const again = await world.run("rewind", { ...inputs, ...plan });
  expect(again.code, again.printed).toBe(0);
});
