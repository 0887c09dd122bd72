import { DescribeDBClustersCommand, RDSClient } from "@aws-sdk/client-rds";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkRecord } from "../../scripts/conformity/check-record.ts";
import type { RecordEntry } from "../../scripts/sandbox/record.ts";
import { PATIENCE, RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { openPageWorld, type PageWorld, problemsOf, signIn } from "./page-world.ts";

const record: RecordEntry[] = [];
let world: PageWorld;
let alice: Page;
let bob: Page;

const LONG = { timeout: RUN_PATIENCE.timeout };
const main = (page: Page) => page.getByRole("main");
const lastRun = () => world.sandbox.github.runs()[0];

async function takeSnapshot(reason: string): Promise<string> {
  const url = `${world.sandbox.github.url}/repos/acme/holdfast/actions/workflows/snapshot.yml/dispatches`;
  const inputs = { cluster: "app-prod", reason, request_id: crypto.randomUUID(), trigger: "manual", app_version: "unknown" };
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${world.tokens.operator}`, "content-type": "application/json" },
    body: JSON.stringify({ ref: "production", inputs, return_run_details: true }),
  });
  const { workflow_run_id: id }: { workflow_run_id: number } = JSON.parse(await answer.text());
  return vi.waitFor(() => {
    const attempt = world.sandbox.github.runs().find((run) => run.id === id)?.attempts[0];
    if (attempt?.status !== "completed") throw new Error(`the snapshot's run is ${attempt?.status}`);
    return attempt.conclusion ?? "";
  }, PATIENCE);
}

async function clusters(): Promise<readonly string[]> {
  const { aws } = world.sandbox;
  const rds = new RDSClient({ region: aws.region, endpoint: aws.url, credentials: aws.developer });
  const { DBClusters = [] } = await rds.send(new DescribeDBClustersCommand({}));
  rds.destroy();
  return DBClusters.map((each) => each.DBClusterIdentifier ?? "").sort();
}

async function askForRestore(page: Page, target: string, reason: string): Promise<void> {
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  await page.getByRole("link", { name: "Restore…", exact: true }).first().click();
  await page.getByLabel("Name of the new cluster").fill(target);
  await page.getByLabel("Reason").fill(reason);
  await page.getByLabel("Type the cluster's name").fill("app-prod");
  await page.getByRole("region", { name: "Review" }).getByText("It waits for bob, never whoever asked").waitFor(LONG);
  await page.getByRole("button", { name: "Restore app-prod to new cluster" }).click();
  await page.getByRole("heading", { level: 1, name: `Restore app-prod → ${target}` }).waitFor(LONG);
}

beforeAll(async () => {
  world = await openPageWorld({
    record: (entry) => record.push(entry),
    reviewers: { restore: ["bob"], cutOver: ["bob"], preventSelfReview: true },
  });
  expect(await takeSnapshot("A point to restore from")).toBe("success");
  alice = await world.open();
  bob = await world.open();
  await signIn(alice, world, world.tokens.operator);
  await signIn(bob, world, world.tokens.approver);
});
afterAll(() => world.close());

// One story, told in order: each test goes on where the one before it ended.
test("an operator asks for a restore, reads that it waits for somebody else, and is offered no decision", async () => {
  await askForRestore(alice, "app-prod-checked", "Prices look wrong since noon");
  await main(alice).getByText("It waits for bob; you are signed in as alice.").waitFor(LONG);
  expect(await main(alice).textContent()).toContain("waiting for a decision");
  expect(await alice.getByRole("button", { name: "Approve" }).count()).toBe(0);
  expect(lastRun()?.attempts[0]?.status).toBe("waiting");
  expect(await clusters()).toEqual(["app-prod"]);
});

test("what waits for a person keeps no backup from being taken", async () => {
  expect(await takeSnapshot("Taken while a restore waits")).toBe("success");
});

