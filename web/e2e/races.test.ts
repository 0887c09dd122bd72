import type { BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { barrier } from "../../scripts/testing/barrier.ts";
import { RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { openPageWorld, type PageWorld, signIn } from "./page-world.ts";

let world: PageWorld;
let page: Page;

const LONG = { timeout: RUN_PATIENCE.timeout };
const DISPATCHES = /\/actions\/workflows\/snapshot\.yml\/dispatches$/;

beforeAll(async () => {
  world = await openPageWorld();
  page = await world.open();
  await signIn(page, world, world.tokens.operator);
});
afterAll(() => world.close());

async function openForm(on: Page, reason: string): Promise<void> {
  await on.getByRole("link", { name: "Recovery", exact: true }).click(LONG);
  await on.getByRole("button", { name: "Take snapshot" }).click(LONG);
  await on.getByLabel("Reason").fill(reason);
}

const submit = (on: Page) => on.getByRole("button", { name: "Take snapshot of app-prod" });
const started = (on: Page) => on.getByRole("heading", { level: 1, name: "Snapshot of app-prod" }).waitFor(LONG);
const snapshotRuns = () => world.sandbox.github.runs().filter((run) => run.path.endsWith("/snapshot.yml"));

async function allSucceeded(count: number): Promise<void> {
  await vi.waitFor(() => {
    expect(snapshotRuns().map((run) => run.attempts.at(-1)?.conclusion)).toEqual(Array.from({ length: count }, () => "success"));
  }, LONG);
}

// One story: each test counts on from the runs of the one before it.
test("a double click starts one run", async () => {
  await openForm(page, "A double click of a hasty person");
  await submit(page).dblclick();
  await started(page);
  await allSucceeded(1);
});

test("an answer that is lost is not a second run: the page finds the one that started", async () => {
  await openForm(page, "An answer that never arrives");
  await page.route(DISPATCHES, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await submit(page).click();
  await started(page);
  await page.unroute(DISPATCHES);
  await allSucceeded(2);
});

test("two tabs that press at once start one run, and the other tab says that it is on its way", async () => {
  const tab = await page.context().newPage();
  await signIn(tab, world, world.tokens.operator);
  await openForm(page, "From the first of two tabs");
  await openForm(tab, "From the second of two tabs");
  await Promise.all([submit(page).click(), submit(tab).click()]);
  const kept = (on: Page) =>
    on
      .getByText("Nothing was sent: the same kind of work is already on its way")
      .waitFor(LONG)
      .then(() => "kept" as const);
  const outcomes = await Promise.all([page, tab].map((on) => Promise.race([started(on).then(() => "started" as const), kept(on)])));
  expect(outcomes.toSorted()).toEqual(["kept", "started"]);
  await tab.close();
  await allSucceeded(3);
});

test("two operators who press at the same moment each get their snapshot, one after the other", async () => {
  // The tab that kept its order still shows the form.
  await page.keyboard.press("Escape");
  const other = await world.open();
  await signIn(other, world, world.tokens.approver);
  const bothAreSending = barrier(2);
  const hold = (context: BrowserContext) =>
    context.route(DISPATCHES, async (route) => {
      if (route.request().method() === "POST") await bothAreSending();
      await route.continue();
    });
  await openForm(page, "Alice before the release");
  await openForm(other, "Bob before the release");
  await Promise.all([hold(page.context()), hold(other.context())]);
  await Promise.all([submit(page).click(), submit(other).click()]);
  await Promise.all([started(page), started(other)]);
  await allSucceeded(5);
  expect(
    snapshotRuns()
      .slice(0, 2)
      .map((run) => run.actor)
      .sort(),
  ).toEqual(["alice", "bob"]);
  await other.context().close();
});

test("no content security policy was violated meanwhile", () => {
  expect(world.violations()).toEqual([]);
});
