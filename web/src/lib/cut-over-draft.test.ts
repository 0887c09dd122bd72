import { CUT_OVER_BEFORE } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { type CutOverDraft, checkCutOver } from "./cut-over-draft.ts";
import { REQUEST } from "./sample-ledger.ts";

const complete: CutOverDraft = {
  cluster: "app-prod",
  restored: "app-new",
  done: new Set(CUT_OVER_BEFORE),
  reason: "The orders table is gone",
  typed: "app-prod",
  incident: "INC-7",
  requestId: REQUEST,
};

test("what is reviewed is what is sent, with the name as it was typed", () => {
  expect(checkCutOver(complete)).toEqual({
    ok: true,
    request: { cluster: "app-prod", restored: "app-new", reason: "The orders table is gone", requestId: REQUEST, incident: "INC-7" },
    inputs: {
      cluster: "app-prod",
      restored: "app-new",
      confirm: "app-prod",
      reason: "The orders table is gone",
      request_id: REQUEST,
      incident: "INC-7",
    },
  });
});

test("without an incident none is sent", () => {
  const checked = checkCutOver({ ...complete, incident: "" });
  expect(checked.ok && Object.keys(checked.inputs)).not.toContain("incident");
});

test("everything that lacks is said at once", () => {
  const checked = checkCutOver({
    ...complete,
    done: new Set([CUT_OVER_BEFORE[0]]),
    reason: "short",
    typed: "app-new",
    incident: "no such!",
  });
  expect(checked).toMatchObject({
    ok: false,
    problems: {
      before: "3 of 4 are not ticked.",
      typed: "This is not app-prod.",
      reason: expect.stringContaining("at least 10 characters"),
      incident: expect.stringContaining("id of an incident"),
    },
  });
});

test.each([
  ["something ticked that is not on the list", { done: new Set(["all of it"]) }, "before"],
  ["no name typed", { typed: "" }, "typed"],
  ["the live cluster as the restored one", { restored: "app-prod" }, "restored"],
] as const)("%s is not sent", (_what, change, field) => {
  const checked = checkCutOver({ ...complete, ...change });
  expect(checked.ok ? [] : Object.keys(checked.problems)).toEqual([field]);
});
