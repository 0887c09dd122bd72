import { parseMigrateRequest } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { checkInputs } from "./checked-draft.ts";
import { REQUEST } from "./sample-ledger.ts";

const DRAFT = { cluster: "app-prod", reason: "Orders are listed too slowly", request_id: REQUEST, incident: "" };

test("what is accepted is what is sent", () => {
  expect(checkInputs(() => DRAFT)).toEqual({ ok: true, inputs: DRAFT });
});

test("everything that is refused stands at its own field, with what is allowed", () => {
  expect(checkInputs(() => parseMigrateRequest({ ...DRAFT, reason: "short", incident: "no such!" }))).toEqual({
    ok: false,
    problems: {
      reason: "Allowed: a reason of at least 10 characters.",
      incident: expect.stringMatching(/^Allowed: the id of an incident/),
    },
  });
});

test("a defect is no problem of the form: it is thrown on", () => {
  const defect = new TypeError("not a function");
  expect(() =>
    checkInputs(() => {
      throw defect;
    }),
  ).toThrow(defect);
});
