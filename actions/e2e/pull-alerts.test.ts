import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeZip } from "../../scripts/sandbox/actions/write-zip.ts";
import type { Fault, Seen } from "../../scripts/sandbox/github/serve.ts";
import { type Alert, alertViews } from "../src/domain/index.ts";
import { sampleAlert } from "./sample-alert.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

const CONFIG = `clusters:
  - {id: app-prod, region: eu-west-1, database: app}
apps:
  - {name: web, cluster: app-prod}
`;

let world: WorkerWorld;
/** What another repository answers, which the sandbox does not serve. */
let elsewhere: ((request: Seen) => Fault | undefined) | undefined;

beforeAll(async () => {
  world = await openWorkerWorld({ config: CONFIG, github: (request) => elsewhere?.(request) });
});
afterAll(() => world.close());

const zipOf = (path: string, content: string | Buffer) => writeZip([{ path, content: Buffer.from(content) }]);
const linesOf = (...alerts: readonly Alert[]) => alerts.map((alert) => `${JSON.stringify(alert)}\n`).join("");
const plant = (zip: Buffer, changes: { branch?: string; fork?: boolean; name?: string } = {}) =>
  world.hub.plantArtifact({ name: "holdfast-alerts", branch: "main", zip, ...changes });

async function pull(env: Record<string, string> = {}) {
  const requestId = randomUUID();
  const { code, printed } = await world.run("pull-alerts", { reason: "Merging what others found", request_id: requestId }, env);
  const entries = (await world.entries()).filter((entry) => entry.data.requestId === requestId);
  return { code, entries, printed: printed.replaceAll(/&#(\d+);/g, (_, char) => String.fromCharCode(Number(char))) };
}

test("alerts of another run enter the ledger once, however often and by however many runs they are pulled", async () => {
  const alert = sampleAlert();
  plant(
    zipOf(
      "alerts.jsonl",
      linesOf(alert, { ...alert, transition: "updated", count: 12 }, { ...alert, transition: "ended", endedAt: alert.openedAt, count: 15 }),
    ),
  );
  const runs = await Promise.all([pull(), pull()]);
  expect(runs.map((run) => run.code)).toEqual([0, 0]);
  const story = (await world.entries()).filter((entry) => entry.incident === alert.id);
  expect(story.map((entry) => entry.id)).toEqual([`${alert.id}:opened`, `${alert.id}:ended`]);
  expect(alertViews(await world.entries(), new Date())).toMatchObject([{ alert: { id: alert.id, count: 15, app: "web" }, status: "open" }]);
  expect((await world.entries()).filter((entry) => entry.kind === "alerts.pulled")).toHaveLength(1);
  const again = await pull();
  expect(again.entries).toEqual([]);
  expect(again.printed).toContain("| Artifacts read | 0 |");
});

describe("an artifact that nobody should believe is refused whole, with the reason, once", () => {
  const bomb = Buffer.alloc(30 * 1024 * 1024);
  test.each<[string, () => Buffer, RegExp]>([
    ["a line that is no alert", () => zipOf("alerts.jsonl", `${linesOf(sampleAlert())}{"rule":"x"}\n`), /line 2: /],
    ["a path that leaves its folder", () => zipOf("../../alerts.jsonl", linesOf(sampleAlert())), /no zip that can be trusted/],
    ["an absolute path", () => zipOf("/etc/alerts.jsonl", linesOf(sampleAlert())), /no zip that can be trusted/],
    ["a file that unpacks to too much", () => zipOf("alerts.jsonl", bomb), /unpacks to 31457280 bytes/],
    ["a file that lies about its size", () => lyingZip(), /no zip that can be trusted/],
    ["no zip at all", () => Buffer.from("PK but not really"), /no zip that can be trusted/],
    ["no file of alerts", () => zipOf("report.txt", "hello"), /holds no alerts.jsonl/],
    [
      "many files",
      () => writeZip(Array.from({ length: 21 }, (_, index) => ({ path: `${index}.txt`, content: Buffer.from("x") }))),
      /holds 21 files/,
    ],
  ])("%s", async (_what, zip, problem) => {
    const before = alertViews(await world.entries(), new Date()).length;
    plant(zip());
    const { code, entries, printed } = await pull();
    expect(code).toBe(0);
    expect(entries.map((entry) => entry.kind)).toEqual(["alerts.refused"]);
    expect(entries[0]?.data.problem).toMatch(problem);
    expect(printed).toMatch(problem);
    expect(alertViews(await world.entries(), new Date())).toHaveLength(before);
  });

  test("and none of them is looked at again", async () => {
    expect(await pull()).toMatchObject({ code: 0, entries: [] });
  });

  test.each([
    ["a fork", { fork: true }],
    ["a branch that nobody guards", { branch: "feature" }],
    ["another name", { name: "coverage" }],
  ])("one of %s is not even read", async (_what, changes) => {
    plant(zipOf("alerts.jsonl", linesOf(sampleAlert())), changes);
    const { code, entries } = await pull();
    expect({ code, entries }).toEqual({ code: 0, entries: [] });
  });
});

test("another repository's artifacts are pulled with a token of their own; one that cannot be read keeps nothing else back", async () => {
  const both = await openWorkerWorld({
    config: `${CONFIG}pull: {repositories: [acme/shop, acme/secret]}\n`,
    github: (request) => elsewhere?.(request),
  });
  try {
    const theirs = sampleAlert({ app: "shop", cluster: "shop-prod" });
    const ours = sampleAlert();
    const { id } = both.hub.plantArtifact({ name: "other", branch: "main", zip: zipOf("alerts.jsonl", linesOf(theirs)) });
    both.hub.plantArtifact({ name: "holdfast-alerts", branch: "main", zip: zipOf("alerts.jsonl", linesOf(ours)) });
    const at = new Date().toISOString();
    const listed = {
      ...{ id, node_id: "A", name: "holdfast-alerts", size_in_bytes: 500, url: "", archive_download_url: "", expired: false },
      ...{ created_at: at, updated_at: at, expires_at: at },
      workflow_run: { id: 1, repository_id: 2, head_repository_id: 2, head_branch: "main", head_sha: "0" },
    };
    elsewhere = ({ path }) => {
      if (path === "/repos/acme/shop/actions/artifacts")
        return { kind: "answer", status: 200, json: { total_count: 1, artifacts: [listed] } };
      if (path !== `/repos/acme/shop/actions/artifacts/${id}/zip`) return undefined;
      return { kind: "answer", status: 302, headers: { Location: `${both.hub.url}/repos/acme/holdfast/actions/artifacts/${id}/zip` } };
    };
    const request = { reason: "Merging what others found", request_id: randomUUID() };
    const { code, printed } = await both.run("pull-alerts", request, { PULL_TOKEN: both.tokenOf("bob") });
    expect(code).toBe(1);
    expect(printed).toContain("acme/secret: ");
    const views = alertViews(await both.entries(), new Date());
    expect(views.map(({ alert }) => [alert.id, alert.cluster]).toSorted()).toEqual(
      [
        [ours.id, "app-prod"],
        [theirs.id, null],
      ].toSorted(),
    );
    expect((await both.entries()).at(-1)?.kind).toBe("alerts.failed");
  } finally {
    elsewhere = undefined;
    await both.close();
  }
});

/** A directory that promises a hundred bytes for a megabyte. */
function lyingZip(): Buffer {
  const zip = zipOf("alerts.jsonl", Buffer.alloc(1024 * 1024));
  const entry = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
  zip.writeUInt32LE(100, entry + 24);
  return zip;
}
