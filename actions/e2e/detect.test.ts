import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Alert, alertSchema, alertViews, silencesInForce } from "../src/domain/index.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

const CONFIG = `clusters:
  - {id: app-prod, region: eu-west-1, database: app}
apps:
  - {name: web, cluster: app-prod}
notify:
  - {match: {severity: HIGH}, slack: {secret: SLACK_WEBHOOK_URL}}
`;

let world: WorkerWorld;
let slack: Server;
let webhook = "";
/** What arrived in the channel; refused while `closed`. */
let messages: string[] = [];
let closed = false;

beforeAll(async () => {
  slack = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (closed) return void response.writeHead(503).end("down");
    messages.push(body);
    response.writeHead(200).end("ok");
  });
  await new Promise<void>((resolve) => slack.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = slack.address();
  if (address === null || typeof address === "string") throw new Error("the inbox has no port");
  webhook = `http://127.0.0.1:${address.port}/services/T0/B0/x`;
  world = await openWorkerWorld({ config: CONFIG });
});
afterAll(async () => {
  await world.close();
  slack.close();
});
beforeEach(() => {
  messages = [];
});

async function sql(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ ...(await world.aws.endpoint("app-prod")), ...world.aws.master, database: "app" });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function detect(env: Record<string, string> = {}, cluster = "app-prod") {
  rmSync(join(world.checkout, "holdfast-alerts"), { recursive: true, force: true });
  const requestId = randomUUID();
  const request = { cluster, reason: "A pass of the clock", request_id: requestId };
  const { code, printed } = await world.run("detect", request, { SLACK_WEBHOOK_URL: webhook, ...env });
  const own = (await world.entries()).filter((entry) => entry.data.requestId === requestId);
  return { code, printed, own };
}

function handedOn(): readonly Alert[] {
  const file = join(world.checkout, "holdfast-alerts", "alerts.jsonl");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => alertSchema.parse(JSON.parse(line)));
}

const opened = async () => (await world.entries()).filter((entry) => entry.kind === "alert.opened");

test("a pass over logs in which nothing happened opens nothing and says so", async () => {
  const { code, own } = await detect();
  expect(code).toBe(0);
  expect(own).toMatchObject([{ kind: "detect.completed", data: { cluster: "app-prod", opened: 0, behind: false } }]);
  expect(own[0]?.data.lines).toBeGreaterThan(0);
  expect({ messages, alerts: handedOn(), opened: await opened() }).toEqual({ messages: [], alerts: [], opened: [] });
});

test("an unfiltered statement in the log is one alert, in the record and handed on as a file, also while Slack does not answer", async () => {
  closed = true;
  await sql("create table victims (id int)", "insert into victims select generate_series(1, 30)", "delete from victims");
  const { code, printed, own } = await detect();
  expect(printed).toContain("alerts in the logs");
  expect(code).toBe(0);
  const found = (await opened()).map((entry) => alertSchema.parse(entry.data));
  expect(found).toMatchObject([{ rule: "destructive-statement", app: "web", cluster: "app-prod", severity: "HIGH", hiddenBy: null }]);
  expect(found[0]?.excerpt.join()).toContain("delete from victims");
  expect(own.at(-1)).toMatchObject({ kind: "detect.completed", data: { opened: 1 } });
  expect(handedOn().map((alert) => alert.id)).toContain(found[0]?.id);
  expect(messages).toEqual([]);
});

test("the next pass tells what was not told, once, and finds nothing again", async () => {
  closed = false;
  const before = await opened();
  const { code, own } = await detect();
  expect(code).toBe(0);
  expect(own.at(-1)).toMatchObject({ data: { opened: 0 } });
  expect(messages.filter((message) => message.includes("delete from victims"))).toHaveLength(1);
  expect(messages[0]).toContain("docs/runbooks/destructive-statement.md");
  expect(await opened()).toEqual(before);
});

test("a window open at the end of a pass is open in the next; what a silence covers is recorded as hidden, billed, and told to nobody", async () => {
  const id = randomUUID();
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const data = { requestId: id, matcher: { rule: "bulk-deletion" }, until };
  const at = new Date().toISOString();
  await world.record([
    { id: `${id}:started`, at, kind: "silence.started", actor: "alice", run: "local", reason: "Clearing a test table", data },
  ]);
  const remove = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `delete from victims where id = ${from + index}`);
  await sql(...remove(0, 12));
  expect((await detect()).own.at(-1)).toMatchObject({ data: { opened: 0 } });
  await sql(...remove(12, 24));
  expect((await detect()).own.at(-1)).toMatchObject({ data: { opened: 1 } });
  const entries = await world.entries();
  const [view] = alertViews(entries, new Date());
  expect(view).toMatchObject({ status: "hidden", alert: { rule: "bulk-deletion", hiddenBy: id } });
  expect(silencesInForce(entries, new Date())[0]?.bill.byRule).toMatchObject([{ rule: "bulk-deletion", alerts: 1 }]);
  expect(messages.join()).not.toContain("bulk-deletion");
});

test("neither log text nor any secret is left on branch status in strict mode, and without a key a pass is refused", async () => {
  const strict = await openWorkerWorld({ config: `${CONFIG}privacy: strict\n` });
  try {
    const request = () => ({ cluster: "app-prod", reason: "A pass of the clock", request_id: randomUUID() });
    const refused = await strict.run("detect", request());
    expect(refused.code).toBe(3);
    expect(refused.printed).toContain("PRIVACY_KEY");
    const key = { PRIVACY_KEY: "a key of this installation", SLACK_WEBHOOK_URL: webhook };
    expect((await strict.run("detect", request(), key)).code).toBe(0);
    expect(await strict.statusFile("detect/app-prod.json")).toMatch(/^sealed:/);
    const again = await strict.run("detect", request(), key);
    expect(again.printed).not.toContain("could not be read");
  } finally {
    await strict.close();
  }
});

test("a cluster that is not in holdfast.yml is refused", async () => {
  const { code, own } = await detect({}, "other");
  expect(code).toBe(3);
  expect(own).toMatchObject([{ kind: "detect.refused" }]);
});
