import { readFile } from "node:fs/promises";
import { installSql } from "@holdfast/actions/domain";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { commitAs } from "../../actions/e2e/commit-as.ts";
import { connect } from "../../scripts/sandbox/demo-app/database.ts";
import { PATIENCE, RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { openPageWorld, type PageWorld, problemsOf, signIn } from "./page-world.ts";
import { openPlanter } from "./plant.ts";

let world: PageWorld;
let alice: Page;
let bob: Page;

const LONG = { timeout: RUN_PATIENCE.timeout };
const main = (page: Page) => page.getByRole("main");

async function takeSnapshot(): Promise<void> {
  const url = `${world.sandbox.github.url}/repos/acme/holdfast/actions/workflows/snapshot.yml/dispatches`;
  const inputs = {
    cluster: "app-prod",
    reason: "A point to go back to",
    request_id: crypto.randomUUID(),
    trigger: "manual",
    app_version: "1",
  };
  await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${world.tokens.operator}`, "content-type": "application/json" },
    body: JSON.stringify({ ref: "production", inputs }),
  });
  await vi.waitFor(() => {
    const run = world.sandbox.github.runs().find(({ path }) => path.endsWith("/snapshot.yml"));
    expect(run?.attempts[0]?.conclusion).toBe("success");
  }, PATIENCE);
}

/** As a migration that went through the gate earlier would have: plans find it. */
async function guardOrders(): Promise<void> {
  const owner = await connect(world.sandbox.app.owner);
  const limits = { rows: 90_000, windowRows: 90_000, windowSeconds: 60, percent: null, leastRows: 10, observe: false };
  await owner.query(installSql({ tables: [{ schema: "public", name: "orders" }], limits, versionColumn: null }));
  await owner.end();
}

beforeAll(async () => {
  world = await openPageWorld();
  // Whoever lets the waiting job in counts as before; runs of respond.yml by others count besides.
  const config = `${await readFile(new URL("../../holdfast.yml", import.meta.url), "utf8")}approvals: { migrations: dispatch }\n`;
  await openPlanter(world).promote({ "holdfast.yml": config, "actions/dist/config.json": JSON.stringify(parse(config)) });
  await guardOrders();
  await takeSnapshot();
  alice = await world.open();
  bob = await world.open();
  await signIn(alice, world, world.tokens.operator);
  await signIn(bob, world, world.tokens.approver);
});
afterAll(() => world?.close());

const FILE = "docs/examples/migrations/0001_index_orders_by_time.sql";

async function planPending(reason: string): Promise<void> {
  await alice.getByRole("link", { name: "Migrations", exact: true }).click();
  await main(alice).getByText("It waits for bob, never whoever asked").waitFor(LONG);
  await alice.getByRole("button", { name: "Plan what is pending" }).click();
  await alice.getByLabel("Reason").fill(reason);
  await alice.getByRole("button", { name: "Plan and rehearse" }).click();
  await alice.getByRole("heading", { level: 1, name: "Migrate app-prod" }).waitFor(LONG);
}

test("a dangerous migration is shown for what it would do and did in its rehearsal, and rejected; nothing is changed by it", async () => {
  const right = await readFile(FILE, "utf8");
  await commitAs(world.sandbox, "alice", { [FILE]: "update orders set status = 'archived';\n" });
  await planPending("Old orders are to be marked");
  await bob.getByRole("link", { name: "Migrations", exact: true }).click();
  await main(bob).getByText("waiting for a decision").waitFor(LONG);
  await main(bob).getByRole("link", { name: "Migrate app-prod" }).first().click();
  await main(bob).getByText("line 1: destroys data").waitFor(LONG);
  await main(bob)
    .getByText(/^Rows at risk: about 20,000/)
    .waitFor(LONG);
  const rehearsed = main(bob).getByRole("article", { name: "Rehearsal of 1" });
  await rehearsed.getByRole("row", { name: /^orders 0 20000 0 20000 20000/ }).waitFor(LONG);
  await bob.getByLabel("Comment").fill("That marks every order, new ones too");
  await bob.getByRole("button", { name: "Reject" }).click();
  await main(alice).getByText("Rejected by bob: That marks every order, new ones too").waitFor(LONG);
  const app = await connect(world.sandbox.app.database);
  expect((await app.query("select from orders where status = 'archived'")).rowCount).toBe(0);
  await app.end();
  await commitAs(world.sandbox, "alice", { [FILE]: right });
});

test("what is pending is asked for, judged on one screen by somebody else, approved, and leads back to the second before", async () => {
  await alice.getByRole("link", { name: "Migrations", exact: true }).click();
  expect(await problemsOf(alice)).toEqual([]);
  await planPending("Orders are listed too slowly");

  // Bob's own page, which nobody touches: it hears of it by itself.
  await bob.getByRole("link", { name: "Migrations", exact: true }).click();
  await main(bob).getByText("waiting for a decision").waitFor(LONG);
  await main(bob).getByRole("link", { name: "Migrate app-prod" }).first().click();
  await main(bob).getByText("CREATE INDEX CONCURRENTLY orders_by_time ON orders (created_at)").waitFor(LONG);
  await main(bob).getByRole("article", { name: "Rehearsal of 1" }).waitFor(LONG);
  for (const words of [
    "Orders are listed too slowly",
    "Last snapshot",
    "Last drill",
    "Maintenance window",
    "Runs alone",
    "users not empty: held before, holds after",
  ])
    await main(bob).getByText(words).first().waitFor(LONG);
  expect(await problemsOf(bob)).toEqual([]);
  await bob.getByLabel("Comment").fill("The rehearsal changed no row");
  await bob.getByRole("button", { name: "Approve", exact: true }).click();

  await main(bob).getByRole("heading", { name: "The way back" }).waitFor(LONG);
  await main(bob).getByText("Applied and checked").waitFor(LONG);
  await main(bob).getByRole("link", { name: "Restore the second before…" }).click();
  await main(bob).getByText("The second before the migration").first().waitFor(LONG);

  // Later, it is taken back from its own page.
  await main(alice).getByText("Applied and checked").waitFor(LONG);
  await main(alice).getByRole("button", { name: "Plan to take it back" }).click();
  await alice.getByRole("dialog").getByText("0001_index_orders_by_time.sql").first().waitFor(LONG);
  expect(await problemsOf(alice)).toEqual([]);
  await alice.getByRole("dialog").getByLabel("Reason").fill("The index slows every order down");
  await alice.getByRole("button", { name: "Plan and rehearse" }).click();
  await main(alice).getByRole("heading", { level: 1, name: "Take 1 and newer back from app-prod" }).waitFor(LONG);
  await main(alice).getByText("DROP INDEX CONCURRENTLY orders_by_time").waitFor(LONG);
  await main(alice).getByText("exactly as before it was applied").waitFor(LONG);
  await main(alice).getByRole("button", { name: "Approve what was rehearsed" }).waitFor(LONG);
  await main(alice).getByText("somebody else has to approve it").waitFor(LONG);
  expect(await problemsOf(alice)).toEqual([]);

  await bob.getByRole("link", { name: "Migrations", exact: true }).click();
  await main(bob).getByText("others approve a migration by runs of respond.yml").waitFor(LONG);
  await main(bob).getByRole("link", { name: "Take 1 and newer back from app-prod" }).first().click();
  await main(bob).getByText("nobody yet").waitFor(LONG);
  await main(bob).getByLabel("Reason").fill("The rehearsal removed the index and nothing else");
  await main(bob).getByRole("button", { name: "Approve what was rehearsed" }).click();
  await main(bob).getByText("Approved by: bob").waitFor(LONG);
});

test("which guards stand is seen, and the migration that overrides one is written, number, file and text", async () => {
  await alice.getByRole("link", { name: "Migrations", exact: true }).click();
  await main(alice).getByRole("link", { name: "Guards" }).click();
  const guarded = main(alice).getByRole("list", { name: "Guarded tables" });
  await guarded.getByText("Refuses to change more than 90000 rows in one transaction").waitFor(LONG);
  await alice.getByRole("button", { name: "Let a change pass on public.orders" }).click();
  await main(alice).getByText("Reason is missing.").waitFor(LONG);
  await alice.getByLabel("Rows").fill("none");
  await main(alice).getByText('Rows is "none"; allowed: a whole number from 1 to 999999999999.').first().waitFor(LONG);
  expect(await problemsOf(alice)).toEqual([]);

  await alice.getByLabel("Rows").fill("12000");
  await alice.getByLabel("Reason").fill("CHG-1042: archive of 2020");
  // The one of this story that was applied before is the first.
  await main(alice)
    .getByText(/\/2_override_orders\.sql$/)
    .waitFor(LONG);
  await main(alice).getByText("values ('public', 'orders', 12000,").waitFor(LONG);
  expect(await problemsOf(alice)).toEqual([]);
});
