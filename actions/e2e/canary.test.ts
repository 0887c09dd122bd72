import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CANARY_PATTERN, type CollectorHealth, collectorPath } from "../src/domain/index.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

let app: Server;
let world: WorkerWorld;
/** What reads the app's access log, a line at a time. */
let collector: ((line: string) => Promise<void>) | undefined;

beforeAll(async () => {
  app = createServer((request, response) => {
    response.writeHead(404).end("not here");
    void collector?.(`203.0.113.1 - - "GET ${request.url} HTTP/1.1" 404 9`);
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = app.address();
  if (address === null || typeof address === "string") throw new Error("the app has no port");
  const url = `http://127.0.0.1:${address.port}/healthz?deep=1`;
  world = await openWorkerWorld({
    config: `clusters:
  - {id: app-prod, region: eu-west-1, database: app}
apps:
  - {name: web, cluster: app-prod, canary: {url: "${url}", within: 60s}}
  - {name: unheard, cluster: app-prod, canary: {url: "${url}", within: 1s}}
  - {name: gone, cluster: app-prod, canary: {url: "http://127.0.0.1:1/", within: 60s}}
  - {name: plain, cluster: app-prod}
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
  const notices = { waiting: 0, failed: 0 };
  return {
    v: 1,
    collector: "host-1",
    startedAt: at,
    at,
    sources: [{ ...source, lastHour, canary: { id, seenAt: at } }],
    notices,
    spooled: 0,
  };
}

async function send(name: string) {
  const requestId = randomUUID();
  const { code, printed } = await world.run("canary", { app: name, reason: "Is anybody listening there", request_id: requestId });
  const entries = (await world.entries()).filter((entry) => entry.data.requestId === requestId);
  return { code, printed, entries, requestId };
}

test("a canary that travels from the access log through a collector is received, and the record says how long it took", async () => {
  collector = async (line) => {
    const id = CANARY_PATTERN.exec(line)?.[1];
    if (id !== undefined) await world.writeStatus(collectorPath("host-1"), JSON.stringify(heartbeat(id)));
  };
  const { code, entries } = await send("web");
  expect(code).toBe(0);
  expect(entries).toMatchObject([
    { kind: "canary.received", data: { app: "web", collector: "host-1", source: "flask_web_1", tookMs: expect.any(Number) } },
  ]);
});

test("one that nobody reads is missing, in the record and for whoever looks at the run; another's receipt is none", async () => {
  collector = async () => world.writeStatus(collectorPath("host-1"), JSON.stringify(heartbeat(randomUUID())));
  const { code, printed, entries } = await send("unheard");
  expect(code).toBe(1);
  expect(printed).toContain("never came back");
  expect(entries).toMatchObject([{ kind: "canary.missing", data: { app: "unheard", problem: expect.stringContaining("within 1 s") } }]);
});

test("one to an app that does not answer is missing too", async () => {
  const { code, entries } = await send("gone");
  expect(code).toBe(1);
  expect(entries).toMatchObject([{ kind: "canary.missing", data: { app: "gone", problem: expect.stringContaining("did not answer") } }]);
});

test.each([
  ["an app without an address", "plain", /gives no address for a canary/],
  ["an app that is not there", "other", /There is no app other/],
])("%s is refused", async (_what, name, problem) => {
  const { code, entries } = await send(name);
  expect(code).toBe(3);
  expect(entries).toMatchObject([{ kind: "canary.refused", data: { problem: expect.stringMatching(problem) } }]);
});
