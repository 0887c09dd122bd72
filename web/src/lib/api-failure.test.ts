import { describe, expect, test } from "vitest";
import { ApiFailure, failureDetails } from "./api-failure.ts";

const failure = (status: number | null, retryAt: Date | null = null) =>
  new ApiFailure({ status, endpoint: "GET /user", message: "as GitHub says", retryAt });

describe("what an answer means", () => {
  test.each([
    [null, "offline"],
    [401, "token"],
    [403, "permission"],
    [404, "missing"],
    [409, "conflict"],
    [422, "conflict"],
    [429, "limit"],
    [503, "server"],
    [418, "unexpected"],
  ])("%s is %s, with something to do", (status, kind) => {
    expect(failure(status).kind).toBe(kind);
    expect(failure(status).next).not.toBe("");
  });

  test("403 with a time to wait is a limit, not a missing permission", () => {
    const limited = failure(403, new Date("2026-11-20T14:09:10Z"));
    expect(limited.kind).toBe("limit");
    expect(limited.meaning).toContain("14:09:10 UTC");
  });
});

test("details name endpoint, status and message", () => {
  expect(failureDetails(failure(401))).toBe("GET /user\nstatus 401\nas GitHub says");
});
