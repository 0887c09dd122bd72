import { expect, test } from "vitest";
import { type CleanupDraft, checkCleanup } from "./cleanup-draft.ts";

const DRAFT: CleanupDraft = {
  orphan: { resource: "cluster", id: "app-half", sourceCluster: "app-prod" },
  reason: "Nobody needs it any more",
  typed: "app-half",
  incident: "",
  requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
};

test("a complete draft becomes the inputs that are sent, with the name as it was typed", () => {
  const checked = checkCleanup({ ...DRAFT, incident: "INC-7" });
  expect(checked).toEqual({
    ok: true,
    inputs: {
      cluster: "app-prod",
      resource: "cluster",
      name: "app-half",
      confirm: "app-half",
      reason: "Nobody needs it any more",
      request_id: DRAFT.requestId,
      incident: "INC-7",
    },
  });
});

test.each<[string, Partial<CleanupDraft>, readonly string[]]>([
  ["nothing typed", { typed: "" }, ["typed"]],
  ["another name typed", { typed: "app-prod" }, ["typed"]],
  ["no reason and nothing typed", { reason: "", typed: "" }, ["reason", "typed"]],
  ["an incident that is none", { incident: "a b" }, ["incident"]],
])("%s cannot be sent, and each field says why", (_what, changes, fields) => {
  const checked = checkCleanup({ ...DRAFT, ...changes });
  expect(checked.ok ? [] : Object.keys(checked.problems).sort()).toEqual(fields);
});
