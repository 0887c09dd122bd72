import { expect, test } from "vitest";
import { recoveryMoment } from "./recovery-moment.ts";
import { draft, ledgerOf, REQUEST } from "./sample-ledger.ts";

const restoreOf = (point: { readonly time: string } | { readonly snapshot: string }) =>
  ledgerOf([draft("restore.requested", "2026-11-20T14:00:10.000Z", { data: { target: "app-new", point } })]).flat();
const snapshots = [
  {
    id: "snap-1",
    cluster: "app-prod",
    status: "available",
    takenAt: "2026-11-20T03:17:00.000Z",
    trigger: null,
    appVersion: null,
    requestId: null,
    managed: true,
    automated: false,
    held: false,
    letGo: false,
  },
];

test("a restore to a second holds up to that second", () => {
  const moment = recoveryMoment(REQUEST, restoreOf({ time: "2026-11-20T13:59:00.000Z" }), { snapshots });
  expect(moment?.at).toEqual(new Date("2026-11-20T13:59:00Z"));
});

test("a restore of a snapshot holds up to when that was taken, as long as that is known", () => {
  expect(recoveryMoment(REQUEST, restoreOf({ snapshot: "snap-1" }), { snapshots })?.at).toEqual(new Date("2026-11-20T03:17:00Z"));
  expect(recoveryMoment(REQUEST, restoreOf({ snapshot: "snap-2" }), { snapshots })).toEqual({ point: { snapshot: "snap-2" }, at: null });
});

test("another request's point is not taken for it", () => {
  const other = "00000000-0000-4000-8000-000000000000";
  expect(recoveryMoment(other, restoreOf({ time: "2026-11-20T13:59:00.000Z" }), { snapshots })).toBeNull();
});
