import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkRecord } from "../../scripts/conformity/check-record.ts";
import type { RecordEntry } from "../../scripts/sandbox/record.ts";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

let world: SandboxWorld;
const record: RecordEntry[] = [];

beforeAll(async () => {
  world = await openSandboxWorld({ record: (entry) => record.push(entry) });
});
afterAll(() => world.close());

async function dispatched(workflow: string, inputs: Readonly<Record<string, string>> = {}) {
  const requestId = randomUUID();
  const id = await world.dispatch(world.tokens.operator, workflow, {
    reason: "Because a test asks for it",
    request_id: requestId,
    ...inputs,
  });
  const [run] = await world.ended([id]);
  return { conclusion: run?.conclusion, own: await world.entriesOf(requestId) };
}

test("detect.yml reads the database's log with its own role, records what it finds, tells people and leaves it as an artifact", async () => {
  const { endpoint, master } = world.sandbox.aws;
  const client = new pg.Client({ ...(await endpoint("app-prod")), ...master, database: "app" });
  await client.connect();
  await client.query("create table victims (id int)");
  await client.query("delete from victims");
  await client.end();
  const { conclusion, own } = await dispatched("detect.yml", { cluster: "app-prod" });
  expect(conclusion).toBe("success");
  expect(own.at(-1)).toMatchObject({ kind: "detect.completed", actor: "alice", data: { cluster: "app-prod", opened: expect.any(Number) } });
  const alerts = (await world.entries()).filter((entry) => entry.kind === "alert.opened");
  expect(alerts.map((entry) => entry.data.rule)).toContain("destructive-statement");
  expect(world.sandbox.slack.received().map(({ message }) => JSON.stringify(message))).toContainEqual(
    expect.stringContaining(alerts.find((entry) => entry.data.rule === "destructive-statement")?.incident ?? "an alert"),
  );
});

test("pull-alerts.yml reads that artifact and adds nothing that is known", async () => {
  const before = (await world.entries()).filter((entry) => entry.kind.startsWith("alert.")).length;
  const { conclusion, own } = await dispatched("pull-alerts.yml");
  expect(conclusion).toBe("success");
  expect(own).toMatchObject([{ kind: "alerts.pulled", data: { repository: "acme/holdfast", added: 0 } }]);
  expect((await world.entries()).filter((entry) => entry.kind.startsWith("alert."))).toHaveLength(before);
});

test("canary.yml refuses where holdfast.yml gives no address, and the run is red", async () => {
  const { conclusion, own } = await dispatched("canary.yml", { app: "web" });
  expect(conclusion).toBe("failure");
  expect(own).toMatchObject([{ kind: "canary.refused" }]);
});

test("nothing that was asked of GitHub and AWS, and nothing they answered, violates their descriptions", () => {
  expect(checkRecord(record)).toEqual([]);
});
