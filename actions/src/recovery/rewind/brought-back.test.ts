import { expect, test } from "vitest";
import type { Entry } from "../../domain/index.ts";
import { deletionsSaid } from "./brought-back.ts";

const damage = { first: "2026-11-24T14:02:41.100000Z", last: "2026-11-24T14:02:43.000000Z" };

function entry(requestId: string, step: "planned" | "applying", data: Entry["data"] = {}): Entry {
  return {
    v: 1,
    seq: 1,
    id: `${requestId}:${step}`,
    at: "2026-11-24T15:00:00.000Z",
    kind: `rewind.${step}`,
    actor: "alice",
    run: "1/1",
    reason: "Bring them back",
    data: { requestId, cluster: "app-prod", ...data },
    prev: "",
    hash: "",
  };
}

const planned = (first: string, last = first) => entry("earlier", "planned", { first, last });
const asked = { cluster: "app-prod", requestId: "now", damage, hints: { deletions: "damage" } } as const;

test("a rewind of the same damage whose transaction began may have brought rows back", () => {
  const began = entry("earlier", "applying");
  expect(deletionsSaid([planned(damage.first), began], asked)).toBeNull();
  expect(deletionsSaid([planned("2026-11-24T14:00:00.000000Z", damage.first), began], asked)).toBeNull();
  expect(deletionsSaid([began], asked)).toBeNull();
});

test("one that only planned, one of other damage, of another cluster, and an attempt of this very request did not", () => {
  const began = entry("earlier", "applying");
  expect(deletionsSaid([planned(damage.first)], asked)).toBe("damage");
  expect(deletionsSaid([planned("2026-11-24T14:02:43.000001Z"), began], asked)).toBe("damage");
  expect(deletionsSaid([planned(damage.first), began], { ...asked, cluster: "other" })).toBe("damage");
  expect(deletionsSaid([planned(damage.first), began], { ...asked, requestId: "earlier" })).toBe("damage");
});

test("rows that were deleted rightly stay away, and what nobody said is asked about, whatever was brought back before", () => {
  const entries = [planned(damage.first), entry("earlier", "applying")];
  expect(deletionsSaid(entries, { ...asked, hints: { deletions: "good" } })).toBe("good");
  expect(deletionsSaid(entries, { ...asked, hints: { deletions: null } })).toBeNull();
});
