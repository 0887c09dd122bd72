import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { alertEntry, sampleAlert } from "../../actions/e2e/sample-alert.ts";
import { checkRecord } from "../../scripts/conformity/check-record.ts";
import type { RecordEntry } from "../../scripts/sandbox/record.ts";
import { PATIENCE, RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { openPageWorld, type PageWorld, signIn } from "./page-world.ts";
import { openPlanter } from "./plant.ts";

const asked: RecordEntry[] = [];
let world: PageWorld;

beforeAll(async () => {
  world = await openPageWorld({ record: (entry) => asked.push(entry) });
});
afterAll(() => world.close());

const LONG = { timeout: RUN_PATIENCE.timeout };
const token = (login: string, permissions: Record<string, "read" | "write">, expiresAt?: Date) =>
  world.sandbox.github.createToken({ login, permissions, ...(expiresAt === undefined ? {} : { expiresAt }) });

describe("a token that cannot be used says so at the door, and what to do", () => {
  test.each<[string, () => string, RegExp]>([
    [
      "expired",
      () => token("alice", { metadata: "read", contents: "read", actions: "write" }, new Date(Date.now() - 1000)),
      /expired|not accept/i,
    ],
    ["made up", () => `github_pat_${"x".repeat(40)}`, /expired|not accept/i],
    ["without Contents: read", () => token("alice", { metadata: "read", actions: "write" }), /Contents: read/],
  ])("%s", async (_what, make, says) => {
    const page = await world.open();
    await signIn(page, world, make());
    await page.getByText(says).first().waitFor(LONG);
    await page.context().close();
  });
});

test("a person who may only look sees everything, and every button they may not press says why", async () => {
  const page = await world.open();
  await signIn(page, world, world.tokens.reader);
  await page.getByRole("button", { name: "Continue with these rights" }).click();
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  const button = page.getByRole("button", { name: "Take snapshot" });
  await button.waitFor(LONG);
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  expect(await page.getByRole("main").textContent()).toContain("Actions: write");
  await button.click({ force: true });
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.context().close();
});

test("the token is kept nowhere: a reload asks for it again", async () => {
  const page = await world.open();
  await signIn(page, world, world.tokens.operator);
  await page.getByRole("link", { name: "Recovery", exact: true }).waitFor(LONG);
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  expect(stored).not.toContain("github_pat_");
  await page.reload();
  await page.getByLabel("GitHub token").waitFor(LONG);
  await page.context().close();
});

test("an unchanged poll costs a 304, and a hidden page does not poll", async () => {
  const polls = () => asked.filter((entry) => entry.method === "GET" && /\/git\/ref\/heads(\/|%2F)ledger$/.test(entry.path));
  const page = await world.open();
  await page.clock.install();
  await signIn(page, world, world.tokens.operator);
  // The first look is no repetition, and has arrived once the page judges by it.
  await page.getByRole("heading", { level: 1, name: /^Blocked: No recovery point/ }).waitFor(LONG);
  // Time passes until a poll is due, and then stands still for its answer: the page gives up on one that takes too long by its clock.
  const polledAfter = (count: number) =>
    vi.waitFor(async () => {
      await page.clock.runFor(31_000);
      await expect.poll(() => polls().length, { timeout: 5_000 }).toBeGreaterThan(count);
    }, PATIENCE);

  const before = polls().length;
  await polledAfter(before);
  const repeated = polls().slice(before);
  expect(repeated.map((entry) => entry.status)).toEqual(repeated.map(() => 304));

  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  });
  const hidden = polls().length;
  await page.clock.runFor(600_000);
  // One answer may still have been under way when the page was hidden.
  expect(polls().length).toBeLessThanOrEqual(hidden + 1);

  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "visible", configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  });
  await polledAfter(hidden);
  await page.context().close();
});

test("a ledger that could not be read is read again by itself, although nothing was added to it", async () => {
  const alert = sampleAlert();
  await openPlanter(world).record([alertEntry(alert)]);
  const page = await world.open();
  let down = true;
  await page.route("**/git/trees/**", (route) => (down ? route.abort() : route.continue()));
  await page.clock.install();
  await signIn(page, world, world.tokens.operator);
  await page.getByRole("link", { name: "Ledger", exact: true }).click();
  await page.getByText("The ledger cannot be read").first().waitFor(LONG);
  down = false;
  const entry = page.getByRole("main").getByText(alert.rule).first();
  await vi.waitFor(async () => {
    await page.clock.runFor(31_000);
    await entry.waitFor({ timeout: 5_000 });
  }, PATIENCE);
  await page.context().close();
});

test("the main screens work from the keyboard alone", async () => {
  const page = await world.open();
  await page.goto(world.url);
  await page.getByLabel("GitHub token").waitFor(LONG);
  const focused = () =>
    page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute("id") || "");
  const tabTo = async (wanted: RegExp) => {
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press("Tab");
      if (wanted.test(await focused())) return;
    }
    throw new Error(`Tab never reached ${wanted}; it stopped at ${await focused()}`);
  };
  await page.getByLabel("GitHub token").focus();
  await page.keyboard.type(world.tokens.operator);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Recovery", exact: true }).waitFor(LONG);
  await tabTo(/^Recovery$/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Recovery of app-prod" }).waitFor(LONG);
  await tabTo(/^Take snapshot$/);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor(LONG);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached", ...LONG });
  expect(await focused()).toMatch(/Take snapshot/);
  await page.context().close();
});

test("no content security policy was violated", () => {
  expect(world.violations()).toEqual([]);
});

test("all that was asked and answered is what GitHub and AWS describe", () => {
  expect(checkRecord(asked)).toEqual([]);
});
