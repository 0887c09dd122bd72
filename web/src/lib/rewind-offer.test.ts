import type { Draft } from "@holdfast/actions/domain";
import { expect, test } from "vitest";
import { rewindOffer } from "./rewind-offer.ts";
import { draft, ledgerOf, REQUEST } from "./sample-ledger.ts";

const OTHER = "00000000-0000-4000-8000-000000000000";

function planned(
  asked: number,
  at: string,
  more: { readonly id?: string; readonly incident?: string; readonly refused?: string } = {},
): Draft {
  const plan = {
    ...{ digest: "d", toldBy: "transactions", first: at, last: at, before: at, after: at, changed: 4_812, returned: 0, answered: 0 },
    ...{ tables: [], questions: [], setAside: [], notes: [] },
    refusals: more.refused === undefined ? [] : [{ table: more.refused, kind: "no-primary-key", reason: "It has no primary key" }],
  };
  return { ...draft("rewind.planned", at, { id: more.id ?? REQUEST, data: { asked, ...plan } }), incident: more.incident ?? "INC-7" };
}
const first = planned(9, "2026-11-20T14:00:00.000Z", { id: OTHER });
const second = planned(3, "2026-11-20T15:00:00.000Z", { refused: "public.logs" });
const offerOf = (incident: string, ...drafts: readonly Draft[]) => rewindOffer(incident, ledgerOf(drafts).flat());

test("the newest plan of the incident says how many rows it asks about, and about what it can do nothing", () => {
  expect(offerOf("INC-7", first, second)).toEqual({
    requestId: REQUEST,
    at: new Date("2026-11-20T15:00:00Z"),
    asked: 3,
    refused: ["public.logs"],
    completed: false,
  });
});

test("a plan that was applied has brought its rows back", () => {
  expect(offerOf("INC-7", second, draft("rewind.completed", "2026-11-20T15:10:00.000Z"))?.completed).toBe(true);
  expect(offerOf("INC-7", second, draft("rewind.completed", "2026-11-20T15:10:00.000Z", { id: OTHER }))?.completed).toBe(false);
});

test.each([
  ["another incident's plan", "INC-8", [first]],
  ["any plan, where no incident is named", "", [{ ...first, incident: "" }]],
  ["a plan that another version wrote", "INC-7", [{ ...first, data: { requestId: OTHER, asked: "many" } }]],
] as const)("%s is not offered", (_what, incident, drafts) => {
  expect(offerOf(incident, ...drafts)).toBeNull();
});
