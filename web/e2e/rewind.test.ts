import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { alertEntry, sampleAlert } from "../../actions/e2e/sample-alert.ts";
import { checkRecord } from "../../scripts/conformity/check-record.ts";
import { connect } from "../../scripts/sandbox/demo-app/database.ts";
import { resetAllPasswords } from "../../scripts/sandbox/demo-app/demo-app.ts";
import type { RecordEntry } from "../../scripts/sandbox/record.ts";
import { RUN_PATIENCE, until } from "../../scripts/testing/patience.ts";
import { openPageWorld, type PageWorld, problemsOf, signIn } from "./page-world.ts";
import { openPlanter } from "./plant.ts";

const record: RecordEntry[] = [];
let world: PageWorld;
let alice: Page;
let bob: Page;
let incident: string;
let damagedAt: Date;
/** The transaction that did it, which the database's log tells: making the demonstration's tables may lie within the difference of clocks. */
let damagedBy: string;

// How long one look lasts before GitHub is asked again.
const LOOK_MS = 5_000;
const LONG = { timeout: RUN_PATIENCE.timeout };
const TITLE = "Rewind users,orders of app-prod";
const main = (page: Page) => page.getByRole("main");

/** Asks GitHub now and then instead of waiting for the next poll. */
async function seen(page: Page, text: string): Promise<void> {
  await vi.waitFor(async () => {
    await page.getByTitle("Read everything again").click();
    await main(page).getByText(text).first().waitFor({ timeout: LOOK_MS });
  }, RUN_PATIENCE);
}

beforeAll(async () => {
  world = await openPageWorld({ record: (entry) => record.push(entry), reviewers: { rewind: ["bob"], preventSelfReview: true } });
  const { app } = world.sandbox;
  const client = await connect(app.database);
  const reset = await resetAllPasswords(client, app.journal, app.log);
  damagedAt = new Date(reset.at);
  damagedBy = reset.xid;
  // Somebody chooses a password later, beyond the second in which the damage was done.
  const later = Math.ceil(damagedAt.getTime() / 1000) * 1000 + 50;
  await until("the second of the damage is over", () => (Date.now() > later ? true : null));
  await client.query("update users set password_hash = 'chosen anew' where id = 7");
  await client.end();
  const at = damagedAt.toISOString();
  const alert = sampleAlert({ firstEventAt: at, lastEventAt: at, openedAt: at });
  incident = alert.id;
  await openPlanter(world).record([alertEntry(alert)]);
  alice = await world.open();
  bob = await world.open();
  await signIn(alice, world, world.tokens.operator);
  await signIn(bob, world, world.tokens.approver);
});
afterAll(() => world.close());

// One story, told in order: each test goes on where the one before it ended.
test("an incident leads to a form that knows tables and interval, and says what is missing", async () => {
  await alice.evaluate((id) => {
    location.hash = `/incidents/${id}`;
  }, incident);
  await alice.getByText("A rewind loses none of the good writes; plan one to see how many rows it would ask about.").waitFor(LONG);
  await alice.getByRole("link", { name: "Rewind the damaged rows…" }).press("Enter");
  await alice.getByRole("heading", { level: 1, name: "Rewind damaged rows of app-prod" }).waitFor(LONG);
  expect(await alice.getByLabel("Tables").inputValue()).toBe("users, orders");
  for (const label of ["Damage from", "Damage until"]) expect(await alice.getByLabel(label).inputValue()).toBe(damagedAt.toISOString());
  expect(await alice.getByLabel("Incident (optional)").inputValue()).toBe(incident);
  await alice.getByRole("button", { name: "Plan the rewind of app-prod" }).press("Enter");
  await alice.getByText("A reason of at least 10 characters").first().waitFor(LONG);
  expect(world.sandbox.github.runs().filter((run) => run.path.endsWith("/rewind.yml"))).toEqual([]);
  expect(await problemsOf(alice)).toEqual([]);
});

test("the plan shows rows, columns, keys and questions, and no value", async () => {
  await alice.getByLabel("Transactions of the damage (optional)").fill(damagedBy);
  await alice.getByLabel("Reason").fill("Everybody has the same password");
  await alice.getByRole("button", { name: "Plan the rewind of app-prod" }).dblclick();
  await alice.getByRole("heading", { level: 1, name: TITLE }).waitFor(LONG);
  await seen(alice, "Apply this plan");
  const text = (await main(alice).textContent()) ?? "";
  expect(text).toContain("9999 rows get old values back, 0 deleted rows come back, 1 rows are asked about, 0 of them answered");
  expect(text).toContain("password_hash as before");
  expect(text).toContain("public.users 7");
  expect(text).toContain("somebody wrote it after the damage");
  expect(text).not.toContain("sha256$");
  expect(text).not.toContain("chosen anew");
  expect(await problemsOf(alice)).toEqual([]);
  expect(world.sandbox.github.runs().filter((run) => run.path.endsWith("/rewind.yml"))).toHaveLength(1);
});

test("whoever would restore for the incident reads what the rewind asks, beside what each restore loses", async () => {
  await bob.evaluate((id) => {
    location.hash = `/incidents/${id}/recover`;
  }, incident);
  await bob.getByText("A rewind asks about 1 row and loses none of the good writes").waitFor(LONG);
  expect(await bob.getByRole("link", { name: "the plan", exact: true }).getAttribute("href")).toMatch(/^#\/runs\/[0-9a-f-]{36}$/);
  expect(await problemsOf(bob)).toEqual([]);
  await bob.getByRole("link", { name: "Overview", exact: true }).click();
});

test("answered and asked for, it waits for another person, who sees the plan's counts and digest", async () => {
  await alice.getByLabel("Answer for public.users 7").selectOption("keep");
  await alice.getByLabel("Reason").fill("Bring them back, as planned");
  await alice.getByLabel("Type the cluster's name").fill("app-prod");
  await alice.getByRole("button", { name: "Rewind damaged rows of app-prod" }).press("Enter");
  await seen(alice, "It waits for bob; you are signed in as alice.");
  expect(await alice.getByRole("button", { name: "Approve" }).count()).toBe(0);

  await seen(bob, "9999 rows get old values back");
  const request = bob.getByRole("article", { name: TITLE });
  const text = (await request.textContent()) ?? "";
  expect(text).toMatch(/by the plan [0-9a-f]{64} and no other/);
  expect(text).toContain("1 rows are asked about, 1 of them answered");
  expect(await problemsOf(bob)).toEqual([]);
  await request.getByLabel("Comment").fill("The plan is what was asked for");
  await request.getByRole("button", { name: "Approve" }).press("Enter");
});

test("applied, the page says what came back, what was left and how long it took", async () => {
  await seen(alice, "Got old values back");
  const text = (await main(alice).textContent()) ?? "";
  expect(text).toMatch(/Got old values back9999/);
  expect(text).toMatch(/Left alone, nobody answered0/);
  expect(text).toMatch(/Duration\d/);
  expect(text).toContain("Approved by bob: The plan is what was asked for");
  expect(await problemsOf(alice)).toEqual([]);
  const client = await connect(world.sandbox.app.database);
  const { rows } = await client.query("select id::int, password_hash like 'sha256$%' as old from users where id in (7, 8) order by id");
  await client.end();
  expect(rows).toEqual([
    { id: 7, old: false },
    { id: 8, old: true },
  ]);
});

test("no content security policy was violated, and all that was asked is what GitHub and AWS describe", () => {
  expect(world.violations()).toEqual([]);
  expect(checkRecord(record)).toEqual([]);
});
