import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ACCOUNT, type MailServer, serveMail } from "../../scripts/sandbox/mail/serve-mail.ts";
import type { RecordEntry } from "../../scripts/sandbox/record.ts";
import { type Slack, serveSlack } from "../../scripts/sandbox/slack/serve-slack.ts";
import { notify } from "../src/cli/notify.ts";
import { type Alert, alertSchema, excerptOf, parseConfig, type Suppression } from "../src/domain/index.ts";
import { type NoticeResult, type Notifier, openNotifier } from "../src/notify/notifier.ts";
import { openChannels } from "../src/notify/open-channels.ts";
import type { Route } from "../src/notify/routes.ts";
import { sendTest } from "../src/notify/send-test.ts";
import { slackChannel } from "../src/notify/slack.ts";
import { EMPTY_STATE, type NotifierState, notifierStateSchema } from "../src/notify/state.ts";
import { wordingOf } from "../src/notify/wording-of.ts";

/** People are told over the wire: a real webhook call and real SMTP, against inboxes that keep what arrives. */

let slack: Slack;
let mail: MailServer;
const record: RecordEntry[] = [];

beforeAll(async () => {
  slack = await serveSlack({ record: (entry) => record.push(entry) });
  mail = await serveMail();
});

afterEach(() => {
  for (const inbox of [slack, mail]) {
    inbox.misbehave(null);
    inbox.clear();
  }
  record.length = 0;
});

afterAll(async () => {
  await slack.close();
  await mail.close();
});

const START = Date.parse("2026-11-20T11:00:00.000Z");
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const WORDING = wordingOf(
  parseConfig({
    clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }],
    apps: [{ name: "web", cluster: "app-prod", timezone: "Europe/Berlin" }],
  }),
  { page: "https://acme.github.io/holdfast", files: "https://github.com/acme/holdfast/blob/main" },
);
const TITLE = "Many failed sign-ins from one address";

function routes(...notify: readonly object[]): readonly Route[] {
  return parseConfig({
    clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }],
    apps: [{ name: "web", cluster: "app-prod" }],
    notify,
  }).notify;
}

const SLACK = { slack: { secret: "SLACK_WEBHOOK_URL" } };
const EMAIL = { email: { to: ["oncall@example.org"] } };
const WITH_FALLBACK = routes({ ...SLACK, email: { to: ["oncall@example.org"], when: "fallback" } });

function alert(name: string, changes: Partial<Alert> = {}): Alert {
  return alertSchema.parse({
    v: 1,
    id: `repeated-auth-failure-${name}`,
    transition: "opened",
    rule: "repeated-auth-failure",
    severity: "HIGH",
    app: "web",
    cluster: "app-prod",
    key: "203.0.113.12",
    openedAt: "2026-11-20T11:00:00.123Z",
    firstEventAt: "2026-11-20T10:58:30.000Z",
    lastEventAt: "2026-11-20T11:00:00.123Z",
    endedAt: null,
    count: 5,
    threshold: 5,
    within: "300s",
    source: "flask_web_1",
    line: 412,
    excerpt: ["Failed login for 'dave' from 203.0.113.12"],
    hiddenBy: null,
    ...changes,
  });
}

interface World {
  readonly notifier: Notifier;
  readonly kept: NotifierState[];
}

function open(
  on: readonly Route[],
  {
    state = EMPTY_STATE,
    secrets = {},
    patienceMs,
    suppressions = () => [],
  }: {
    state?: NotifierState;
    secrets?: Record<string, string>;
    patienceMs?: number;
    suppressions?: () => readonly Suppression[];
  } = {},
): World {
  const kept: NotifierState[] = [];
  const known: Readonly<Record<string, string>> = { SLACK_WEBHOOK_URL: slack.webhook, SMTP_URL: mail.smtp, ...secrets };
  const channels = openChannels((name) => known[name], WORDING);
  const impatient = (address: string) =>
    slackChannel({ address, secret: "SLACK_WEBHOOK_URL", wording: WORDING, patienceMs: patienceMs ?? 10_000 });
  const notifier = openNotifier({
    routes: on,
    channels:
      patienceMs === undefined
        ? channels
        : { ...channels, of: (destination) => (destination.kind === "slack" ? impatient(slack.webhook) : channels.of(destination)) },
    state,
    // As a collector keeps it: in writing, read back by the schema.
    keep: async (next) => void kept.push(notifierStateSchema.parse(JSON.parse(JSON.stringify(next)))),
    suppressions,
    head: () => "128:9f2c",
  });
  return { notifier, kept };
}

