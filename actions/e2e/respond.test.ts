import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alertViews, type Draft, overridesInForce, silencesInForce, suppressionsOf } from "../src/domain/index.ts";
import { alertEntry, sampleAlert } from "./sample-alert.ts";
import { openWorkerWorld, type WorkerWorld } from "./worker-world.ts";

const CONFIG = `clusters:
  - {id: app-prod, region: eu-west-1, database: app}
apps:
  - {name: web, cluster: app-prod}
approvals: {migrations: dispatch}
`;

let world: WorkerWorld;

beforeAll(async () => {
  world = await openWorkerWorld({ config: CONFIG });
});
afterAll(() => world.close());

const inOneHour = () => new Date(Date.now() + 3_600_000).toISOString();

function inputs(changes: Record<string, string>) {
  const none = { subject: "", rule: "", app: "", key: "", severity: "", until: "", incident: "" };
  return { action: "acknowledge", ...none, reason: "Looking into it with the team", request_id: randomUUID(), ...changes };
}

const printedBy = async (given: Record<string, string>, env: Record<string, string> = {}) => {
  const { code, printed } = await world.run("respond", given, env);
  return { code, printed: printed.replaceAll(/&#(\d+);/g, (_, char) => String.fromCharCode(Number(char))) };
};

async function plant(...alerts: Parameters<typeof alertEntry>[0][]): Promise<void> {
  await world.record(alerts.map(alertEntry));
}

const viewOf = async (id: string) => alertViews(await world.entries(), new Date()).find((view) => view.alert.id === id);
const kindsOf = async (requestId: string) =>
  (await world.entries()).filter((entry) => entry.data.requestId === requestId).map((entry) => entry.kind);

describe("an alert", () => {
  test("is acknowledged, then resolved with a note, by whoever GitHub says asked", async () => {
    const alert = sampleAlert();
    await plant(alert);
    expect((await printedBy(inputs({ subject: alert.id }))).code).toBe(0);
    expect(await viewOf(alert.id)).toMatchObject({
      status: "acknowledged",
      acknowledged: { by: "alice", note: "Looking into it with the team" },
    });
    const resolve = inputs({ action: "resolve", subject: alert.id, reason: "An admin's script; passwords are back" });
    expect((await printedBy(resolve, { GITHUB_TOKEN: world.tokenOf("bob") })).code).toBe(0);
    expect(await viewOf(alert.id)).toMatchObject({
      status: "ended",
      resolved: { by: "bob", note: "An admin's script; passwords are back" },
    });
    const story = (await world.entries()).filter((entry) => entry.incident === alert.id);
    expect(story.map((entry) => entry.id)).toEqual(["opened", "acknowledged", "resolved"].map((step) => `${alert.id}:${step}`));
  });

  test("that two operators acknowledge at the same moment has one acknowledgement, and the other is told whose", async () => {
    const alert = sampleAlert();
    await plant(alert);
    const runs = await Promise.all([
      printedBy(inputs({ subject: alert.id, reason: "I am looking into this one" })),
      printedBy(inputs({ subject: alert.id, reason: "No, I am on it already" }), { GITHUB_TOKEN: world.tokenOf("bob") }),
    ]);
    expect(runs.map((run) => run.code)).toEqual([0, 0]);
    const acknowledged = (await viewOf(alert.id))?.acknowledged;
    expect((await world.entries()).filter((entry) => entry.id === `${alert.id}:acknowledged`)).toHaveLength(1);
    const loser = runs.find((run) => run.printed.includes("Already done"));
    expect(loser?.printed).toContain(`by ${acknowledged?.by} at ${acknowledged?.at}`);
  });

  test("answered again with the same request id is recorded once", async () => {
    const alert = sampleAlert();
    await plant(alert);
    const given = inputs({ subject: alert.id });
    const runs = await Promise.all([printedBy(given), printedBy(given)]);
    expect(runs.map((run) => run.code)).toEqual([0, 0]);
    expect(runs.map((run) => run.printed).join("")).not.toContain("Already done");
    expect(await kindsOf(given.request_id)).toEqual(["alert.acknowledged"]);
  });
});

describe("a silence", () => {
  test("is in force with author, reason, matcher and end, and ends with its bill", async () => {
    const silence = inputs({ action: "silence", rule: "bulk-deletion", app: "web", until: inOneHour(), incident: "INC-7" });
    expect((await printedBy(silence)).code).toBe(0);
    const [inForce] = silencesInForce(await world.entries(), new Date());
    expect(inForce).toMatchObject({
      id: silence.request_id,
      by: "alice",
      reason: silence.reason,
      matcher: { rule: "bulk-deletion", app: "web" },
      until: silence.until,
      incident: "INC-7",
    });
    await plant(sampleAlert({ rule: "bulk-deletion", hiddenBy: silence.request_id, count: 33 }));

    const end = inputs({ action: "end-silence", subject: silence.request_id, reason: "The clean-up is over" });
    const { code, printed } = await printedBy(end);
    expect(code).toBe(0);
    expect(printed).toContain("1, of 33 occurrences");
    expect(silencesInForce(await world.entries(), new Date())).toEqual([]);
    const [ended] = suppressionsOf(await world.entries(), new Date());
    expect(ended).toMatchObject({ ended: { by: "alice", reason: "The clean-up is over" }, bill: { alerts: 1, occurrences: 33 } });
    expect((await printedBy(inputs({ action: "end-silence", subject: silence.request_id }))).printed).toContain("Already done");
  });

  test("whose time ran out is billed by whoever comes next", async () => {
    const id = randomUUID();
    const [at, until] = [new Date(Date.now() - 7_200_000).toISOString(), new Date(Date.now() - 3_600_000).toISOString()];
    const data = { requestId: id, matcher: { rule: "bulk-deletion" }, until };
    await world.record([
      { id: `${id}:started`, at, kind: "silence.started", actor: "alice", run: "local", reason: "For a short while", data },
    ]);
    const alert = sampleAlert();
    await plant(alert);
    expect((await printedBy(inputs({ subject: alert.id }))).code).toBe(0);
    const [end] = (await world.entries()).filter((entry) => entry.id === `${id}:ended`);
    expect(end).toMatchObject({ kind: "silence.ended", data: { expired: true, endedAt: until, bill: { alerts: 0 } } });
  });
});

describe("an override", () => {
  const override = (changes: Record<string, string> = {}) =>
    inputs({ action: "override", rule: "mass-password-reset", until: inOneHour(), reason: "Forced reset after the audit", ...changes });

  test("that nobody else agreed to is refused where somebody must", async () => {
    const given = override();
    const { code, printed } = await printedBy(given);
    expect(code).toBe(3);
    expect(printed).toContain("An override needs 1 other than alice to agree, and nobody did.");
    expect(await kindsOf(given.request_id)).toEqual(["respond.refused"]);
    expect(overridesInForce(await world.entries(), new Date())).toEqual([]);
  });

  test("where one person may decide alone says that no gate was in force", async () => {
    const alone = await openWorkerWorld({ config: CONFIG.replace("{migrations: dispatch}", "{required: 0}") });
    try {
      const given = override();
      expect((await alone.run("respond", given)).code).toBe(0);
      const [inForce] = overridesInForce(await alone.entries(), new Date());
      expect(inForce).toMatchObject({ id: given.request_id, gate: expect.stringContaining("none: approvals.required is 0") });
    } finally {
      await alone.close();
    }
  });
});

describe("a refused answer leaves a ledger entry and nothing else", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["to an alert that nobody knows", { subject: "bulk-deletion-0" }, /knows no alert bulk-deletion-0/],
    ["that ends a silence that nobody knows", { action: "end-silence", subject: randomUUID() }, /knows no silence/],
    ["without end", { action: "silence", rule: "bulk-deletion" }, /until: found nothing/],
    ["for an app that is not there", { action: "silence", app: "api", until: inOneHour() }, /no app api/],
    ["of everything", { action: "silence", until: inOneHour() }, /hiding everything would hide the next accident/],
    ["without reason", { subject: "bulk-deletion-0", reason: "" }, /at least 10 characters/],
    ["with an action that is none", { action: "delete", subject: "bulk-deletion-0" }, /action/],
  ])("%s", async (_what, changes, problem) => {
    const given = inputs(changes);
    const { code, printed } = await printedBy(given);
    expect(code).toBe(3);
    expect(printed).toMatch(problem);
    expect(await kindsOf(given.request_id)).toEqual(["respond.refused"]);
  });

  test("that acknowledges what was resolved", async () => {
    const alert = sampleAlert();
    await plant(alert);
    await printedBy(inputs({ action: "resolve", subject: alert.id }));
    const late = inputs({ subject: alert.id });
    const { code, printed } = await printedBy(late);
    expect(code).toBe(3);
    expect(printed).toContain("alice resolved the alert");
  });
});

