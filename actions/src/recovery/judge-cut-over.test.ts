import { expect, test } from "vitest";
import { type CutOverRequest, chain, EMPTY_HEAD, type Entry, type EntryKind, keptName, TAGS } from "../domain/index.ts";
import { type CutOverFacts, whatToCarry, whyNoCutOver } from "./judge-cut-over.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const request: CutOverRequest = {
  cluster: "app-prod",
  restored: "app-new",
  reason: "The table is gone",
  requestId: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
};
const live: CutOverFacts = {
  id: "app-prod",
  status: "available",
  engine: "aurora-postgresql",
  instances: ["app-prod-1"],
  securityGroups: ["sg-2", "sg-1"],
  parameterGroup: "ours",
  iamAuthentication: true,
  kmsKey: "key-1",
  deletionProtection: true,
  tags: { team: "shop", "holdfast:managed": "true" },
};
const restored: CutOverFacts = {
  ...live,
  id: "app-new",
  instances: ["app-new-1"],
  tags: { [TAGS.managed]: "true", [TAGS.sourceCluster]: "app-prod", [TAGS.requestId]: "r" },
};
const of = (kind: EntryKind, requestId: string, data: Entry["data"] = {}) => ({
  id: `${requestId}:${kind}`,
  at: "2026-11-24T11:00:00.000Z",
  kind,
  actor: "alice",
  run: "1/1",
  reason: "A reason to do it",
  data: { requestId, cluster: "app-prod", ...data },
});
const proven = [of("restore.requested", "r"), of("restore.completed", "r", { target: "app-new" })];
const why = (changes: Partial<CutOverFacts> | null, drafts = proven, old: CutOverFacts | null = live) =>
  whyNoCutOver(request, old, changes === null ? null : { ...restored, ...changes }, chain(EMPTY_HEAD, drafts), NOW);

test("what was restored from it and proven sound may take its place", () => {
  expect(why({})).toBeNull();
});

test.each<[string, string | null, RegExp]>([
  ["the live cluster is gone", why({}, proven, null), /does not know the cluster app-prod/],
  ["the restored one is gone", why(null), /does not know the cluster app-new/],
  ["somebody else made it", why({ tags: {} }), /was not restored from app-prod/],
  ["it is of another cluster", why({ tags: { ...restored.tags, [TAGS.sourceCluster]: "other" } }), /was not restored from app-prod/],
  ["its restore never completed", why({}, proven.slice(0, 1)), /never completed/],
  ["a rewind is under way", why({}, [...proven, of("rewind.applying", "w")]), /The rewind w of app-prod is under way/],
  ["it is being modified", why({ status: "modifying" }), /app-new is modifying/],
  ["nothing serves it", why({ instances: [] }), /no instance/],
  ["it has another key", why({ kmsKey: null }), /not encrypted with the key/],
])("it may not where %s", (_what, problem, expected) => {
  expect(problem).toMatch(expected);
});

test("only what differs is carried over, and tags of ours never are", () => {
  expect(whatToCarry(live, { ...restored, securityGroups: ["sg-1", "sg-2"] })).toEqual({ tags: { team: "shop" } });
  const bare = { ...restored, securityGroups: [], parameterGroup: "default", iamAuthentication: false, deletionProtection: false };
  expect(whatToCarry(live, bare)).toEqual({
    securityGroups: ["sg-2", "sg-1"],
    parameterGroup: "ours",
    iamAuthentication: true,
    deletionProtection: true,
    tags: { team: "shop" },
  });
});

test("the old cluster's name fits, however long the cluster's is", () => {
  expect(keptName(request)).toBe("app-prod-before-3f0e1c52");
  expect(keptName({ ...request, cluster: "a".repeat(63) })).toHaveLength(63);
});