const kinds = (results: readonly NoticeResult[]) =>
  results.map((each) => (each.kind === "notice-sent" ? `${each.kind} ${each.reason}` : each.kind));

function textsOf(received: Slack["received"] extends () => infer List ? List : never): string {
  return JSON.stringify(received.map(({ message }) => message));
}

describe("one alert", () => {
  test("reaches Slack and mail once each, with everything a person needs", async () => {
    const { notifier } = open(routes({ ...SLACK, ...EMAIL }));
    expect(notifier.offer([alert("a")], START)).toEqual([]);
    expect(kinds(await notifier.due(START + 500))).toEqual(["notice-sent first", "notice-sent first"]);
    await notifier.due(START + 501);
    const [message] = slack.received();
    const [letter] = mail.received();
    expect([slack.received().length, mail.received().length]).toEqual([1, 1]);
    const told = [textsOf(slack.received()), letter?.text ?? "", letter?.html ?? ""];
    for (const text of told) {
      for (const part of [
        "2026-11-20 11:00:00 UTC (12:00:00 Europe/Berlin)",
        TITLE,
        "HIGH",
        "the threshold is 5 in 300s",
        "203.0.113.12",
        "flask_web_1, line 412",
        "repeated-auth-failure-a",
        "One address failed to sign in again and again.",
        "A job or a service with an old password",
        "Block the address where it is an attack",
        "https://acme.github.io/holdfast/#/alerts/repeated-auth-failure-a",
        "https://github.com/acme/holdfast/blob/main/docs/runbooks/repeated-auth-failure.md",
        "Ledger head 128:9f2c",
      ])
        expect(text).toContain(part);
    }
    expect(letter).toMatchObject({ from: "oncall@example.org", to: ["oncall@example.org"], inReplyTo: null });
    expect(letter?.subject).toBe(`[Holdfast] HIGH ${TITLE} in web on app-prod: 1 new alert, 1 open`);
    expect(message?.message).toMatchObject({ unfurl_links: false, unfurl_media: false });
  });

  test("its end is a mail in the same thread", async () => {
    const { notifier } = open(routes(EMAIL));
    notifier.offer([alert("a")], START);
    await notifier.due(START + 500);
    notifier.offer([alert("a", { transition: "ended", endedAt: "2026-11-20T11:05:00.000Z" })], START + 5 * MINUTE);
    await notifier.due(START + 6 * MINUTE);
    const [first, last] = mail.received();
    expect(last?.inReplyTo).toBe(first?.messageId);
    expect(last?.subject).toMatch(/: ended$/);
    expect(last?.text).not.toContain("Likely causes");
  });

  test("of no route is handed back, and of a missing secret is told as such", async () => {
    const high = open(routes({ match: { severity: "MEDIUM" }, ...SLACK }));
    expect(high.notifier.offer([alert("a")], START)).toHaveLength(1);
    const { notifier } = open(routes({ slack: { secret: "NOT_SET" } }));
    notifier.offer([alert("a")], START);
    expect(await notifier.due(START + 500)).toMatchObject([{ kind: "notice-delayed", problem: "the secret NOT_SET is not set" }]);
  });
});

test("a storm of 1,000 alerts is a handful of messages", async () => {
  const { notifier } = open(routes(SLACK));
  for (let index = 0; index < 1_000; index += 1) {
    const now = START + index * 10;
    notifier.offer([alert(`n${index}`, { key: `203.0.113.${index % 250}` })], now);
    await notifier.due(now);
  }
  for (let minute = 1; minute <= 30; minute += 1) await notifier.due(START + minute * MINUTE);
  expect(slack.received().length).toBeGreaterThan(0);
  expect(slack.received().length).toBeLessThanOrEqual(5);
});

