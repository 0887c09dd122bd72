import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Alert, parseConfig } from "../domain/index.ts";
import { openTeller } from "./tell-people.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-teller-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ALERT: Alert = {
  v: 1,
  id: "bulk-user-creation-0123456789abcdef",
  transition: "opened",
  rule: "bulk-user-creation",
  severity: "MEDIUM",
  app: "web",
  cluster: "app-prod",
  key: "*",
  openedAt: "2026-11-20T11:00:09.000Z",
  firstEventAt: "2026-11-20T11:00:00.000Z",
  lastEventAt: "2026-11-20T11:00:09.000Z",
  endedAt: null,
  count: 20,
  threshold: 20,
  within: "60s",
  source: "web",
  line: 20,
  excerpt: [],
  hiddenBy: null,
};

test("an alert that no route matches is said once, and counted", async () => {
  const { notify: routes } = parseConfig({
    clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }],
    apps: [{ name: "web", cluster: "app-prod" }],
    notify: [{ match: { severity: "HIGH" }, slack: { secret: "SLACK_WEBHOOK_URL" } }],
  });
  const said: string[] = [];
  const nobody = { send: () => Promise.reject(new Error("nothing is to be sent")) };
  const teller = await openTeller({
    folder,
    routes,
    channels: { of: () => nobody, fallbackOf: () => null },
    suppressions: () => [],
    keyOf: ({ key }) => key,
    head: () => null,
    now: () => Date.parse(ALERT.openedAt),
    say: (text) => said.push(text),
  });
  await teller.take([ALERT]);
  // As after a crash between the telling and the keeping of how far it came.
  await teller.take([ALERT, { ...ALERT, transition: "updated", count: 21 }, { ...ALERT, transition: "ended", endedAt: ALERT.lastEventAt }]);
  expect(said).toEqual(["nobody is told of 1 alerts, which match no route under notify: MEDIUM bulk-user-creation-0123456789abcdef"]);
  expect([teller.unrouted, teller.waiting]).toEqual([1, 0]);
});
