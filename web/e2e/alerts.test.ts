import { randomUUID } from "node:crypto";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alertEntry, sampleAlert } from "../../actions/e2e/sample-alert.ts";
import { checkRecord } from "../../scripts/conformity/check-record.ts";
import type { RecordEntry } from "../../scripts/sandbox/record.ts";
import { RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { openPageWorld, type PageWorld, problemsOf, signIn } from "./page-world.ts";
import { openPlanter, type Planter } from "./plant.ts";

const record: RecordEntry[] = [];
let world: PageWorld;
let planter: Planter;
let page: Page;

const SCREENS = (["light", "dark"] as const).flatMap((colorScheme) => [1280, 390].map((width) => ({ colorScheme, width })));
const LONG = { timeout: RUN_PATIENCE.timeout };
const main = () => page.getByRole("main");
const banner = () => page.getByRole("banner");
const answers = () => world.sandbox.github.runs().filter((run) => run.path.endsWith("/respond.yml"));
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

const HOSTILE = [
  "<img src=x onerror=document.title='owned'> password changed",
  "[sign in again](javascript:alert(1)) <script>document.title='owned'</script>",
  "reversed \u202etxt.exe \u001b[2J and a\u200bgap",
];
let alert: ReturnType<typeof sampleAlert>;
let silenceId = "";

async function go(hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
}

/** Asks GitHub now instead of waiting for the next poll. */
async function readAgain(): Promise<void> {
  await page.getByTitle("Read everything again").click();
}

beforeAll(async () => {
  world = await openPageWorld({
    record: (entry) => record.push(entry),
    reviewers: { override: ["bob"], preventSelfReview: true },
  });
  planter = openPlanter(world);
  page = await world.open();
  await signIn(page, world, world.tokens.operator);
});
afterAll(() => world.close());

// One story, told in order: each test goes on where the one before it ended.
test("without an alert the page says whether anybody watches: calm is never assumed", async () => {
  await page.getByRole("link", { name: "Alerts", exact: true }).click(LONG);
  await main().getByText("There was no alert yet").waitFor(LONG);
  await main().getByText("Nobody watches web: no collector has reported.").waitFor(LONG);
  expect(await problemsOf(page, SCREENS)).toEqual([]);
});

test("a collector's word about itself is shown: who is followed, how far behind, what was lost", async () => {
  const lastHour = { lines: 1200, dropped: 0, unreadable: 0, late: 0 };
  const source = { app: "web", cluster: "app-prod", lastLineAt: secondsAgo(5), clockSkewMs: null, canary: null };
  await planter.report({
    v: 1,
    collector: "watcher-1",
    startedAt: secondsAgo(600),
    at: secondsAgo(1),
    sources: [
      { ...source, name: "flask_web_1", following: true, lagMs: 1500, lastHour },
      { ...source, name: "flask_web_2", following: false, lagMs: null, lastHour: { ...lastHour, dropped: 41 } },
    ],
    notices: { waiting: 1, failed: 0 },
    spooled: 0,
  });
  await readAgain();
  const sources = main().getByRole("list", { name: "Sources of watcher-1" });
  await sources.getByText("41 lines lost").waitFor(LONG);
  expect(await sources.textContent()).toMatch(/flask_web_1.*followed, 1\ss behind.*flask_web_2.*not followed/);
  await main().getByText("41 lines of flask_web_2 were lost in the last hour.").waitFor(LONG);
});

test("an alert blocks, stands on the overview, and is read after one click with its lines as text", async () => {
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  await page.getByRole("button", { name: "Take snapshot" }).click(LONG);
  await page.getByRole("button", { name: "Take snapshot of app-prod" }).click();
  await main().getByText("completed", { exact: true }).waitFor(LONG);
  // After the snapshot began, so surely within the continuous range of a cluster that is as old as this test.
  alert = sampleAlert({ key: "svc_batch", count: 214, firstEventAt: secondsAgo(4), openedAt: secondsAgo(2), excerpt: HOSTILE });
  await planter.record([alertEntry(alert)]);
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await readAgain();
  await page.getByRole("heading", { level: 1, name: "Blocked: 1 HIGH alert is open and nobody has acknowledged it." }).waitFor(LONG);
  await page.getByRole("list", { name: "Alerts that need somebody" }).getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: /svc_batch$/ }).waitFor(LONG);
  const lines = await page
    .getByRole("list", { name: /The lines that led to it/ })
    .getByRole("listitem")
    .allTextContents();
  expect(lines.slice(0, 2)).toEqual(HOSTILE.slice(0, 2));
  expect(lines[2]).toMatch(/^reversed \\\S*202e\S*txt\.exe \\\S*1b\[2J and a\\\S*200b\S*gap$/);
  expect(await main().locator("img, script, a[href^='javascript']").count()).toBe(0);
  expect(await page.title()).toContain("svc_batch");
  expect(await problemsOf(page, SCREENS)).toEqual([]);
});