describe("when Slack", () => {
  test.each([
    ["answers 500", { kind: "answer", status: 500 }, "Slack answered 500 rollup_error"],
    ["answers 429", { kind: "answer", status: 429, retryAfter: 120 }, "Slack answered 429"],
    ["hangs", { kind: "hang" }, "Slack did not answer in time"],
    ["hangs up", { kind: "lose-answer" }, "Slack could not be reached"],
  ] as const)("%s, mail tells it at once, and Slack is tried again", async (_what, fault, problem) => {
    const { notifier } = open(WITH_FALLBACK, fault.kind === "hang" ? { patienceMs: 200 } : {});
    slack.misbehave(fault);
    notifier.offer([alert("a")], START);
    const results = await notifier.due(START + 500);
    expect(kinds(results)).toEqual(["notice-sent fallback", "notice-delayed"]);
    expect(results[1]).toMatchObject({ problem: expect.stringContaining(problem) });
    expect(mail.received()).toHaveLength(1);
    expect(mail.received()[0]?.text).toContain("Slack does not answer, so this comes by mail.");
    await notifier.due(START + 501);
    slack.misbehave(null);
    const retryAt = notifier.nextAt() ?? 0;
    expect(retryAt).toBe(START + 500 + (fault.kind === "answer" && fault.status === 429 ? 120_000 : 5_000));
    await notifier.due(retryAt - 1);
    expect(slack.calls(), "not before its time").toBe(1);
    expect(kinds(await notifier.due(retryAt))).toEqual(["notice-sent retry"]);
    expect(mail.received()).toHaveLength(1);
    expect(notifier.waiting()).toEqual({ notices: 0, since: null });
  });

  test("is out for hours, what happened meanwhile arrives in order, and each was told by mail at once", async () => {
    const { notifier, kept } = open(WITH_FALLBACK);
    slack.misbehave({ kind: "answer", status: 503 });
    for (const [index, rule] of ["bulk-deletion", "bulk-user-creation", "mass-password-reset"].entries()) {
      notifier.offer([alert(rule, { rule, id: `${rule}-1` })], START + index * 5 * MINUTE);
      await notifier.due(START + index * 5 * MINUTE + 500);
    }
    const told = ["Many rows deleted at once", "Many accounts created at once", "Many passwords changed at once"].map((title) =>
      expect.stringContaining(title),
    );
    expect(mail.received().map(({ subject }) => subject)).toEqual(told);
    expect(slack.received()).toEqual([]);
    expect(notifier.waiting()).toEqual({ notices: 3, since: START + 500 });
    slack.misbehave(null);
    // Another process finds everything in what was kept.
    const later = open(WITH_FALLBACK, { state: kept.at(-1) ?? EMPTY_STATE });
    expect(kinds(await later.notifier.due(START + 60 * MINUTE))).toEqual(["notice-sent retry", "notice-sent first", "notice-sent first"]);
    expect(slack.received().map(({ message }) => message.text)).toEqual(told);
    expect(mail.received()).toHaveLength(3);
  });

  test("and mail are both out, both are tried again, each with growing patience", async () => {
    const { notifier } = open(WITH_FALLBACK);
    slack.misbehave({ kind: "answer", status: 500 });
    mail.misbehave({ kind: "refuse", status: 451 });
    notifier.offer([alert("a")], START);
    const [result] = await notifier.due(START + 500);
    expect(result).toMatchObject({
      kind: "notice-delayed",
      problem: "Slack answered 500 rollup_error; by mail: the mail server did not take it: EMESSAGE 451",
    });
    expect(await notifier.due(START + 501), "nothing is due yet").toEqual([]);
    mail.misbehave(null);
    expect(kinds(await notifier.due(START + 5_500))).toEqual(["notice-sent fallback", "notice-delayed"]);
    expect(notifier.nextAt()).toBe(START + 5_500 + 10_000);
  });

  test("does not come back within a day, giving up is said, with who was told instead", async () => {
    const { notifier } = open(WITH_FALLBACK);
    slack.misbehave({ kind: "answer", status: 503 });
    notifier.offer([alert("a")], START);
    await notifier.due(START + 500);
    expect(await notifier.due(START + 500 + DAY)).toMatchObject([
      { kind: "notice-failed", problem: "Slack answered 503 rollup_error", attempts: 2, toldBy: "fallback" },
    ]);
    expect(notifier.waiting().notices).toBe(0);
    const alone = open(routes(SLACK));
    alone.notifier.offer([alert("a")], START);
    await alone.notifier.due(START + 500);
    expect(await alone.notifier.due(START + 500 + DAY)).toMatchObject([{ kind: "notice-failed", toldBy: null }]);
  });

  test("will never take it, giving up comes at once and does not hold up what follows", async () => {
    const { notifier } = open(WITH_FALLBACK);
    slack.misbehave({ kind: "answer", status: 404, times: 1 });
    notifier.offer([alert("a", { rule: "bulk-deletion", id: "bulk-deletion-1" }), alert("b")], START);
    expect(kinds(await notifier.due(START + 500))).toEqual(["notice-sent fallback", "notice-failed", "notice-sent first"]);
    expect(slack.received()).toHaveLength(1);
    expect(mail.received()).toHaveLength(1);
  });
});

