import { describe, expect, test } from "vitest";
import { type Review, reviewDrafts, toldOf, unheardDraft, unreadDraft } from "./decisions.ts";
import { chain, type Draft, EMPTY_HEAD, type EntryKind } from "./ledger.ts";

const REQUEST = "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871";
const run = { id: 7, attempt: 1, requestId: REQUEST, incident: "INC-1", about: { work: "restore" } };
const teller = { actor: "alice", run: "7/1", at: new Date("2026-11-20T14:00:00Z") };
const review = (changes: Partial<Review> = {}): Review => ({
  decision: "approved",
  login: "bob",
  comment: "Right cluster, right second",
  environments: ["restore"],
  ...changes,
});

describe("reviews", () => {
  test("an entry says who decided, why, for which environment and of which run, and keeps the incident", () => {
    expect(reviewDrafts(run, [review()], teller)).toMatchObject([
      {
        kind: "request.approved",
        actor: "bob",
        reason: "Right cluster, right second",
        run: "7/1",
        incident: "INC-1",
        data: { requestId: REQUEST, ofRun: "7/1", work: "restore", environments: ["restore"] },
      },
    ]);
  });

  test("a later attempt, which finds the earlier one's reviews in whatever order, gives each the same id", () => {
    const first = [review(), review({ decision: "rejected", comment: "No" })];
    const later = [review({ login: "carol" }), ...first.toReversed(), review()];
    const ids = (reviews: readonly Review[], attempt: number) => reviewDrafts({ ...run, attempt }, reviews, teller).map(({ id }) => id);
    expect(ids(later, 2)).toEqual(expect.arrayContaining(ids(first, 1)));
    expect(new Set(ids(later, 2)).size).toBe(4);
  });

  test("the same words about another run are another decision", () => {
    const [one] = reviewDrafts(run, [review()], teller);
    const [other] = reviewDrafts({ ...run, id: 8 }, [review()], teller);
    expect(one?.id).not.toBe(other?.id);
  });

  test.each([
    ["", "(no comment)"],
    ["line\nbreak \u202eand more", "line\\x0abreak \\u{202e}and more"],
    ["x".repeat(501), `${"x".repeat(482)}… (501 characters)`],
  ])("the comment %j is kept as %j", (comment, kept) => {
    expect(reviewDrafts(run, [review({ comment })], teller)[0]?.reason).toBe(kept);
  });
});

describe("a run that could not tell itself", () => {
  const end = { conclusion: "failure", endedAt: "2026-11-20T13:00:00Z", url: "https://x.test/7", askedBy: "bob" };

  test("one that no machine was given made nothing; one that began may have made anything", () => {
    const lapsed = unheardDraft(run, { ...end, progress: "none" }, teller);
    expect(lapsed).toMatchObject({ kind: "request.lapsed", actor: "bob", data: { next: expect.stringContaining("Nothing was made") } });
    const lost = unheardDraft(run, { ...end, progress: "within" }, teller);
    expect(lost).toMatchObject({ kind: "request.lost", data: { problem: expect.stringContaining("unknown") } });
  });

  test("one that ended between two jobs left what the first one did, and nothing half done", () => {
    const between = unheardDraft(run, { ...end, progress: "between" }, teller);
    expect(between).toMatchObject({ kind: "request.lapsed", data: { problem: expect.stringContaining("what had begun ended well") } });
  });

  test("who asked is not made up", () => {
    expect(unheardDraft(run, { ...end, progress: "none", askedBy: null }, teller)).toMatchObject({
      actor: "alice",
      reason: expect.stringContaining("does not say who asked"),
    });
  });

  test("every draft can stand in a ledger", () => {
    const drafts = [
      ...reviewDrafts(run, [review(), review({ decision: "rejected" })], teller),
      unheardDraft(run, { ...end, progress: "within" }, teller),
      unreadDraft(run, "GitHub said 403", teller),
    ];
    expect(chain(EMPTY_HEAD, drafts)).toHaveLength(4);
  });
});

describe("what the ledger has of a run", () => {
  const entry = (kind: EntryKind, more: Partial<Draft> = {}): Draft => ({
    id: `${REQUEST}:${kind}`,
    at: "2026-11-20T13:00:00.000Z",
    kind,
    actor: "alice",
    run: "7/1",
    reason: "",
    data: { requestId: REQUEST },
    ...more,
  });
  const told = (...drafts: readonly Draft[]) => toldOf(run, chain(EMPTY_HEAD, drafts));

  test.each<[string, readonly Draft[], ReturnType<typeof toldOf>]>([
    ["nothing", [], "nothing"],
    ["nothing of this attempt", [entry("cut-over.failed", { run: "7/2" })], "nothing"],
    ["a step before people were asked again", [entry("cut-over.requested"), entry("cut-over.carried")], "steps"],
    ["who let it begin", [entry("request.approved", { run: "9/1", data: { requestId: REQUEST, ofRun: "7/1" } })], "steps"],
    ["the end of a left-over's removal alone", [entry("rewind.planned"), entry("cleanup.completed", { id: "other:completed" })], "steps"],
    ["its failure", [entry("cut-over.requested"), entry("cut-over.failed")], "ending"],
    ["its rejection, by a later run", [entry("request.rejected", { run: "9/1", data: { ofRun: "7/1" } })], "ending"],
  ])("%s", (_what, drafts, expected) => {
    expect(told(...drafts)).toBe(expected);
  });
});
