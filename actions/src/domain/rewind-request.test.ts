import { expect, test } from "vitest";
import { InvalidInput } from "./problem.ts";
import { parseRewindRequest, type RewindInputs, rewindInputsOf } from "./rewind-request.ts";

const NOW = new Date("2026-11-20T15:00:00Z");
const inputs: RewindInputs = {
  cluster: "app-prod",
  mode: "apply",
  tables: "users, public.orders",
  from: "2026-11-20T14:02:41+00:00",
  to: "2026-11-20T14:02:43Z",
  hints: '{"skew":"5s","columns":{"users":["password_hash"]},"deletions":"damage"}',
  answers: '{"4f1c":"bring-back"}',
  digest: "",
  reason: "All passwords were reset by mistake",
  request_id: "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871",
  incident: "INC-7",
};

function refusedPaths(changed: Partial<RewindInputs>): readonly string[] {
  try {
    parseRewindRequest({ ...inputs, ...changed }, NOW);
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map((problem) => problem.path);
    throw error;
  }
  return [];
}

test("a request becomes inputs and the same request again", () => {
  const request = parseRewindRequest(inputs, NOW);
  expect(request).toMatchObject({ tables: ["users", "public.orders"], digest: null, answers: { "4f1c": "bring-back" }, incident: "INC-7" });
  expect(parseRewindRequest(rewindInputsOf(request), NOW)).toEqual(request);
});

test("hints and answers may be left out", () => {
  const { hints, answers } = parseRewindRequest({ ...inputs, hints: "", answers: "" }, NOW);
  expect(hints).toEqual({ skew: "90s", step: "1s", columns: {}, transactions: [], deletions: null, fire: [] });
  expect(answers).toEqual({});
});

test.each<[string, Partial<RewindInputs>, string]>([
  ["no table", { tables: " , " }, ""],
  ["a table's name that is none", { tables: "users; drop table users" }, "[0]"],
  ["a time without a zone", { from: "2026-11-20T14:02:41" }, "from"],
  ["an interval that ends before it begins", { from: "2026-11-20T14:03:00Z" }, "from, to"],
  ["damage that is yet to come", { from: "2026-11-20T16:00:00Z", to: "2026-11-20T16:00:01Z" }, "from"],
  ["hints that are no JSON", { hints: "password_hash" }, "hints"],
  ["an unknown hint", { hints: '{"predicate":"true"}' }, "predicate"],
  ["columns of a table that is not asked for", { hints: '{"columns":{"carts":["id"]}}' }, "hints.columns"],
  ["a clock that is hours off", { hints: '{"skew":"3h"}' }, "hints.skew"],
  ["an answer that is none", { answers: '{"4f1c":"perhaps"}' }, "4f1c"],
  ["a digest that is none", { digest: "abc" }, "digest"],
])("%s is refused and its place named", (_what, changed, path) => {
  expect(refusedPaths(changed)).toEqual([path]);
});