describe("a crash", () => {
  test("before a notice was sent loses nothing; after it, the same notice comes again under the same name", async () => {
    const on = routes(EMAIL);
    const { notifier, kept } = open(on);
    notifier.offer([alert("a")], START);
    await notifier.due(START + 500);
    expect(
      kept.map((state) => state.outbox.length),
      "kept before sending, and after",
    ).toEqual([1, 0]);
    // Killed between arrival and keeping: the next process only knows what was kept before.
    const again = open(on, { state: kept[0] ?? EMPTY_STATE });
    await again.notifier.due(START + MINUTE);
    const [first, second] = mail.received();
    expect(mail.received()).toHaveLength(2);
    expect(second?.messageId).toBe(first?.messageId);
    // Killed after that: nothing comes again, although the collector offers the alert once more.
    const third = open(on, { state: again.kept.at(-1) ?? EMPTY_STATE });
    third.notifier.offer([alert("a")], START + 2 * MINUTE);
    await third.notifier.due(START + 30 * MINUTE);
    expect(mail.received()).toHaveLength(2);
  });

  test("and a route that is gone since: what waited for it is given up, loudly", async () => {
    const { notifier, kept } = open(routes(SLACK));
    slack.misbehave({ kind: "answer", status: 503 });
    notifier.offer([alert("a")], START);
    await notifier.due(START + 500);
    const other = open(routes(EMAIL), { state: kept.at(-1) ?? EMPTY_STATE });
    expect(await other.notifier.due(START + MINUTE)).toMatchObject([
      { kind: "notice-failed", problem: "no route names this destination any more" },
    ]);
  });
});

test("notices queued while others are being sent are not lost, and calls at the same time send nothing twice", async () => {
  const { notifier } = open(routes(SLACK));
  notifier.offer([alert("a")], START);
  const running = [notifier.due(START + 500), notifier.due(START + 500)];
  notifier.offer([alert("b", { rule: "bulk-deletion", id: "bulk-deletion-1" })], START + 500);
  await Promise.all(running);
  await notifier.due(START + 1_000);
  expect(slack.received()).toHaveLength(2);
});

const SECRET = "aB3xQ7zLmN5p".repeat(2);
const HOSTILE = [
  "<!channel> <!here> <@U012AB3CD> <https://evil.example|click here> `code` *bold* :siren:",
  "</pre><script>alert(1)</script><img src=x onerror=alert(1)>",
  "\u001b[2J\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\ \u0007",
  "user \u202egnp.exe ro\u200bot",
  "x\r\nBcc: victim@example.org\r\n\r\nSubject: owned",
  "::error::owned ##[error]",
  `password=${SECRET} Authorization: Bearer ${SECRET}`,
  `postgres://app:${SECRET}@db/shop`,
  `=HYPERLINK("https://evil.example")`,
  "y".repeat(10_000),
];

