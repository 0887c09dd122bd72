import { randomUUID } from "node:crypto";
import { DescribeDBClustersCommand, RDSClient, RestoreDBClusterToPointInTimeCommand } from "@aws-sdk/client-rds";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RUN_PATIENCE } from "../../scripts/testing/patience.ts";
import { accessibilityProblems, openPageWorld, type PageWorld, signIn } from "./page-world.ts";

const LONG = { timeout: RUN_PATIENCE.timeout };
const INCIDENT = "INC-2026-11-20";
let world: PageWorld;
let page: Page;
let rds: RDSClient;

const main = () => page.getByRole("main");

async function clusterIds(): Promise<readonly string[]> {
  const { DBClusters = [] } = await rds.send(new DescribeDBClustersCommand({}));
  return DBClusters.flatMap((each) => (each.Status === "available" ? (each.DBClusterIdentifier ?? []) : []));
}

beforeAll(async () => {
  world = await openPageWorld();
  const { aws } = world.sandbox;
  rds = new RDSClient({ region: aws.region, endpoint: aws.url, credentials: aws.developer });
  const tags = { "holdfast:managed": "true", "holdfast:request-id": randomUUID(), "holdfast:source-cluster": "app-prod" };
  await rds.send(
    new RestoreDBClusterToPointInTimeCommand({
      SourceDBClusterIdentifier: "app-prod",
      DBClusterIdentifier: "app-half",
      UseLatestRestorableTime: true,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  await vi.waitFor(async () => expect(await clusterIds()).toContain("app-half"), LONG);
  page = await world.open();
  await signIn(page, world, world.tokens.operator);
});
afterAll(async () => {
  rds.destroy();
  await world.close();
});

// One story, told in order.
test("a snapshot taken for an incident shows it, and its worker notes what was left over", async () => {
  await page.getByRole("link", { name: "Recovery", exact: true }).click(LONG);
  await page.getByRole("button", { name: "Take snapshot" }).click(LONG);
  await page.getByLabel("Incident (optional)").fill(INCIDENT);
  await page.getByRole("button", { name: "Take snapshot of app-prod" }).click();
  await page.getByRole("heading", { level: 1, name: "Snapshot of app-prod" }).waitFor(LONG);
  await main().getByText("completed", { exact: true }).waitFor(LONG);
  expect(await main().getByRole("link", { name: INCIDENT }).isVisible()).toBe(true);
});

test("the recovery screen lists what was left over, why, and how old it is", async () => {
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  const row = page.getByRole("list", { name: "Left over" }).getByRole("listitem");
  await row.waitFor(LONG);
  expect(await row.textContent()).toMatch(/cluster, available.*app-half.*The ledger knows nothing of the request that made it/);
  expect(await accessibilityProblems(page)).toEqual([]);
});

test("removing it takes a reason and its name typed, and says what lacks", async () => {
  await page.getByRole("button", { name: "Remove app-half…" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove the cluster app-half" });
  expect(await dialog.textContent()).toContain("app-prod, and every other cluster and snapshot");
  await dialog.getByLabel("Type the cluster's name").fill("app-prod");
  await dialog.getByRole("button", { name: "Remove cluster app-half" }).click();
  await dialog.getByText("This is not app-half.").waitFor(LONG);
  await dialog
    .getByText(/at least 10 characters/)
    .first()
    .waitFor(LONG);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(world.sandbox.github.runs().some((run) => run.path.endsWith("/cleanup.yml"))).toBe(false);
});

test("sent, it is followed to its end, and the cluster is gone", async () => {
  const dialog = page.getByRole("dialog", { name: "Remove the cluster app-half" });
  await dialog.getByLabel("Reason").fill("Nobody waits for this one");
  await dialog.getByLabel("Type the cluster's name").fill("app-half");
  await dialog.getByLabel("Incident (optional)").fill(INCIDENT);
  await dialog.getByRole("button", { name: "Remove cluster app-half" }).click();
  await page.getByRole("heading", { level: 1, name: "Remove app-half" }).waitFor(LONG);
  await main().getByText("completed", { exact: true }).waitFor(LONG);
  expect(await clusterIds()).toEqual(["app-prod"]);
});

test("the incident tells both in order, with links both ways", async () => {
  await main().getByRole("link", { name: INCIDENT }).click();
  await page.getByRole("heading", { level: 1, name: `Incident ${INCIDENT}` }).waitFor(LONG);
  const entries = await page.getByRole("list", { name: "Entries of this incident" }).getByRole("listitem").allTextContents();
  const kinds = entries.map((text) => /(snapshot|cleanup)\.[a-z]+/.exec(text)?.[0]);
  expect(kinds).toEqual(["snapshot.requested", "snapshot.creating", "snapshot.completed", "cleanup.requested", "cleanup.completed"]);
  const work = page.getByRole("list", { name: "Work of this incident" });
  expect(await work.getByRole("link").allTextContents()).toEqual(["Snapshot of app-prod", "Remove app-half"]);
  expect(await accessibilityProblems(page)).toEqual([]);
  await work.getByRole("link", { name: "Remove app-half" }).click();
  await page.getByRole("heading", { level: 1, name: "Remove app-half" }).waitFor(LONG);
  expect(await main().textContent()).toContain("Nobody waits for this one");
});

test("every snapshot says why it stays; held with a reason, it says so and can be released", async () => {
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  const [row] = await page.getByRole("list", { name: "Snapshots", exact: true }).getByRole("listitem").all();
  expect(await row?.textContent()).toMatch(/Stays: .*manual: stays until a person lets it go/);
  await page.getByRole("table", { name: /Snapshots a day/ }).waitFor(LONG);
  await page.getByLabel("Show", { exact: true }).selectOption("In 90 days");
  await page.getByText("(to be taken by the schedule)").first().waitFor(LONG);
  expect(await main().textContent()).toContain("not measured: no drill has passed");
  await main()
    .getByRole("button", { name: /^Hold / })
    .click();
  const dialog = page.getByRole("dialog", { name: /^Hold / });
  await dialog.getByLabel("Reason").fill("The auditors want to see it");
  expect(await accessibilityProblems(page)).toEqual([]);
  await dialog.getByRole("button", { name: /^Hold / }).click();
  await page.getByRole("heading", { level: 1, name: /^Hold, release or let go of/ }).waitFor(LONG);
  await main().getByText("completed", { exact: true }).waitFor(LONG);
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  await main()
    .getByRole("button", { name: /^Release / })
    .waitFor(LONG);
  expect(await main().textContent()).toContain("on hold until a person releases it");
});

test("the list is empty again once the inventory was taken anew, and no content security policy was violated", async () => {
  await page.getByRole("link", { name: "Recovery", exact: true }).click();
  await page.getByRole("list", { name: "Left over" }).waitFor({ state: "detached", ...LONG });
  expect(world.violations()).toEqual([]);
});