test("acknowledging is one click; a second one and a reload send nothing more", async () => {
  await page.getByRole("button", { name: "Acknowledge" }).dblclick();
  await main().getByText("acknowledged by alice", { exact: true }).waitFor(LONG);
  await main().getByText("I am looking into it").first().waitFor(LONG);
  expect(await page.getByRole("button", { name: "Acknowledge" }).count()).toBe(0);
  await page.reload();
  await signIn(page, world, world.tokens.operator);
  await banner().getByText("Degraded", { exact: true }).waitFor(LONG);
  expect(answers()).toHaveLength(1);
});

test("a silence takes an end and a reason, and shows what it would hide before it is sent", async () => {
  await go(`#/alerts/${alert.id}`);
  await page.getByRole("button", { name: "Silence…" }).click(LONG);
  const dialog = page.getByRole("dialog", { name: "Silence alerts for a time" });
  await dialog.getByRole("button", { name: "Silence these alerts" }).click();
  await dialog.getByText(/a reason of at least 10 characters/).waitFor(LONG);
  expect(await dialog.getByRole("region", { name: /Review/ }).count()).toBe(0);
  await dialog.getByLabel("Reason").fill("Load test of the login until three");
  const review = dialog.getByRole("region", { name: /Review/ });
  await review.waitFor(LONG);
  expect(await review.textContent()).toContain("alerts with rule mass-password-reset, app web");
  expect(await review.textContent()).toContain("1 of the alerts of the last 24 h");
  expect(await problemsOf(page, SCREENS)).toEqual([]);
  await dialog.getByRole("button", { name: "Silence these alerts" }).click();
  await dialog.waitFor({ state: "detached", ...LONG });
  await page.getByRole("link", { name: "Alerts", exact: true }).click();
  const inForce = page.getByRole("list", { name: "Silences and overrides in force" });
  await inForce.getByText("Silence of rule mass-password-reset, app web").waitFor(LONG);
  await inForce.getByText("It has hidden nothing so far.").waitFor(LONG);
});

test("its bill runs while it is in force, and stays when it is ended", async () => {
  silenceId = String(answers()[0]?.inputs.request_id);
  const hidden = ["svc_a", "svc_b"].map((key) => sampleAlert({ key, count: 21, hiddenBy: silenceId }));
  const ended = hidden.map((each) => ({ ...each, transition: "ended" as const, endedAt: secondsAgo(0) }));
  await planter.record([...hidden, ...ended].map(alertEntry));
  await readAgain();
  const inForce = page.getByRole("list", { name: "Silences and overrides in force" });
  await inForce.getByText("Hidden so far: 2 alerts").waitFor(LONG);
  expect(await inForce.textContent()).toContain("of 42 occurrences (mass-password-reset: 2)");
  expect(await problemsOf(page, SCREENS)).toEqual([]);
  await page.getByRole("button", { name: "End silence…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End the silence" }).click();
  await inForce.waitFor({ state: "detached", ...LONG });
  await page.getByText(/Bills of silences and overrides that are over/).click();
  await page.getByRole("list", { name: "Silences and overrides that are over" }).getByText("It hid: 2 alerts").waitFor(LONG);
});

test("a choice of alerts stands in the address", async () => {
  await page.getByLabel("Status").selectOption("hidden");
  await main().getByRole("heading", { name: "Alerts (2 of 3)" }).waitFor(LONG);
  await page.reload();
  await page.getByLabel("GitHub token").fill(world.tokens.operator);
  await page.getByRole("button", { name: "Sign in" }).click();
  await main().getByRole("heading", { name: "Alerts (2 of 3)" }).waitFor(LONG);
  await page.getByLabel("Status").selectOption("any");
  await main().getByRole("heading", { name: "Alerts (3 of 3)" }).waitFor(LONG);
});

