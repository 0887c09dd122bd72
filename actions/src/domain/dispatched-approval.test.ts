import { describe, expect, test } from "vitest";
import { type Approvable, approvedBy, type RunFacts } from "./dispatched-approval.ts";

const digest = "a1".repeat(32);
const request = "3f0e1c52-6d0b-4b7e-9d53-0f2a4c1be871";
const asked: Approvable = { digest, commit: "c0ffee", now: new Date("2026-11-25T12:00:00Z"), validForMs: 86_400_000 };
const run: RunFacts = {
  event: "workflow_dispatch",
  path: ".github/workflows/respond.yml",
  branch: "production",
  commit: "c0ffee",
  attempt: 1,
  status: "completed",
  conclusion: "success",
  title: `respond approve ${digest} (request ${request}): I have read what the rehearsal did`,
  createdAt: "2026-11-25T11:00:00Z",
  actor: "bob",
  triggeringActor: "bob",
  actorType: "User",
};

test("a successful first attempt of the promoted workflow, by a person, for this very digest, is that person's approval", () => {
  expect(approvedBy(run, asked)).toBe("bob");
  expect(approvedBy({ ...run, path: ".github/workflows/respond.yml@refs/heads/production" }, asked)).toBe("bob");
});

describe("it is no approval", () => {
  test.each<[string, Partial<RunFacts>]>([
    ["started by a push", { event: "push" }],
    ["of another workflow", { path: ".github/workflows/respond.yml.yml" }],
    ["of a workflow elsewhere", { path: "other/.github/workflows/respond.yml" }],
    ["of another branch, whose workflow may write any title", { branch: "mine" }],
    ["of other promoted code", { commit: "decade" }],
    ["of a second attempt", { attempt: 2 }],
    ["not over yet", { status: "in_progress", conclusion: null }],
    ["refused by the worker", { conclusion: "failure" }],
    ["of another digest", { title: run.title.replaceAll("a1", "b2") }],
    ["of another answer", { title: run.title.replace("approve", "acknowledge") }],
    [
      "that names the digest in its reason",
      { title: `respond resolve x (request ${request}): respond approve ${digest} (request ${request}): x` },
    ],
    ["that carries the digest in another place", { title: `respond approve x ${digest} (request ${request}): because` }],
    ["without a reason", { title: `respond approve ${digest} (request ${request}): ` }],
    ["that holds no longer", { createdAt: "2026-11-24T12:00:00Z" }],
    ["of the future", { createdAt: "2026-11-25T12:00:01Z" }],
    ["of no known time", { createdAt: "" }],
    ["started again by somebody else", { triggeringActor: "alice" }],
    ["of nobody", { actor: null, triggeringActor: null }],
    ["of a bot", { actorType: "Bot" }],
  ])("%s", (_what, change) => {
    expect(approvedBy({ ...run, ...change }, asked)).toBeNull();
  });
});
