import { expect, test } from "vitest";
import { whyNotTakeOver } from "./cut-over-grounds.ts";
import { chain, type Draft, EMPTY_HEAD, type EntryKind } from "./ledger.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const REQUEST = { cluster: "app-prod", requestId: "swap" };
const RESTORED = { id: "app-new", status: "available", instances: 1, requestId: "made" };

const of = (kind: EntryKind, requestId: string, data: Draft["data"] = {}): Draft => ({
  id: `${requestId}:${kind}`,
  at: "2026-11-24T11:00:00.000Z",
  kind,
  actor: "alice",
  run: "1/1",
  reason: "A reason to do it",
  data: { requestId, cluster: "app-prod", ...data },
});
const PROVEN = [of("restore.requested", "made"), of("restore.completed", "made", { target: "app-new" })];
const why = (restored: Partial<typeof RESTORED>, entries: readonly Draft[] = PROVEN) =>
  whyNotTakeOver(REQUEST, { ...RESTORED, ...restored }, chain(EMPTY_HEAD, entries), NOW);

test("what was restored, proven sound and serves may take the place", () => {
  expect(why({})).toBeNull();
});

test("the request itself, once it has begun, is nothing against it: its run may be tried again", () => {
  expect(why({}, [...PROVEN, of("cut-over.requested", "swap", { restored: "app-new" })])).toBeNull();
});

test("work on another cluster is nothing against it", () => {
  expect(why({}, [...PROVEN, of("rewind.applying", "elsewhere", { cluster: "other" })])).toBeNull();
});

test.each<[string, string | null, string]>([
  ["its restore is unknown", why({}, []), "The restore that made app-new never completed: it was not proven sound."],
  ["its restore never completed", why({}, PROVEN.slice(0, 1)), "The restore that made app-new never completed: it was not proven sound."],
  ["another restore had its name", why({ requestId: "later" }), "The restore that made app-new never completed: it was not proven sound."],
  [
    "the restore was proven under another name",
    why({ id: "app-newer" }),
    "The restore that made app-newer never completed: it was not proven sound.",
  ],
  ["a rewind is under way", why({}, [...PROVEN, of("rewind.applying", "w")]), "The rewind w of app-prod is under way."],
  ["another cut-over is under way", why({}, [...PROVEN, of("cut-over.requested", "o")]), "The cut-over o of app-prod is under way."],
  ["it is being changed", why({ status: "modifying" }), "app-new is modifying, not available."],
  ["nothing serves it", why({ instances: 0 }), "app-new has no instance that could serve."],
])("it may not where %s", (_what, problem, expected) => {
  expect(problem).toBe(expected);
});