test("the approver sees on the overview what would happen, who asked and why", async () => {
  const waiting = bob.getByRole("region", { name: "Waiting for a decision" });
  const request = waiting.getByRole("article", { name: "Restore app-prod → app-prod-checked" });
  await request.getByText("Prices look wrong since noon").waitFor(LONG);
  const text = (await request.textContent()) ?? "";
  expect(text).toMatch(/A new cluster app-prod-checked is made from \d{4}-\d\d-\d\d/);
  expect(text).toContain("Asked byalice");
  expect(text).toContain("app-prod keeps running untouched");
  expect(await problemsOf(bob)).toEqual([]);
});

test("a decision needs its reason; approved, the restore runs to its end and says who let it", async () => {
  const request = bob.getByRole("article", { name: "Restore app-prod → app-prod-checked" });
  await request.getByRole("button", { name: "Approve" }).press("Enter");
  await request.getByText("First say why, in at least 10 characters.").first().waitFor(LONG);
  expect(lastRun()?.reviews).toBeUndefined();
  await request.getByRole("link", { name: "Restore app-prod → app-prod-checked" }).click();
  await bob.getByRole("heading", { level: 1, name: "Restore app-prod → app-prod-checked" }).waitFor(LONG);
  expect(await problemsOf(bob)).toEqual([]);
  await bob.getByLabel("Comment").fill("Right cluster, right second");
  await bob.getByRole("button", { name: "Approve" }).dblclick();
  await main(bob).getByText("Approved by bob: Right cluster, right second").waitFor(LONG);
  for (const page of [bob, alice]) await main(page).getByText("completed", { exact: true }).waitFor(LONG);
  await main(alice).getByText("Approved by bob: Right cluster, right second").waitFor(LONG);
  const run = world.sandbox.github.runs().find((each) => each.path.endsWith("/restore.yml"));
  expect(run?.reviews).toEqual([
    { environmentIds: [expect.any(Number)], state: "approved", login: "bob", comment: "Right cluster, right second" },
  ]);
});

test("a rejected restore makes nothing, and both are told that nothing was started", async () => {
  await askForRestore(alice, "app-prod-refused", "A restore that nobody needs");
  await bob.getByRole("link", { name: "Overview", exact: true }).click();
  const request = bob.getByRole("article", { name: "Restore app-prod → app-prod-refused" });
  await request.getByLabel("Comment").fill("The damage is elsewhere");
  await request.getByRole("button", { name: "Reject" }).click();
  await bob.getByText("Nothing waits for a decision").waitFor(LONG);
  await main(alice).getByText("Rejected: nothing was started").waitFor(LONG);
  await main(alice).getByText("Rejected by bob: The damage is elsewhere").waitFor(LONG);
  expect(lastRun()?.attempts[0]?.conclusion).toBe("failure");
  expect(await clusters()).toEqual(["app-prod", "app-prod-checked"]);
  await bob.getByText("rejected by a reviewer").waitFor(LONG);
  expect(await problemsOf(alice)).toEqual([]);
});

const CUT_OVER = "Put app-prod-checked in the place of app-prod";
const cutOvers = () => world.sandbox.github.runs().filter((run) => run.path.endsWith("/cut-over.yml"));

test("a restored cluster leads to the form that puts it in the live one's place, which says what will happen, be missing and lacks", async () => {
  await alice.getByRole("link", { name: "Recovery", exact: true }).click();
  await alice.getByRole("link", { name: "Put it in the live one's place…: app-prod-checked" }).press("Enter");
  await alice.getByRole("heading", { level: 1, name: CUT_OVER }).waitFor(LONG);
  const review = alice.getByRole("region", { name: "Review" });
  await review.getByText("It waits for bob, never whoever asked").waitFor(LONG);
  expect(await review.textContent()).toMatch(/everything written to app-prod in the .+ since \d{4}-\d\d-\d\d/);
  expect(await review.textContent()).toMatch(/app-prod is renamed to app-prod-before-[0-9a-f]{8} and protected from deletion/);
  await alice.getByRole("button", { name: CUT_OVER }).press("Enter");
  await alice.getByText("4 of 4 are not ticked.").first().waitFor(LONG);
  await alice.getByText("Type app-prod.").first().waitFor(LONG);
  expect(cutOvers()).toEqual([]);
  expect(await problemsOf(alice)).toEqual([]);
});

