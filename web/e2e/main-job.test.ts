import { RDSClient, RestoreDBClusterToPointInTimeCommand } from "@aws-sdk/client-rds";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkRecord } from "../../scripts/conformity/check-record.ts";
import { connect } from "../../scripts/sandbox/demo-app/database.ts";
import type { RecordEntry } from "../../scripts/sandbox/record.ts";
import { RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { accessibilityProblems, openPageWorld, type PageWorld, signIn } from "./page-world.ts";

const record: RecordEntry[] = [];
let world: PageWorld;
let page: Page;

beforeAll(async () => {
  world = await openPageWorld({ record: (entry) => record.push(entry) });
  page = await world.open();
});
afterAll(() => world.close());

const LONG = { timeout: RUN_PATIENCE.timeout };
const main = () => page.getByRole("main");

async function samePasswords(cluster: string): Promise<{ same: number; users: number }> {
  const client = await connect({ ...(await world.sandbox.aws.endpoint(cluster)), ...world.sandbox.aws.master });
  try {
    const { rows } = await client.query<{ same: number; users: number }>(
      "select count(*)::int as users, count(*) filter (where password_hash = 'sha256$' || split_part(password_hash, '$', 2) || '$' || encode(sha256(convert_to(split_part(password_hash, '$', 2) || 'changeme', 'UTF8')), 'hex'))::int as same from users",
    );
    return rows[0] ?? { same: -1, users: -1 };
  } finally {
    await client.end();
  }
}

// One story, told in order: each test goes on where the one before it ended.
test("an operator signs in and sees at once what state the system is in, and why", async () => {
  await signIn(page, world, world.tokens.operator);
  await page.getByRole("heading", { level: 1, name: /^Blocked: No recovery point/ }).waitFor(LONG);
  expect(await page.getByRole("banner").textContent()).toContain("app-prod");
});

test("they take a snapshot and watch its steps", async () => {
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  await page.getByRole("button", { name: "Take snapshot" }).click();
  await page.getByRole("button", { name: "Take snapshot of app-prod" }).click();
  await page.getByRole("heading", { level: 1, name: "Snapshot of app-prod" }).waitFor(LONG);
  await main().getByText("Snapshot available").waitFor(LONG);
  await main().getByText("completed", { exact: true }).waitFor(LONG);
  expect(await main().textContent()).toContain("alice");
});

test("once the inventory knows the snapshot, all that is left to say is that no collector runs here", async () => {
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await page
    .getByRole("banner")
    .getByText(/^Nobody watches web/)
    .waitFor(LONG);
});

let committedAt = "";

test("something resets every password", async () => {
  const answer = await fetch(`${world.sandbox.control.url}/reset-all-passwords`, { method: "POST", headers: { "x-demo-app": "yes" } });
  const damage: { committedAt: string; users: number } = JSON.parse(await answer.text());
  committedAt = damage.committedAt;
  expect(await samePasswords("app-prod")).toEqual({ same: damage.users, users: damage.users });
});

test("they restore to the second before, after reading what it keeps and loses", async () => {
  // The time that a log line or the demo's own message would show, pasted with its zone.
  const time = new Date(Date.parse(committedAt) - 5).toISOString();
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  await page.getByRole("link", { name: "Restore…", exact: true }).first().click();
  await page.getByRole("radio", { name: /A second of your choice/ }).check();
  await page.getByLabel("Time, with its zone").fill(time);
  await page.getByLabel("Name of the new cluster").fill("app-prod-before");
  await page.getByLabel("Reason").fill("All passwords were reset by mistake");
  await page.getByLabel("Type the cluster's name").fill("app-prod");
  const review = page.getByRole("region", { name: "Review" });
  expect(await review.textContent()).toContain("app-prod-before");
  expect(await review.textContent()).toContain(time.slice(11, 19));
  await page.getByRole("button", { name: "Restore app-prod to new cluster" }).click();
  await page.getByRole("heading", { level: 1, name: /app-prod-before/ }).waitFor(LONG);
  await main().getByText("Duration recorded").waitFor(LONG);
  await main().getByText("completed", { exact: true }).waitFor(LONG);
  const restored = await samePasswords("app-prod-before");
  expect(restored.same).toBe(0);
  expect(restored.users).toBeGreaterThanOrEqual(10_000);
  const live = await samePasswords("app-prod");
  expect(live.same).toBe(live.users);
});

test("the ledger says who did what and why, and the browser verified its chain", async () => {
  await page.getByRole("link", { name: "Ledger", exact: true }).click();
  await main()
    .getByText(/Chain verified in this browser: entries #1 to #12/)
    .waitFor(LONG);
  const entries = page.getByRole("list", { name: "Ledger entries" });
  const [first] = await entries.getByRole("listitem").allTextContents();
  expect(first).toContain("restore.completed");
  expect(await entries.textContent()).toContain("All passwords were reset by mistake");
});

test("a restore onto a name that somebody else took is refused with its reason, and nothing is made", async () => {
  const { aws } = world.sandbox;
  const rds = new RDSClient({ region: aws.region, endpoint: aws.url, credentials: aws.developer });
  await rds.send(
    new RestoreDBClusterToPointInTimeCommand({
      DBClusterIdentifier: "name-taken",
      SourceDBClusterIdentifier: "app-prod",
      UseLatestRestorableTime: true,
    }),
  );
  rds.destroy();

  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  await page.getByRole("link", { name: "Restore…", exact: true }).first().click();
  await page.getByLabel("Name of the new cluster").fill("name-taken");
  await page.getByLabel("Reason").fill("A restore that cannot be right");
  await page.getByLabel("Type the cluster's name").fill("app-prod");
  await page.getByRole("button", { name: "Restore app-prod to new cluster" }).click();
  await main().getByText("refused", { exact: true }).waitFor(LONG);
  expect(await main().textContent()).toContain("The name name-taken is in use by a cluster that this request did not make");
  expect(await main().textContent()).toContain("Choose another name");
});

test("a time without a zone and a time in the future cannot be sent, and the page says why", async () => {
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  await page.getByRole("link", { name: "Restore…", exact: true }).first().click();
  await page.getByRole("radio", { name: /A second of your choice/ }).check();
  const field = page.getByLabel("Time, with its zone");
  await field.fill("2026-11-20 14:02:41");
  await page.getByRole("button", { name: /UTC/ }).last().waitFor(LONG);
  expect(await main().textContent()).toMatch(/zone/i);
  await field.fill(new Date(Date.now() + 86_400_000).toISOString());
  await main()
    .getByText(/future/)
    .first()
    .waitFor(LONG);
});

test("no content security policy was violated in the whole story", () => {
  expect(world.violations()).toEqual([]);
});

test("all that page and workers asked, and all they were answered, is what GitHub and AWS describe", () => {
  expect(record.length).toBeGreaterThan(100);
  expect(checkRecord(record)).toEqual([]);
});

test.each(["#/", "#/recovery", "#/recover", "#/ledger", "#/token"])(
  "axe finds nothing on %s, light and dark, wide and narrow",
  async (route) => {
    const problems: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      for (const viewport of [
        { width: 1280, height: 900 },
        { width: 390, height: 844 },
      ]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(viewport);
        await page.evaluate((hash) => {
          location.hash = hash;
        }, route);
        await main().getByRole("heading", { level: 1 }).waitFor(LONG);
        problems.push(...(await accessibilityProblems(page)).map((problem) => `${colorScheme} ${viewport.width}: ${problem}`));
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (overflow > 0) problems.push(`${colorScheme} ${viewport.width}: scrolls sideways by ${overflow} px`);
      }
    }
    expect(problems).toEqual([]);
  },
);
