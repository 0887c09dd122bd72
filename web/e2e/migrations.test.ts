import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { PATIENCE, RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { openPageWorld, type PageWorld, problemsOf, signIn } from "./page-world.ts";

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

beforeAll(async () => {
  world = await openPageWorld();
  await takeSnapshot();
  alice = await world.open();
  bob = await world.open();
  await signIn(alice, world, world.tokens.operator);
  await signIn(bob, world, world.tokens.approver);
});
afterAll(() => world?.close());

test("what is pending is asked for, judged on one screen by somebody else, approved, and leads back to the second before", async () => {
  await alice.getByRole("link", { name: "Migrations", exact: true }).click();
  await main(alice).getByText("It waits for bob, never whoever asked").waitFor(LONG);
  expect(await problemsOf(alice)).toEqual([]);
  await alice.getByRole("button", { name: "Plan what is pending" }).click();
  await alice.getByLabel("Reason").fill("Orders are listed too slowly");
  await alice.getByRole("button", { name: "Plan and rehearse" }).click();
  await alice.getByRole("heading", { level: 1, name: "Migrate app-prod" }).waitFor(LONG);

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
  await bob.getByRole("button", { name: "Approve" }).click();

  await main(bob).getByRole("heading", { name: "The way back" }).waitFor(LONG);
  await main(bob).getByText("Applied and checked").waitFor(LONG);
  await main(bob).getByRole("link", { name: "Restore the second before…" }).click();
  await main(bob).getByText("The second before the migration").first().waitFor(LONG);

  // Later, it is taken back from its own page.
  await main(alice).getByText("Applied and checked").waitFor(LONG);
  await main(alice).getByRole("button", { name: "Plan to take it back" }).click();
  await alice.getByRole("dialog").getByText("0001_index_orders_by_time.sql").first().waitFor(LONG);
  expect(await problemsOf(alice)).toEqual([]);
  await alice.getByLabel("Reason").fill("The index slows every order down");
  await alice.getByRole("button", { name: "Plan and rehearse" }).click();
  await main(alice).getByRole("heading", { level: 1, name: "Take 1 and newer back from app-prod" }).waitFor(LONG);
  await main(alice).getByText("DROP INDEX CONCURRENTLY orders_by_time").waitFor(LONG);
  await main(alice).getByText("exactly as before it was applied").waitFor(LONG);
  expect(await problemsOf(alice)).toEqual([]);
});
