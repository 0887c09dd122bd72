import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { openPageWorld, type PageWorld, signIn } from "./page-world.ts";

let world: PageWorld;
let page: Page;

const LONG = { timeout: RUN_PATIENCE.timeout };
const main = () => page.getByRole("main");
const runsOf = (work: string) => world.sandbox.github.runs().filter((run) => run.path.endsWith(`/${work}.yml`));

async function goTo(name: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).click(LONG);
}

async function askForSnapshot(reason: string): Promise<void> {
  await goTo("Recovery");
  await page.getByRole("button", { name: "Take snapshot" }).click(LONG);
  await page.getByLabel("Reason").fill(reason);
  await page.getByRole("button", { name: "Take snapshot of app-prod" }).click();
}

async function askForRestore(target: string): Promise<void> {
  await goTo("Recovery");
  await page.getByRole("link", { name: "Restore…", exact: true }).first().click(LONG);
  await page.getByLabel("Name of the new cluster").fill(target);
  await page.getByLabel("Reason").fill("Prices look wrong since noon");
  await page.getByLabel("Type the cluster's name").fill("app-prod");
  await page.getByRole("button", { name: "Restore app-prod to new cluster" }).click();
}

/** Kills the tab's process as a crash would, and opens the page anew in the same browser. */
async function crashAndComeBack(): Promise<void> {
  const context = page.context();
  const crashed = page.waitForEvent("crash");
  await page.goto("chrome://crash").catch(() => {});
  await crashed;
  page = await context.newPage();
  await signIn(page, world, world.tokens.operator);
}

beforeAll(async () => {
  // Slow enough at AWS that work is still going on when a browser has come back.
  world = await openPageWorld({ pace: 4_000 });
  page = await world.open();
  await page.goto(world.url);
  await page.getByLabel("GitHub token").fill(world.tokens.operator);
  await page.getByLabel(/Keep it for this tab/).check();
  await page.getByRole("button", { name: "Sign in" }).click();
  await askForSnapshot("A point to restore from");
  await main().getByText("completed", { exact: true }).waitFor(LONG);
});
afterAll(() => world.close());

// One story, told in order: each test goes on where the one before it ended.
test("reloaded in the middle of a restore, the page comes back to that restore and goes on showing its steps", async () => {
  await askForRestore("app-prod-reloaded");
  await page.getByRole("heading", { level: 1, name: "Restore app-prod → app-prod-reloaded" }).waitFor(LONG);
  await main().getByText("Request accepted done").waitFor(LONG);
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Restore app-prod → app-prod-reloaded" }).waitFor(LONG);
  expect(runsOf("restore").map((run) => run.attempts.at(-1)?.status)).toEqual(["in_progress"]);
});

test("crashed in the middle of it, the page finds the restore running, and a second one is not sent by mistake", async () => {
  await crashAndComeBack();
  const running = page.getByRole("region", { name: "Running now" });
  await running.getByRole("link", { name: "Restore app-prod → app-prod-reloaded" }).waitFor(LONG);
  await askForRestore("app-prod-again");
  await main().getByText("Nothing was sent: the same kind of work is already on its way").waitFor(LONG);
  expect(runsOf("restore")).toHaveLength(1);
  await main().getByRole("link", { name: "Look at it" }).click();
  await main().getByText("completed", { exact: true }).waitFor(LONG);
});

test("crashed after a dispatch whose answer never came, the page finds what was started and sends nothing again", async () => {
  const before = runsOf("snapshot").length;
  let arrived: () => void = () => {};
  const atGitHub = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await page.route(/\/snapshot\.yml\/dispatches$/, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch();
    // The answer is never handed on: the page dies waiting for it.
    arrived();
  });
  await askForSnapshot("The page dies before the answer");
  await atGitHub;
  await crashAndComeBack();
  const running = page.getByRole("region", { name: "Running now" });
  await running.getByRole("link", { name: "Snapshot of app-prod" }).waitFor(LONG);
  await askForSnapshot("Pressed once more, to be sure");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Nothing was sent: the same kind of work is already on its way").waitFor(LONG);
  await dialog.getByRole("link", { name: "Look at it" }).click();
  await page.getByRole("heading", { level: 1, name: "Snapshot of app-prod" }).waitFor(LONG);
  await main().getByText("completed", { exact: true }).waitFor(LONG);
  expect(runsOf("snapshot")).toHaveLength(before + 1);
  expect(runsOf("restore")).toHaveLength(1);
});

test("no content security policy was violated meanwhile", () => {
  expect(world.violations()).toEqual([]);
});