describe("hostile text", () => {
  test.each(HOSTILE.map((text) => [text.slice(0, 60), text]))("%j is harmless text in Slack and in mail", async (_name, text) => {
    const { notifier } = open(routes({ ...SLACK, ...EMAIL }));
    // Not even redacted: a channel does not rely on whoever wrote the alert down.
    notifier.offer([alert("a", { key: text, source: text, excerpt: [text, excerptOf(text)] })], START);
    await notifier.due(START + 500);
    const [message] = slack.received();
    const [letter] = mail.received();
    expect(slack.received()).toHaveLength(1);
    expect(message?.reads).toEqual({
      mentions: [],
      links: [
        "https://acme.github.io/holdfast/#/alerts/repeated-auth-failure-a|Open the alert",
        "https://github.com/acme/holdfast/blob/main/docs/runbooks/repeated-auth-failure.md|Runbook",
      ],
    });
    expect(letter?.to).toEqual(["oncall@example.org"]);
    expect(letter?.html).not.toMatch(/<script|<img|onerror=[^&]*>|href="(?!https:\/\/(?:acme\.github\.io|github\.com\/acme)\/)/);
    expect(letter?.subject).toBe(`[Holdfast] HIGH ${TITLE} in web on app-prod: 1 new alert, 1 open`);
    for (const told of [letter?.text ?? "", letter?.html ?? ""]) {
      expect(told.replaceAll(/\r?\n/g, "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(told).not.toContain(SECRET);
    }
    expect(textsOf(slack.received())).not.toContain(SECRET);
    expect(textsOf(slack.received())).not.toMatch(/\\u00|\u202e|\u200b/);
  });
});

describe("secrets", () => {
  test("the addresses of Slack and the mail server are in no result, no state and no record", async () => {
    const password = "p4ss-of-the-test";
    const smtp = mail.smtp.replace("//", `//${ACCOUNT.user}:${password}@`);
    const { notifier, kept } = open(WITH_FALLBACK, { secrets: { SMTP_URL: smtp } });
    slack.misbehave({ kind: "answer", status: 500 });
    notifier.offer([alert("a")], START);
    const results = await notifier.due(START + 500);
    expect(results).toMatchObject([{ kind: "notice-delayed", problem: expect.stringContaining("EAUTH 535") }]);
    const written = JSON.stringify([results, kept, record]);
    for (const secret of [password, slack.webhook.slice(slack.webhook.lastIndexOf("/") + 1), Buffer.from(password).toString("base64")])
      expect(written).not.toContain(secret);
    expect(record).toMatchObject([{ service: "slack", method: "POST", path: "/services/T00SANDBOX/B00SANDBOX/***", status: 500 }]);
  });

  test("an address that leads nowhere is told by a code alone", async () => {
    const free = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, "127.0.0.1", () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
      });
    });
    const { notifier } = open(routes({ ...SLACK, ...EMAIL }), {
      secrets: { SLACK_WEBHOOK_URL: `http://127.0.0.1:${free}/services/hush`, SMTP_URL: `smtp://bob:hush@127.0.0.1:${free}` },
    });
    notifier.offer([alert("a")], START);
    expect(await notifier.due(START + 500)).toMatchObject([
      { problem: "Slack could not be reached (ECONNREFUSED)" },
      { problem: expect.stringMatching(/^the mail server did not take it: E[A-Z]+$/) },
    ]);
  });

  test("a server that offers no encryption gets no mail unless it is this machine", async () => {
    const elsewhere = mail.smtp.replace("127.0.0.1", "[::ffff:127.0.0.1]");
    const { notifier } = open(routes(EMAIL), { secrets: { SMTP_URL: elsewhere } });
    notifier.offer([alert("a")], START);
    expect(await notifier.due(START + 500)).toMatchObject([{ problem: expect.stringContaining("ETLS") }]);
    expect(mail.received()).toEqual([]);
  });
});

test("a silence that is over presents its bill, as harmless text, and only once however often it is asked for", async () => {
  const silence: Suppression = {
    kind: "silence",
    id: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
    matcher: { key: "<!channel> 203.0.113.12" },
    startedAt: new Date(START - MINUTE).toISOString(),
    until: new Date(START + MINUTE).toISOString(),
    by: "alice",
    reason: "Clearing <b>test</b> accounts",
    incident: null,
    gate: null,
    ended: null,
    bill: { alerts: 2, occurrences: 31, byRule: [{ rule: "repeated-auth-failure", alerts: 2, occurrences: 31 }], alertIds: [] },
    seq: 4,
  };
  let known: readonly Suppression[] = [silence];
  const first = open(routes({ ...SLACK, ...EMAIL }), { suppressions: () => known });
  await first.notifier.due(START);
  expect(slack.received()).toEqual([]);
  // The process that saw it in force is gone when it ends.
  known = [{ ...silence, ended: { at: silence.until, by: "bob", reason: "Done" } }];
  const state = first.kept.at(-1) ?? EMPTY_STATE;
  const { notifier } = open(routes({ ...SLACK, ...EMAIL }), { state, suppressions: () => known });
  await notifier.due(START + 2 * MINUTE);
  await notifier.due(START + 3 * MINUTE);
  expect([slack.received().length, mail.received().length]).toEqual([1, 1]);
  expect(slack.received()[0]?.reads.mentions).toEqual([]);
  expect(mail.received()[0]).toMatchObject({ subject: "[Holdfast] A silence is over: it hid 2 alerts" });
  for (const text of [textsOf(slack.received()), mail.received()[0]?.text ?? ""])
    for (const part of ["2, of 31 occurrences", "repeated-auth-failure", "ended by bob", "by alice"]) expect(text).toContain(part);
  expect(mail.received()[0]?.html).not.toContain("<b>test");
});

