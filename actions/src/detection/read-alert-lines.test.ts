import { expect, test } from "vitest";
import { parseConfig } from "../domain/index.ts";
import { readAlertLines } from "./read-alert-lines.ts";

const NOW = new Date("2026-11-20T12:00:00.000Z");
const CONFIG = parseConfig({
  clusters: [{ id: "app-prod", region: "eu-west-1", database: "app" }],
  apps: [{ name: "web", cluster: "app-prod" }],
});
const ALERT = {
  v: 1,
  id: "bulk-deletion-0123456789abcdef",
  transition: "opened",
  rule: "bulk-deletion",
  severity: "HIGH",
  app: "web",
  cluster: "app-prod",
  key: "web",
  openedAt: "2026-11-20T11:00:00.000Z",
  firstEventAt: "2026-11-20T11:00:00.000Z",
  lastEventAt: "2026-11-20T11:00:00.000Z",
  endedAt: null as string | null,
  count: 20,
  threshold: 20,
  within: "60s",
  source: "flask_web_1",
  line: 20,
  excerpt: ["DELETE /users/1"],
  hiddenBy: null as string | null,
};

const read = (...lines: readonly (object | string)[]) =>
  readAlertLines(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"), CONFIG, NOW);

test("opened and ended alerts are read, updates are not for the ledger, empty lines are none", () => {
  const ended = { ...ALERT, transition: "ended", endedAt: "2026-11-20T11:02:00.000Z", count: 31 };
  expect(read(ALERT, "", { ...ALERT, transition: "updated" }, ended)).toEqual({ ok: true, alerts: [ALERT, ended] });
});

test("what is not ours is nobody's, so that it concerns everyone, and what hid it elsewhere hides nothing here", () => {
  expect(read({ ...ALERT, cluster: "shop-prod", hiddenBy: "s1" })).toMatchObject({
    alerts: [{ cluster: null, app: null, hiddenBy: null }],
  });
  expect(read({ ...ALERT, app: "shop" })).toMatchObject({ alerts: [{ cluster: "app-prod", app: null }] });
});

test("a secret that the other detection left in is taken out", () => {
  expect(JSON.stringify(read({ ...ALERT, excerpt: ["login with password=hunter2-and-more"] }))).not.toContain("hunter2");
});

test.each<[string, object | string, RegExp]>([
  ["no JSON", "{", /line 2: not JSON/],
  ["no alert", { rule: "x" }, /line 2: v: /],
  ["a severity that is none", { ...ALERT, severity: "NONE" }, /severity/],
  ["an id that no detection makes", { ...ALERT, id: "bulk-deletion-1" }, /16 hexadecimal digits/],
  ["the id of another rule", { ...ALERT, rule: "bulk-user-creation" }, /16 hexadecimal digits/],
  ["a hidden character", { ...ALERT, key: "we\u202eb" }, /hidden characters/],
  ["a terminal's escape", { ...ALERT, excerpt: ["\u001b[2J"] }, /hidden characters/],
  ["a page of text", { ...ALERT, source: "x".repeat(1001) }, /more than 1000 characters/],
  ["a book of lines", { ...ALERT, excerpt: Array.from({ length: 51 }, () => "x") }, /51 lines/],
  ["a line too long to look at", `"${"x".repeat(65 * 1024)}"`, /allowed: up to 65536/],
  ["a time ahead of ours", { ...ALERT, openedAt: "2099-01-01T00:00:00.000Z" }, /a time ahead of ours, 2099/],
  ["an end without a time", { ...ALERT, transition: "ended" }, /endedAt/],
  ["a time without an end", { ...ALERT, endedAt: "2026-11-20T11:02:00.000Z" }, /endedAt/],
])("%s refuses the whole file and names the line", (_what, line, problem) => {
  const answer = read(ALERT, line);
  expect(answer).toMatchObject({ ok: false });
  expect("problem" in answer ? answer.problem : "").toMatch(problem);
});

test("more lines than anybody's detection writes are refused", () => {
  expect(read(...Array.from({ length: 10_001 }, () => "{}"))).toMatchObject({ ok: false, problem: expect.stringContaining("10001 lines") });
});
