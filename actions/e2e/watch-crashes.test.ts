/**
 * The workers that watch, killed with SIGKILL right before and right after they write an entry, and run again with the same request: each entry
 * stands once, and nothing that was found is lost. The kill comes from outside, from the GitHub that is asked to write the entry.
 */
import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeZip } from "../../scripts/sandbox/actions/write-zip.ts";
import type { Fault, Seen } from "../../scripts/sandbox/github/serve.ts";
import { CANARY_PATTERN, type CollectorHealth, collectorPath, silencesInForce } from "../src/domain/index.ts";
import { entryIdsIn } from "./entries-in-request.ts";
import { sampleAlert } from "./sample-alert.ts";
import { openWorkerWorld, type WorkerName, type WorkerWorld } from "./worker-world.ts";

type Moment = "before" | "after";

let world: WorkerWorld;
let app: Server;

/** What to kill, and the ending of the entry's id whose writing is the moment. */
let fuse: { readonly entry: RegExp; readonly moment: Moment; readonly kill: () => void } | null = null;

function github(request: Seen): Fault | undefined {
  if (fuse === null || !entryIdsIn(request).some((id) => fuse?.entry.test(id))) return undefined;
  const { moment, kill } = fuse;
  fuse = null;
  kill();
  return { kind: "hang-up", when: moment };
}

beforeAll(async () => {
  app = createServer((request, response) => {
    response.writeHead(204).end();
    const id = CANARY_PATTERN.exec(request.url ?? "")?.[1];
    if (id !== undefined) void world.writeStatus(collectorPath("host-1"), JSON.stringify(heartbeat(id)));
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  const address = app.address();
  if (address === null || typeof address === "string") throw new Error("the app has no port");
  world = await openWorkerWorld({
    github,
    config: `clusters:
  - {id: app-prod, region: eu-west-1, database: app}
apps:
  - {name: web, cluster: app-prod, canary: {url: "http://127.0.0.1:${address.port}/", within: 60s}}
`,
  });
});
afterAll(async () => {
  await world.close();
  app.close();
});

function heartbeat(id: string): CollectorHealth {
  const at = new Date().toISOString();
  const lastHour = { lines: 1, dropped: 0, unreadable: 0, late: 0 };
  const source = { name: "flask_web_1", app: "web", cluster: "app-prod", following: true, lastLineAt: at, lagMs: 1, clockSkewMs: 0 };
  return {
    v: 1,
    collector: "host-1",
    startedAt: at,
    at,
    sources: [{ ...source, lastHour, canary: { id, seenAt: at } }],
    notices: { waiting: 0, failed: 0 },
    spooled: 0,
  };
}

interface Kill {
  readonly entry: RegExp;
  readonly moment: Moment;
}

/** Kills it at each of these moments, one run after the other, lets it end at last, and returns the kinds of entries that came of all. */
async function killAndRepeat(worker: WorkerName, inputs: Readonly<Record<string, string>>, kills: readonly Kill[]) {
  const before = (await world.entries()).length;
  const request = { ...inputs, reason: "To be killed and asked for again", request_id: randomUUID() };
  for (const each of kills) {
    const victim = world.start(worker, request);
    fuse = { ...each, kill: () => victim.kill() };
    const { code, printed } = await victim.done;
    // null is what a process leaves that did not end by itself.
    expect(code, printed).toBeNull();
  }
  const { code, printed } = await world.run(worker, request);
  expect(code, printed).toBe(0);
  return (await world.entries()).slice(before).map(({ kind }) => kind);
}

const around = (entry: RegExp): readonly Kill[] => MOMENTS.map((moment) => ({ entry, moment }));

const MOMENTS: readonly Moment[] = ["before", "after"];

test("a silence killed around its entry is in force once", async () => {
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const inputs = { action: "silence", subject: "", rule: "bulk-deletion", app: "", key: "", severity: "", until };
  expect(await killAndRepeat("respond", inputs, around(/:started$/))).toEqual(["silence.started"]);
  expect(silencesInForce(await world.entries(), new Date())).toHaveLength(1);
});

test("a pass over logs killed around each of its entries finds what it would have found, once", async () => {
  const client = new pg.Client({ ...(await world.aws.endpoint("app-prod")), ...world.aws.master, database: "app" });
  await client.connect();
  await client.query("create table victims (id int)");
  await client.query("delete from victims");
  await client.end();
  const kills = [...around(/^destructive-statement-.*:opened$/), ...around(/:completed$/)];
  expect(await killAndRepeat("detect", { cluster: "app-prod" }, kills)).toEqual(["alert.opened", "detect.completed"]);
});

test("a pull of alerts killed around each of its entries takes them once", async () => {
  const zip = writeZip([{ path: "alerts.jsonl", content: Buffer.from(`${JSON.stringify(sampleAlert())}\n`) }]);
  world.hub.plantArtifact({ name: "holdfast-alerts", branch: "main", zip });
  expect(await killAndRepeat("pull-alerts", {}, [...around(/:opened$/), ...around(/:pulled$/)])).toEqual(["alert.opened", "alerts.pulled"]);
});

test("a canary killed around its receipt is received once", async () => {
  expect(await killAndRepeat("canary", { app: "web" }, around(/:received$/))).toEqual(["canary.received"]);
});
