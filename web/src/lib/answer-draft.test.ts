import { expect, test } from "vitest";
import { checkAnswer } from "./answer-draft.ts";
import { REQUEST } from "./sample-ledger.ts";

const NOW = new Date("2026-11-20T14:00:00Z");
const LIMITS = { silence: "24h", override: "8h" };
const check = (draft: Partial<Parameters<typeof checkAnswer>[0]>) =>
  checkAnswer({ action: "acknowledge", reason: "I am looking into it", request_id: REQUEST, ...draft }, LIMITS, NOW);

test("what is reviewed and what is sent say the same", () => {
  const checked = check({ action: "silence", rule: "bulk-deletion", app: "web", until: "2026-11-20T15:00:00Z" });
  expect(checked).toMatchObject({
    ok: true,
    response: { matcher: { rule: "bulk-deletion", app: "web" }, until: new Date("2026-11-20T15:00:00Z") },
    inputs: { rule: "bulk-deletion", app: "web", key: "", until: "2026-11-20T15:00:00.000Z", request_id: REQUEST },
  });
});

test("a silence of everything, a missing end and a short reason each say what lacks", () => {
  const checked = check({ action: "silence", reason: "short" });
  expect(checked).toMatchObject({ ok: false, problems: { reason: expect.stringContaining("at least 10") } });
  expect(check({ action: "silence" })).toMatchObject({
    ok: false,
    problems: { matcher: expect.stringContaining("at least one"), until: expect.stringContaining("24h") },
  });
});

test("an override lasts no longer than the configuration allows", () => {
  expect(check({ action: "override", rule: "bulk-deletion", until: "2026-11-20T23:00:00Z" })).toMatchObject({
    ok: false,
    problems: { until: expect.stringContaining("8h") },
  });
});