test("a restore opened from the alert starts before its first line and carries its id, and the incident tells the whole story", async () => {
  await go(`#/alerts/${alert.id}`);
  await page.getByRole("link", { name: "Restore to just before…" }).click(LONG);
  await page.getByRole("radio", { name: /Just before the alert/ }).waitFor(LONG);
  expect(await page.getByRole("radio", { name: /Just before the alert/ }).isChecked()).toBe(true);
  expect(await page.getByLabel("Incident (optional)").inputValue()).toBe(alert.id);
  await page.getByLabel("Name of the new cluster").fill("app-prod-clean");
  await page.getByLabel("Reason").fill("Passwords were reset by a script");
  await page.getByLabel("Type the cluster's name").fill("app-prod");
  await page.getByRole("button", { name: "Restore app-prod to new cluster" }).click();
  await page.getByRole("heading", { level: 1, name: /app-prod-clean/ }).waitFor(LONG);
  await main().getByText("completed", { exact: true }).waitFor(LONG);
  await main().getByRole("link", { name: alert.id }).click();
  await page.getByRole("heading", { level: 1, name: `Incident ${alert.id}` }).waitFor(LONG);
  const left = page.getByRole("region", { name: "Time left to go back" });
  await left.getByText("the continuous range begins").waitFor(LONG);
  await left.getByText(`Nothing is deleted by rule now. The HIGH alert ${alert.id} is not resolved.`).waitFor(LONG);
  const entries = await page.getByRole("list", { name: "Entries of this incident" }).getByRole("listitem").allTextContents();
  const kinds = entries.map((text) => /(alert|restore)\.[a-z-]+/.exec(text)?.[0]);
  expect(kinds.slice(0, 3)).toEqual(["alert.opened", "alert.acknowledged", "restore.requested"]);
  expect(kinds.at(-1)).toBe("restore.completed");
  expect(await page.getByRole("list", { name: "Work of this incident" }).getByRole("link").allTextContents()).toEqual([
    `Acknowledge ${alert.id}`,
    "Restore app-prod → app-prod-clean",
  ]);
  expect(await problemsOf(page, SCREENS)).toEqual([]);
  await main().getByRole("link", { name: "The alert of entry" }).click();
  const around = page.getByRole("list", { name: /What happened around this alert/ });
  await around.getByText("restore.completed").waitFor(LONG);
});

test("resolving needs a note and takes it off the list of what needs somebody", async () => {
  await page.getByRole("button", { name: "Resolve…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Resolve the alert" }).click();
  await dialog.getByText(/a reason of at least 10 characters/).waitFor(LONG);
  expect(await problemsOf(page, SCREENS)).toEqual([]);
  await dialog.getByLabel("What it was, and what was done").fill("A script without its condition; passwords are back");
  await dialog.getByRole("button", { name: "Resolve the alert" }).click();
  await main().getByText("resolved by alice", { exact: true }).waitFor(LONG);
  await main().getByText("A script without its condition; passwords are back").first().waitFor(LONG);
});

test("an override waits for another person, who reads what it would hide", async () => {
  await page.getByRole("link", { name: "Alerts", exact: true }).click();
  await page.getByRole("button", { name: "Override…" }).click(LONG);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Rule").selectOption("bulk-deletion");
  await dialog.getByLabel("Reason").fill("Yearly clean-up of old orders");
  await dialog.getByText("It waits for bob, never whoever asked").waitFor(LONG);
  expect(await problemsOf(page, SCREENS)).toEqual([]);
  await dialog.getByRole("button", { name: "Ask for the override" }).click();
  await dialog.waitFor({ state: "detached", ...LONG });
  await page.getByRole("list", { name: "Answers not recorded yet" }).getByText("waiting for a decision").waitFor(LONG);
  const bob = await world.open();
  await signIn(bob, world, world.tokens.approver);
  const request = bob.getByRole("article", { name: /^Override bulk-deletion until / });
  await request.getByText("Yearly clean-up of old orders").waitFor(LONG);
  expect(await request.textContent()).toContain("nobody is told of them");
  await request.getByLabel("Comment").fill("Agreed with the shop team");
  await request.getByRole("button", { name: "Approve" }).click();
  const inForce = page.getByRole("list", { name: "Silences and overrides in force" });
  await inForce.getByText("Override of rule bulk-deletion").waitFor(LONG);
  expect(await inForce.textContent()).toContain("environment override: bob");
  await banner().getByText("Override", { exact: true }).waitFor(LONG);
  await bob.context().close();
});

test("who may only look sees all of it, and every button says why it cannot be pressed", async () => {
  const carol = await world.open();
  await signIn(carol, world, world.tokens.reader);
  await carol.getByRole("button", { name: "Continue with these rights" }).click();
  await carol.getByRole("link", { name: "Alerts", exact: true }).click();
  const button = carol.getByRole("button", { name: "Silence…" });
  await button.waitFor(LONG);
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  expect(await carol.getByRole("main").textContent()).toContain("Actions: write");
  await carol.evaluate((id) => {
    location.hash = `#/alerts/no-such-${id}`;
  }, randomUUID());
  await carol.getByText("The ledger knows no such alert").waitFor(LONG);
  await carol.context().close();
});

test("no content security policy was violated in the whole story", () => {
  expect(world.violations()).toEqual([]);
});

test("all that was asked and answered is what GitHub and AWS describe", () => {
  expect(checkRecord(record)).toEqual([]);
});
