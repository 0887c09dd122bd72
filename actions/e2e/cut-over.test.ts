/**
 * A restored cluster in the place of the live one, on clusters that are really renamed: carried over, swapped, killed between the two names and run
 * again, and the old one kept where no role of ours can delete it.
 */
import { randomUUID } from "node:crypto";
import { ModifyDBClusterCommand } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../scripts/sandbox/demo-app/database.ts";
import type { AwsRequest, Fault } from "../../scripts/sandbox/rds/aws.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

let world: WorkerWorld;
/** Called with the name that a cluster is to get, when AWS has given it and before it says so. */
let renamed: ((to: string) => boolean) | null = null;

function aws({ action, form }: AwsRequest): Fault | undefined {
  const to = form.NewDBClusterIdentifier;
  return action === "ModifyDBCluster" && to !== undefined && renamed?.(to) ? { kind: "lose-answer" } : undefined;
}

beforeAll(async () => {
  world = await openWorkerWorld({ aws });
});
afterAll(() => world.close());

async function usersIn(cluster: string): Promise<number> {
  const client = await connect({ ...(await world.aws.endpoint(cluster)), ...world.aws.master });
  try {
    return (await client.query<{ count: number }>("select count(*)::int as count from users")).rows[0]?.count ?? -1;
  } finally {
    await client.end();
  }
}

const cluster = async (id: string) => (await world.clusters()).find((each) => each.DBClusterIdentifier === id);
const kindsOf = async (requestId: string) =>
  (await world.entries()).filter((entry) => entry.data.requestId === requestId).map((entry) => entry.kind);

test("the restored one serves under the live one's name, the old one stays beside it, whatever was killed in between", async () => {
  const before = new Date().toISOString();
  const client = await connect({ ...(await world.aws.endpoint("app-prod")), ...world.aws.master });
  await client.query("delete from orders; delete from users where id % 2 = 0");
  await client.end();
  const [damaged, whole] = [await usersIn("app-prod"), 50];
  const restore = { cluster: "app-prod", target: "app-new", snapshot: "", time: before, reason: "Half of the users are gone" };
  expect((await world.run("restore", { ...restore, request_id: randomUUID() })).code).toBe(0);
  await world.rds.send(
    new ModifyDBClusterCommand({ DBClusterIdentifier: "app-prod", EnableIAMDatabaseAuthentication: true, ApplyImmediately: true }),
  );

  const request = { cluster: "app-prod", restored: "app-new", confirm: "app-prod", reason: "It was compared", request_id: randomUUID() };
  const kept = `app-prod-before-${request.request_id.slice(0, 8)}`;
  const early = await world.run("cut-over", { ...request, request_id: randomUUID(), stage: "swap" });
  expect([early.code, early.printed]).toEqual([3, expect.stringContaining("Nothing was carried over")]);
  const prepared = await world.run("cut-over", { ...request, stage: "prepare" });
  expect([prepared.code, prepared.printed]).toEqual([0, expect.stringContaining("iamAuthentication, deletionProtection")]);
  expect(await cluster("app-new")).toMatchObject({ IAMDatabaseAuthenticationEnabled: true, DeletionProtection: true });

  // Both times the name is given, and whoever asked never hears of it.
  for (const name of [kept, "app-prod"]) {
    const victim = world.start("cut-over", { ...request, stage: "swap" });
    renamed = (to) => {
      if (to === name) victim.kill();
      return to === name;
    };
    expect((await victim.done).code).toBeNull();
    renamed = null;
  }
  const swapped = await world.run("cut-over", { ...request, stage: "swap" });
  expect(swapped.code, swapped.printed).toBe(0);
  expect(await kindsOf(request.request_id)).toEqual([
    "cut-over.requested",
    "cut-over.carried",
    "cut-over.old-renamed",
    "cut-over.new-renamed",
    "cut-over.completed",
  ]);
  expect([...(await world.clusterIds())].sort()).toEqual(["app-prod", kept].sort());
  expect([await usersIn("app-prod"), await usersIn(kept)]).toEqual([whole, damaged]);
  expect((await cluster(kept))?.DeletionProtection).toBe(true);
  const tags = ((await cluster("app-prod"))?.TagList ?? []).map((tag) => tag.Key);
  expect(tags.filter((key) => key?.startsWith("holdfast:"))).toEqual([]);

  const again = await world.run("cut-over", { ...request, stage: "swap" });
  expect(again.code, again.printed).toBe(0);
  expect([await usersIn("app-prod"), await usersIn(kept)]).toEqual([whole, damaged]);
});