test("sent once, it waits; the first decision lets it carry over, and the state is blocked until the second", async () => {
  for (const box of await alice.getByRole("checkbox").all()) await box.press("Space");
  await alice.getByLabel("Reason").fill("Prices are right in the restored one");
  await alice.getByLabel("Type the live cluster's name").fill("app-prod");
  await alice.getByRole("button", { name: CUT_OVER }).dblclick();
  await alice.getByRole("heading", { level: 1, name: CUT_OVER }).waitFor(LONG);
  await main(alice).getByText("It waits for bob; you are signed in as alice.").waitFor(LONG);
  expect(cutOvers()).toHaveLength(1);

  await bob.getByRole("link", { name: "Overview", exact: true }).click();
  await bob.getByTitle("Read everything again").click();
  const request = bob.getByRole("article", { name: CUT_OVER });
  await request.getByText("Nothing is renamed before a second decision.").waitFor(LONG);
  await request.getByLabel("Comment").fill("Carry over what the live one has");
  await request.getByRole("button", { name: "Approve" }).press("Enter");
  await request.getByText("For a minute or two nothing has the name.").waitFor(LONG);
  await bob.getByRole("banner").getByText("is on its way to take the place of app-prod").waitFor(LONG);
  expect(await clusters()).toEqual(["app-prod", "app-prod-checked"]);
  expect(await problemsOf(bob)).toEqual([]);
});

test("let in again, the names are swapped, and the run says what is left for people and how to go back", async () => {
  const request = bob.getByRole("article", { name: CUT_OVER });
  await request.getByLabel("Comment").fill("The writes are stopped");
  await request.getByRole("button", { name: "Approve" }).press("Enter");
  await main(alice).getByText("Approved by bob: The writes are stopped").waitFor(LONG);
  await main(alice).getByText("completed", { exact: true }).waitFor(LONG);
  await main(alice).getByRole("heading", { name: "For people to do now" }).waitFor(LONG);
  expect(await alice.getByRole("list", { name: "To do after the cut-over" }).getByRole("listitem").count()).toBe(9);
  const [first = "", kept = ""] = await clusters();
  expect([first, kept]).toEqual(["app-prod", expect.stringMatching(/^app-prod-before-/)]);
  expect(await main(alice).textContent()).toContain(`--db-cluster-identifier ${kept} --new-db-cluster-identifier app-prod`);
  expect(await problemsOf(alice)).toEqual([]);
});

test("who asks and reviews alone is told that nobody can decide", async () => {
  await askForRestore(bob, "app-prod-own", "The only reviewer asks for this");
  await main(bob).getByText("You asked for this yourself and are its only reviewer").waitFor(LONG);
  expect(await bob.getByRole("button", { name: "Approve" }).count()).toBe(0);
});

test("an environment that asks nobody is never called a gate", async () => {
  world.sandbox.github.setEnvironment({ name: "restore", branchPolicy: ["production"] });
  await alice.reload();
  await signIn(alice, world, world.tokens.operator);
  await main(alice).getByText("No gate: the environment restore asks nobody").waitFor(LONG);
});

test("no content security policy was violated in the whole story", () => {
  expect(world.violations()).toEqual([]);
});

test("all that was asked and answered is what GitHub and AWS describe", () => {
  expect(record.some(({ method, path }) => method === "POST" && path.endsWith("/pending_deployments"))).toBe(true);
  expect(checkRecord(record)).toEqual([]);
});