test("in strict mode what a silence is keyed by enters the ledger as a hash only", async () => {
  const strict = await openWorkerWorld({ config: `${CONFIG}privacy: strict\n` });
  try {
    const given = inputs({ action: "silence", rule: "repeated-auth-failure", key: "203.0.113.9", until: inOneHour() });
    const { code, printed } = await strict.run("respond", given, { PRIVACY_KEY: "a key of this installation" });
    expect(code).toBe(0);
    expect(printed + JSON.stringify(await strict.entries())).not.toContain("203.0.113.9");
    expect(silencesInForce(await strict.entries(), new Date())[0]?.matcher.key).toMatch(/^keyed-[0-9a-f]{16}$/);
  } finally {
    await strict.close();
  }
});

test("an approval of a migration is put on record once, and refused where it could never count", async () => {
  const requestId = randomUUID();
  const digest = "a1".repeat(32);
  const about = { requestId, cluster: "app-prod", digest, schema: digest, commit: "c0ffee", verdict: "safe", migrations: [] };
  const entry = (step: string, kind: "plan.completed" | "rehearsal.checked", data: Draft["data"]): Draft => ({
    id: `${requestId}:${step}`,
    at: new Date().toISOString(),
    kind,
    actor: "alice",
    run: "7/1",
    reason: "Phones are wanted by the shop",
    data,
  });
  await world.record([
    entry("planned", "plan.completed", { ...about, authors: ["carol"] }),
    entry("checked", "rehearsal.checked", { migration: requestId, digest, ran: [] }),
  ]);
  const approve = (subject: string) => inputs({ action: "approve", subject, reason: "I have read what the rehearsal did" });
  expect(await printedBy(approve("b2".repeat(32)))).toMatchObject({ code: 3, printed: expect.stringContaining("knows no rehearsal") });
  expect(await printedBy(approve(digest))).toMatchObject({
    code: 3,
    printed: expect.stringContaining("An approval of alice does not count"),
  });
  for (const _again of [1, 2])
    expect(await printedBy(approve(digest), { GITHUB_TOKEN: world.tokenOf("bob") })).toMatchObject({
      code: 0,
      printed: expect.stringContaining("approved by bob"),
    });
  const given = (await world.entries()).filter(({ kind }) => kind === "request.approved");
  expect(given).toMatchObject([
    { actor: "bob", reason: "I have read what the rehearsal did", data: { requestId, digest, by: "dispatch" } },
  ]);
});
