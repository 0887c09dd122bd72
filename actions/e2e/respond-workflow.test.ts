import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { PATIENCE } from "../../scripts/testing/patience.ts";
import { alertViews, overridesInForce } from "../src/domain/index.ts";
import { openBranch } from "../src/github/branch.ts";
import { connectGitHub } from "../src/github/client.ts";
import { openLedger } from "../src/ledger/ledger.ts";
import { alertEntry, sampleAlert } from "./sample-alert.ts";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

let world: SandboxWorld;
const alert = sampleAlert();

beforeAll(async () => {
  world = await openSandboxWorld({ reviewers: { override: ["alice", "bob"], preventSelfReview: true } });
  const token = world.sandbox.github.createToken({ login: "alice", permissions: { contents: "write" } });
  const github = connectGitHub({ token, apiUrl: world.sandbox.github.url, repository: "acme/holdfast" });
  const [branch, status] = [openBranch(github, "ledger"), openBranch(github, "status")];
  await openLedger({ branch, status, wait: () => Promise.resolve(), random: Math.random }).append([alertEntry(alert)]);
});
afterAll(() => world.close());

function inputs(changes: Record<string, string>) {
  return { reason: "Looking into it with the team", request_id: randomUUID(), ...changes };
}

async function decide(token: string, run: number, state: "approved" | "rejected"): Promise<number> {
  const url = `${world.sandbox.github.url}/repos/acme/holdfast/actions/runs/${run}/pending_deployments`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const waiting = await vi.waitFor(async () => {
    const list: { environment: { id: number } }[] = JSON.parse(await (await fetch(url, { headers })).text());
    expect(list).toHaveLength(1);
    return list;
  }, PATIENCE);
  const body = JSON.stringify({ environment_ids: waiting.map((each) => each.environment.id), state, comment: "As agreed" });
  return (await fetch(url, { method: "POST", headers, body })).status;
}

test("two operators acknowledge one alert through GitHub at once: both runs succeed, one of them is in the record", async () => {
  const { operator, approver } = world.tokens;
  const runs = await world.ended(
    await Promise.all(
      [operator, approver].map((token) => world.dispatch(token, "respond.yml", inputs({ action: "acknowledge", subject: alert.id }))),
    ),
  );
  expect(runs.map((run) => run.conclusion)).toEqual(["success", "success"]);
  const entries = await world.entries();
  expect(entries.filter((entry) => entry.kind === "alert.acknowledged")).toHaveLength(1);
  expect(["alice", "bob"]).toContain(alertViews(entries, new Date())[0]?.acknowledged?.by);
});

test("an override waits for another person, and the record says who that was", async () => {
  const request = inputs({
    action: "override",
    rule: "mass-password-reset",
    app: "web",
    until: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const run = await world.dispatch(world.tokens.operator, "respond.yml", request);
  const asker = world.sandbox.github.createToken({ login: "alice", permissions: { actions: "read", deployments: "write" } });
  expect(await decide(asker, run, "approved"), "whoever asked cannot agree").toBe(422);
  expect(overridesInForce(await world.entries(), new Date())).toEqual([]);
  expect(await decide(world.tokens.approver, run, "approved")).toBe(200);
  expect((await world.ended([run]))[0]?.conclusion).toBe("success");
  expect(overridesInForce(await world.entries(), new Date())).toMatchObject([
    { id: request.request_id, by: "alice", gate: "environment override: bob" },
  ]);
});
