import type { Draft } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { momentsAround } from "./around-alert.ts";
import { alertEntry, sampleAlert } from "./sample-alert.ts";
import { draft, ledgerOf } from "./sample-ledger.ts";

const alert = sampleAlert();
const around = (...drafts: Draft[]) =>
  momentsAround({ alert, overSince: null }, ledgerOf(drafts).flat()).map((each) => each.mark ?? each.entry?.kind);

test("the alert's own moments stand among what the ledger wrote in the hour before and after", () => {
  expect(
    around(
      draft("promotion.completed", "2026-11-20T13:54:00.000Z"),
      draft("snapshot.creating", "2026-11-20T13:55:00.000Z"),
      alertEntry(alert),
      draft("restore.requested", "2026-11-20T14:20:00.000Z"),
    ),
  ).toEqual([
    "promotion.completed",
    "First that counted",
    "The threshold of 20 is crossed",
    "alert.opened",
    "Last so far that counted, 214 together",
    "restore.requested",
  ]);
});

test("what lies further away is left out, unless it joined the incident", () => {
  const late = draft("restore.completed", "2026-11-21T09:00:00.000Z");
  expect(around(draft("snapshot.completed", "2026-11-20T12:00:00.000Z"), late)).not.toContain("restore.completed");
  expect(around({ ...late, incident: alert.id })).toContain("restore.completed");
});

test("a storm of other alerts is one line, a few are lines of their own", () => {
  const others = (count: number) =>
    Array.from({ length: count }, (_, index) => alertEntry(sampleAlert({ id: `other-${index}`, rule: "repeated-auth-failure" })));
  expect(around(...others(3)).filter((each) => each === "alert.opened")).toHaveLength(3);
  expect(around(...others(4))).toContain("4 other alerts: Many failed sign-ins from one address");
  expect(around(...others(4))).not.toContain("alert.opened");
});
