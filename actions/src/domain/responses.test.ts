import { describe, expect, test } from "vitest";
import { parseResponse, type RespondInputs, respondInputsOf } from "./responses.ts";

const NOW = new Date("2026-11-20T12:00:00.000Z");
const LIMITS = { silence: "24h", override: "8h" };

function inputs(changes: Partial<RespondInputs>): RespondInputs {
  return {
    action: "acknowledge",
    subject: "",
    rule: "",
    app: "",
    key: "",
    severity: "",
    until: "",
    reason: "Looking into it with the team",
    request_id: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
    incident: "",
    ...changes,
  };
}

const silence = (changes: Partial<RespondInputs> = {}) =>
  inputs({ action: "silence", rule: "bulk-deletion", until: "2026-11-20T14:00:00.000Z", ...changes });

describe("a response", () => {
  test("to an alert carries its incident", () => {
    expect(parseResponse(inputs({ subject: "bulk-deletion-1" }), LIMITS, NOW)).toMatchObject({
      action: "acknowledge",
      alert: "bulk-deletion-1",
      incident: "bulk-deletion-1",
    });
  });

  test.each<RespondInputs>([
    inputs({ subject: "bulk-deletion-1", incident: "bulk-deletion-1" }),
    inputs({ action: "resolve", subject: "bulk-deletion-1", incident: "bulk-deletion-1" }),
    silence({ app: "web", severity: "LOW", key: "203.0.113.9" }),
    silence({ action: "override", incident: "INC-1" }),
    inputs({ action: "end-override", subject: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be872" }),
    inputs({ action: "approve", subject: "a1".repeat(32) }),
  ])("becomes the inputs it came from: $action", (given) => {
    const { incident, ...rest } = given;
    expect(respondInputsOf(parseResponse(given, LIMITS, NOW))).toEqual(incident === "" ? rest : given);
  });

  test.each<[string, RespondInputs, RegExp]>([
    ["an action that is none", inputs({ action: "ignore", subject: "a" }), /action/],
    ["an alert without id", inputs({}), /subject: found nothing; allowed: the id of an alert/],
    ["an approval of no digest", inputs({ action: "approve" }), /subject: found nothing; allowed: the digest of a migration/],
    ["an approval of what is no digest", inputs({ action: "approve", subject: "bulk-deletion-1" }), /64 digits in hexadecimal/],
    ["an end without subject", inputs({ action: "end-silence" }), /the id of a silence/],
    ["an alert and a matcher", inputs({ subject: "a", rule: "bulk-deletion" }), /rule: found a value; allowed: nothing/],
    ["a silence of everything", silence({ rule: "" }), /none of them; allowed: at least one/],
    ["a silence of one alert", silence({ subject: "bulk-deletion-1" }), /subject: found a value/],
    ["a silence without end", silence({ until: "" }), /until: found nothing; allowed: an end, at most 24h/],
    ["a silence that is over", silence({ until: "2026-11-20T12:00:00Z" }), /a time after now/],
    ["a silence that lasts too long", silence({ until: "2026-11-21T12:00:01Z" }), /at most 24h from now/],
    ["an override that lasts too long", silence({ action: "override", until: "2026-11-20T21:00:00Z" }), /at most 8h from now/],
    ["an end without zone", silence({ until: "2026-11-20T14:00:00" }), /a time with its zone/],
    ["no reason", silence({ reason: "later" }), /at least 10 characters/],
    ["markup", silence({ reason: "<img src=x> please" }), /without markup/],
    ["a matcher with a line break", silence({ key: "a\nb" }), /one line/],
    ["a rule that cannot be one", silence({ rule: "Bulk Deletion" }), /rule/],
  ])("is refused with what is allowed: %s", (_what, given, problem) => {
    expect(() => parseResponse(given, LIMITS, NOW)).toThrow(problem);
  });

  test("that lasts exactly as long as allowed is allowed", () => {
    expect(parseResponse(silence({ until: "2026-11-21T12:00:00Z" }), LIMITS, NOW).action).toBe("silence");
  });
});