test("a test notice reaches everyone by every way, and says which way is broken", async () => {
  const on = [...WITH_FALLBACK, ...routes(EMAIL)];
  const known: Readonly<Record<string, string>> = { SLACK_WEBHOOK_URL: slack.webhook, SMTP_URL: mail.smtp };
  const channels = openChannels((name) => known[name], WORDING);
  slack.misbehave({ kind: "answer", status: 403 });
  expect(await sendTest(on, channels, START)).toEqual([
    { destination: "slack:SLACK_WEBHOOK_URL", problem: "Slack answered 403 rollup_error" },
    { destination: "slack:SLACK_WEBHOOK_URL (fallback)", problem: null },
    { destination: "email:oncall@example.org", problem: null },
  ]);
  expect(mail.received().map(({ subject }) => subject)).toEqual(["[Holdfast] Test of the notices", "[Holdfast] Test of the notices"]);
  expect(mail.received()[0]?.text).toContain("This is a test of the way to you. Nothing has happened.");
});

describe("holdfast notify --test", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-notify-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = async (routing: string) => {
    const file = join(folder, "holdfast.yml");
    writeFileSync(file, `clusters: [{id: app-prod, region: eu-west-1, database: app}]\nnotify: ${routing}\n`);
    const printed: string[] = [];
    const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
    vi.stubEnv("SLACK_WEBHOOK_URL", slack.webhook);
    try {
      return { code: await notify(["--test", "--config", file]), printed: printed.join("") };
    } finally {
      spy.mockRestore();
      vi.unstubAllEnvs();
    }
  };

  test("tells of each whether it arrived", async () => {
    expect(await run("[{slack: {secret: SLACK_WEBHOOK_URL}}]")).toEqual({ code: 0, printed: "slack:SLACK_WEBHOOK_URL: arrived\n" });
    slack.misbehave({ kind: "answer", status: 403 });
    expect(await run("[{slack: {secret: SLACK_WEBHOOK_URL}}]")).toEqual({
      code: 1,
      printed: "slack:SLACK_WEBHOOK_URL: failed: Slack answered 403 rollup_error\n",
    });
  });

  test("where nobody is named, that is a failure", async () => {
    expect(await run("[]")).toEqual({ code: 1, printed: "" });
    await expect(notify([])).rejects.toThrow("expected --test");
  });
});

describe("the inboxes are strict", () => {
  const send = (body: unknown, path = slack.webhook) =>
    fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  test.each([
    ["no JSON", "text=x", 400, "invalid_payload"],
    ["an unknown key", { text: "x", link_names: true }, 400, "invalid_blocks"],
    ["an unknown block", { text: "x", blocks: [{ type: "video" }] }, 400, "invalid_blocks"],
    [
      "a section that is too long",
      { text: "x", blocks: [{ type: "section", text: { type: "plain_text", text: "y".repeat(3_001) } }] },
      400,
      "invalid_blocks",
    ],
    ["51 blocks", { text: "x", blocks: Array.from({ length: 51 }, () => ({ type: "divider" })) }, 400, "invalid_blocks"],
  ])("%s is refused", async (_what, body, status, answer) => {
    const response = await send(body);
    expect([response.status, await response.text()]).toEqual([status, answer]);
    expect(slack.received()).toEqual([]);
  });

  test("a wrong token is refused, and an unknown route is a loud error", async () => {
    expect((await send({ text: "x" }, slack.webhook.replace(/[^/]*$/, "other"))).status).toBe(403);
    const unknown = await fetch(`${slack.url}/api/chat.postMessage`, { method: "POST" });
    expect([unknown.status, await unknown.text()]).toEqual([500, "the sandbox's Slack has no POST /api/chat.postMessage\n"]);
    expect((await fetch(`${mail.url}/outbox`)).status).toBe(500);
  });

  test("what arrived can be seen over HTTP, with what Slack would make of it", async () => {
    await send({ text: "<!channel> see <https://example.org|this>" });
    expect(await (await fetch(`${slack.url}/inbox`)).json()).toMatchObject([
      { reads: { mentions: ["!channel"], links: ["https://example.org|this"] } },
    ]);
    await fetch(`${slack.url}/inbox`, { method: "DELETE" });
    expect(slack.received()).toEqual([]);
    await fetch(`${slack.url}/faults`, { method: "POST", body: JSON.stringify({ kind: "answer", status: 429, retryAfter: 7, times: 1 }) });
    const limited = await send({ text: "x" });
    expect([limited.status, limited.headers.get("retry-after"), (await send({ text: "x" })).status]).toEqual([429, "7", 200]);
    expect(await (await fetch(`${mail.url}/inbox`)).json()).toEqual([]);
  });
});
