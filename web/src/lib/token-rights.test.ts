import { expect, test } from "vitest";
import { ApiFailure } from "./api-failure.ts";
import type { GitHub } from "./github.ts";
import { canRead, checkToken, holds, isComplete } from "./token-rights.ts";

const answer = (status: number) => new ApiFailure({ status, endpoint: "GET x", message: "as GitHub says", retryAt: null });

type Asked = Pick<GitHub, "user" | "repository" | "branchHead" | "workflows" | "dispatch">;

function github(answers: Partial<Asked>, refs: string[] = []): GitHub {
  const unexpected = () => Promise.reject(new Error("not asked for here"));
  return {
    user: async () => ({ login: "alice", scopes: null }),
    repository: async () => ({ private: true, push: true }),
    branchHead: async () => "c0ffee",
    workflows: async () => [".github/workflows/snapshot.yml"],
    dispatch: (_, ref) => {
      refs.push(ref);
      return Promise.reject(answer(422));
    },
    tree: unexpected,
    blob: unexpected,
    file: unexpected,
    runs: unexpected,
    jobs: unexpected,
    environment: unexpected,
    pendingReviews: unexpected,
    reviews: unexpected,
    decide: unexpected,
    ...answers,
  };
}

test("a full token holds every right, and asking starts nothing", async () => {
  const refs: string[] = [];
  const check = await checkToken(github({}, refs), "nonce");
  expect(check.rights.map((each) => each.held)).toEqual(["yes", "yes", "yes", "yes", "unknown"]);
  expect(isComplete(check)).toBe(true);
  expect(refs).toEqual(["holdfast-probe-nonce"]);
});

test("what a reviewer needs is never said to be held: nothing that changes nothing tells", async () => {
  const check = await checkToken(github({}), "nonce");
  expect(check.rights.find((each) => each.id === "decide")).toMatchObject({ held: "unknown", note: expect.stringContaining("not tried") });
});

test("403 means no", async () => {
  const check = await checkToken(
    github({ branchHead: () => Promise.reject(answer(403)), dispatch: () => Promise.reject(answer(403)) }),
    "n",
  );
  expect(canRead(check)).toBe(false);
  expect(holds(check, "dispatch")).toBe(false);
  expect(isComplete(check)).toBe(false);
  expect(holds(check, "runs")).toBe(true);
});

test("a workflow that is not there yet leaves the right unknown, never held", async () => {
  const check = await checkToken(github({ dispatch: () => Promise.reject(answer(404)) }), "n");
  expect(check.rights.find((each) => each.id === "dispatch")).toMatchObject({
    held: "unknown",
    note: expect.stringContaining("snapshot.yml"),
  });
});

test("a person without the role is told that it is the role", async () => {
  const check = await checkToken(
    github({ repository: async () => ({ private: true, push: false }), dispatch: () => Promise.reject(answer(403)) }),
    "n",
  );
  expect(check.rights.find((each) => each.id === "dispatch")?.note).toContain("role");
});

test("a ledger that is not there yet does not cost the right to read", async () => {
  expect(canRead(await checkToken(github({ branchHead: async () => null }), "n"))).toBe(true);
});

test("a classic token is told apart", async () => {
  expect((await checkToken(github({ user: async () => ({ login: "alice", scopes: "repo" }) }), "n")).wideScopes).toBe("repo");
});

test("a token that is no token fails as such", async () => {
  await expect(checkToken(github({ user: () => Promise.reject(answer(401)) }), "n")).rejects.toMatchObject({ kind: "token" });
});
